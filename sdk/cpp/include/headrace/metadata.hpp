// Metadata: labelled values that are shown with an asset or a materialization.
#pragma once

#include <concepts>
#include <map>
#include <vector>

#include <headrace/asset_key.hpp>

namespace headrace {
inline namespace sdk {

/// Whole numbers, numbers, texts, bools and JSON become metadata by themselves; the others have a name:
/// MetadataValue::path("x.csv").
class MetadataValue {
 public:
  MetadataValue(std::nullptr_t) : type_("null") {}
  MetadataValue(bool value) : type_("bool"), value_(value) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  MetadataValue(T value) : type_("int"), value_(whole(value)) {}
  MetadataValue(double value);
  MetadataValue(const char* value) : type_("text"), value_(value) {}
  MetadataValue(std::string value) : type_("text"), value_(std::move(value)) {}
  MetadataValue(sdk::json value) : type_("json"), value_(std::move(value)) {}
  MetadataValue(const AssetKey& key) : type_("asset"), value_(key.path()) {}

  static MetadataValue text(std::string value) { return {"text", std::move(value)}; }
  static MetadataValue path(std::string value) { return {"path", std::move(value)}; }
  static MetadataValue url(std::string value) { return {"url", std::move(value)}; }
  static MetadataValue notebook(std::string value) { return {"notebook", std::move(value)}; }
  static MetadataValue md(std::string value) { return {"md", std::move(value)}; }
  static MetadataValue json(sdk::json value) { return {"json", std::move(value)}; }
  /// Seconds since 1970-01-01 UTC.
  static MetadataValue timestamp(double seconds) { return {"timestamp", seconds}; }
  static MetadataValue asset(const AssetKey& key) { return key; }
  /// Rows, each an object from column to value.
  static MetadataValue table(std::vector<sdk::json> records);
  struct Column {
    std::string name, type = "string", description;
    bool nullable = true;
  };
  static MetadataValue table_schema(const std::vector<Column>& columns);

  const std::string& type() const { return type_; }
  const sdk::json& value() const { return value_; }
  bool operator==(const MetadataValue&) const = default;

 private:
  MetadataValue(const char* type, sdk::json value) : type_(type), value_(std::move(value)) {}
  template <class T>
  static sdk::json whole(T value) {
    constexpr auto limit = (std::int64_t{1} << 53);
    // What a double cannot hold exactly goes as digits.
    if (std::cmp_greater(value, limit) || std::cmp_less(value, -limit)) return std::to_string(value);
    return value;
  }
  std::string type_;
  sdk::json value_;
};

using Metadata = std::map<std::string, MetadataValue>;
/// As the protocol writes it: label → {"type", "value"}.
json to_json(const Metadata& metadata);

}  // namespace sdk
}  // namespace headrace
