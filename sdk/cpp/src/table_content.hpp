// What is recorded of a stored table. For the libraries with Arrow.
#pragma once

#include <headrace/metadata.hpp>
#include <tables/table_file.hpp>

namespace headrace {
inline namespace sdk {

/// `rows` and `schema`.
inline Metadata metadata_of(const tables::Content& content) {
  std::vector<MetadataValue::Column> columns;
  for (const auto& column : content.columns)
    columns.push_back({.name = column.name, .type = column.type, .description = "", .nullable = column.nullable});
  return {{"rows", content.rows}, {"schema", MetadataValue::table_schema(columns)}};
}

/// As `stored.schema`.
inline json schema_of(const tables::Content& content) {
  json schema = json::array();
  for (const auto& column : content.columns)
    schema.push_back({{"name", column.name}, {"type", column.type}, {"nullable", column.nullable}});
  return schema;
}

/// The columns as a materialization says them, where it is of this format.
inline std::vector<tables::Column> known_columns(tables::Format format, const json& materialization) {
  std::vector<tables::Column> columns;
  const auto stored = materialization.is_object() ? materialization.value("stored", json(nullptr)) : json(nullptr);
  if (!stored.is_object() || stored.value("format", "") != tables::name_of(format) || !stored.value("schema", json()).is_array())
    return columns;
  for (const auto& column : stored.at("schema"))
    columns.push_back({column.value("name", ""), column.value("type", ""), column.value("nullable", true)});
  return columns;
}

}  // namespace sdk
}  // namespace headrace
