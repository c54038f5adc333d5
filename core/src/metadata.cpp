#include <core/metadata.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "text.hpp"

namespace headrace {
namespace {

using Check = bool (*)(const nlohmann::json& value);

bool is_any(const nlohmann::json&) { return true; }
bool is_text(const nlohmann::json& value) { return value.is_string(); }
bool is_boolean(const nlohmann::json& value) { return value.is_boolean(); }
bool is_number(const nlohmann::json& value) { return value.is_number(); }
bool is_null(const nlohmann::json& value) { return value.is_null(); }

bool is_digits(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_integer(const nlohmann::json& value) {
  return value.is_number_integer() || (value.is_string() && is_digits(value.get_ref<const std::string&>()));
}

bool is_float(const nlohmann::json& value) {
  return value.is_number() || value == "NaN" || value == "Infinity" || value == "-Infinity";
}

bool is_asset_key(const nlohmann::json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const auto& part) { return part.is_string(); });
}

bool has(const nlohmann::json& value, const char* field, Check check) {
  if (!value.is_object()) return false;
  const auto found = value.find(field);
  return found != value.end() && check(*found);
}

bool is_list_of_objects(const nlohmann::json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const auto& item) { return item.is_object(); });
}

bool is_job(const nlohmann::json& value) { return has(value, "job_name", is_text); }
bool is_table(const nlohmann::json& value) { return has(value, "records", is_list_of_objects); }
bool is_table_schema(const nlohmann::json& value) {
  return has(value, "columns", [](const nlohmann::json& columns) {
    return is_list_of_objects(columns) &&
           std::all_of(columns.begin(), columns.end(), [](const auto& column) { return has(column, "name", is_text); });
  });
}
bool is_column_lineage(const nlohmann::json& value) {
  return has(value, "deps_by_column", [](const nlohmann::json& deps) { return deps.is_object(); });
}

struct Type {
  std::string_view name;
  Check check;
  std::string_view expected;
};

// Section 5 of core/protocol/README.md, type by type.
constexpr std::array<Type, 20> k_types{{
    {"text", is_text, "a string"},
    {"url", is_text, "a string"},
    {"path", is_text, "a string"},
    {"notebook", is_text, "a string"},
    {"md", is_text, "a string"},
    {"python_artifact", is_text, "a string"},
    {"pool", is_text, "a string"},
    {"json", is_any, "anything"},
    {"int", is_integer, "an integer or a string of digits"},
    {"float", is_float, "a number or one of \"NaN\", \"Infinity\", \"-Infinity\""},
    {"bool", is_boolean, "true or false"},
    {"timestamp", is_number, "a number (seconds UTC)"},
    {"null", is_null, "null"},
    {"asset", is_asset_key, "an asset key (a list of strings)"},
    {"dagster_run", is_text, "a string"},
    {"job", is_job, "an object with \"job_name\""},
    {"table", is_table, "an object with \"records\", a list of objects"},
    {"table_schema", is_table_schema, "an object with \"columns\", each with a \"name\""},
    {"column_lineage", is_column_lineage, "an object with \"deps_by_column\""},
    {"code_references", is_any, "anything"},
}};

const Type* find_type(std::string_view name) {
  const auto found = std::find_if(k_types.begin(), k_types.end(), [&](const Type& type) { return type.name == name; });
  return found == k_types.end() ? nullptr : &*found;
}

Result<void> check_value(const std::string& label, const nlohmann::json& entry) {
  const std::string place = "metadata " + text::quote(label);
  if (!entry.is_object() || !has(entry, "type", is_text)) {
    return fail(ErrorCode::invalid, place + " must be an object with \"type\" and \"value\"");
  }
  const auto& name = entry.at("type").get_ref<const std::string&>();
  const Type* type = find_type(name);
  if (type == nullptr) return fail(ErrorCode::invalid, place + " has the unknown type " + text::quote(name));
  const auto value = entry.find("value");
  if (!type->check(value == entry.end() ? nlohmann::json(nullptr) : *value)) {
    return fail(ErrorCode::invalid, place + " of type " + name + " must have as its value " + std::string(type->expected));
  }
  return {};
}

}  // namespace

Result<void> check_metadata(const nlohmann::json& metadata) {
  if (metadata.is_null()) return {};
  if (!metadata.is_object()) return fail(ErrorCode::invalid, "metadata must be an object from label to {\"type\", \"value\"}");
  for (const auto& [label, entry] : metadata.items()) {
    if (auto checked = check_value(label, entry); !checked) return checked;
  }
  return {};
}

}  // namespace headrace
