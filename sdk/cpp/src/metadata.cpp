#include <headrace/metadata.hpp>

#include <cmath>

namespace headrace {
inline namespace sdk {

MetadataValue::MetadataValue(double value) : type_("float"), value_(value) {
  if (std::isnan(value)) value_ = "NaN";
  if (std::isinf(value)) value_ = value > 0 ? "Infinity" : "-Infinity";
}

MetadataValue MetadataValue::table(std::vector<sdk::json> records) {
  return {"table", {{"records", std::move(records)}, {"schema", nullptr}}};
}

MetadataValue MetadataValue::table_schema(const std::vector<Column>& columns) {
  auto list = sdk::json::array();
  for (const auto& column : columns) {
    list.push_back({{"name", column.name},
                    {"type", column.type},
                    {"description", column.description.empty() ? sdk::json(nullptr) : sdk::json(column.description)},
                    {"tags", sdk::json::object()},
                    {"constraints", {{"nullable", column.nullable}, {"unique", false}, {"other", sdk::json::array()}}}});
  }
  return {"table_schema", {{"columns", std::move(list)}, {"constraints", {{"other", sdk::json::array()}}}}};
}

json to_json(const Metadata& metadata) {
  json object = json::object();
  for (const auto& [label, value] : metadata) object[label] = {{"type", value.type()}, {"value", value.value()}};
  return object;
}

}  // namespace sdk
}  // namespace headrace
