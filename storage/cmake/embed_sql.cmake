# cmake -D OUT=file.cpp -D "FILES=a.sql;b.sql" -P embed_sql.cmake
# Writes one C++ string constant for each SQL file: 0001_event_log.sql becomes headrace::storage::sql::k_0001_event_log.
set(text "// Made from the SQL files by embed_sql.cmake.\nnamespace headrace::storage::sql {\n")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} sql)
  string(APPEND text "extern const char* const k_${name};\nconst char* const k_${name} = R\"sql(${sql})sql\";\n")
endforeach()
string(APPEND text "}\n")
file(WRITE ${OUT} "${text}")
