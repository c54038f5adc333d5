# The target headrace_page: every file of ui/dist inside the daemon's binary, with its gzip and brotli forms, put there by the
# assembler's .incbin (no megabytes of C++ to compile). It implements <http/static_files.hpp>. Without ui/dist it holds one plain
# page that says how to build the real one.
find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter)
find_program(HEADRACE_BROTLI brotli)

set(page_sources "${CMAKE_SOURCE_DIR}/ui/dist")
set(page_out "${CMAKE_BINARY_DIR}/page")
file(GLOB_RECURSE page_files CONFIGURE_DEPENDS "${page_sources}/*")
add_custom_command(
  OUTPUT "${page_out}/page.cpp" "${page_out}/page.S"
  COMMAND Python3::Interpreter "${CMAKE_SOURCE_DIR}/tools/embed_files.py" --from "${page_sources}" --out "${page_out}"
          "--brotli=$<$<BOOL:${HEADRACE_BROTLI}>:${HEADRACE_BROTLI}>"
  DEPENDS ${page_files} "${CMAKE_SOURCE_DIR}/tools/embed_files.py"
  COMMENT "Embedding the page"
  VERBATIM)
add_library(headrace_page STATIC EXCLUDE_FROM_ALL "${page_out}/page.cpp" "${page_out}/page.S")
target_include_directories(headrace_page PRIVATE "${CMAKE_SOURCE_DIR}/server/http/include")
set_source_files_properties("${page_out}/page.S" PROPERTIES OBJECT_DEPENDS "${page_out}/page.cpp")
