#include "json_fields.hpp"

#include "text.hpp"

namespace headrace {
namespace {

const nlohmann::json k_null = nullptr;
const nlohmann::json k_empty_object = nlohmann::json::object();
const nlohmann::json k_empty_list = nlohmann::json::array();

}  // namespace

JsonFields::JsonFields(const nlohmann::json& json, std::string place) : json_(json), place_(std::move(place)) {
  if (!json_.is_object()) complain("must be an object");
}

void JsonFields::complain(const std::string& what) {
  if (!error_) error_ = Error{ErrorCode::invalid, place_ + ": " + what, nullptr};
}

void JsonFields::complain(const Error& error) {
  if (!error_) error_ = error;
}

void JsonFields::wrong_type(const char* name, const char* type) { complain(text::quote(name) + " must be " + type); }

const nlohmann::json& JsonFields::any(const char* name) const {
  if (!json_.is_object()) return k_null;
  const auto found = json_.find(name);
  return found == json_.end() ? k_null : *found;
}

const nlohmann::json& JsonFields::demanded(const char* name, const char* type) {
  const auto& value = any(name);
  if (value.is_null()) complain(text::quote(name) + " is missing; it must be " + type);
  return value;
}

std::string JsonFields::text(const char* name) {
  const auto& value = demanded(name, "a string");
  return value.is_null() ? "" : text_or(name);
}

std::string JsonFields::text_or(const char* name, std::string fallback) { return text_if(name).value_or(std::move(fallback)); }

std::optional<std::string> JsonFields::text_if(const char* name) {
  const auto& value = any(name);
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_null()) wrong_type(name, "a string");
  return std::nullopt;
}

std::vector<std::string> JsonFields::texts(const char* name) {
  std::vector<std::string> result;
  for (const auto& item : list_or_empty(name)) {
    if (!item.is_string()) {
      wrong_type(name, "a list of strings");
      return {};
    }
    result.push_back(item.get<std::string>());
  }
  return result;
}

std::int64_t JsonFields::integer(const char* name) {
  const auto& value = demanded(name, "an integer");
  return value.is_null() ? 0 : integer_or(name, 0);
}

std::int64_t JsonFields::integer_or(const char* name, std::int64_t fallback) {
  const auto& value = any(name);
  if (value.is_null()) return fallback;
  const bool too_big = value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (value.is_number_integer() && !too_big) return value.get<std::int64_t>();
  wrong_type(name, "an integer of 64 bits");
  return fallback;
}

double JsonFields::number_or(const char* name, double fallback) {
  const auto& value = any(name);
  if (value.is_number()) return value.get<double>();
  if (!value.is_null()) wrong_type(name, "a number");
  return fallback;
}

bool JsonFields::boolean_or(const char* name, bool fallback) {
  const auto& value = any(name);
  if (value.is_boolean()) return value.get<bool>();
  if (!value.is_null()) wrong_type(name, "true or false");
  return fallback;
}

AssetKey JsonFields::key(const char* name) {
  const auto& value = demanded(name, "an asset key (a list of strings)");
  if (value.is_null()) return {};
  auto result = AssetKey::from_json(value);
  if (result) return std::move(*result);
  complain(text::quote(name) + ": " + result.error().message);
  return {};
}

const nlohmann::json& JsonFields::object(const char* name) {
  demanded(name, "an object");
  return object_or_empty(name);
}

const nlohmann::json& JsonFields::object_or_empty(const char* name) {
  const auto& value = any(name);
  if (value.is_object()) return value;
  if (!value.is_null()) wrong_type(name, "an object");
  return k_empty_object;
}

const nlohmann::json& JsonFields::list_or_empty(const char* name) {
  const auto& value = any(name);
  if (value.is_array()) return value;
  if (!value.is_null()) wrong_type(name, "a list");
  return k_empty_list;
}

}  // namespace headrace
