// Reads the fields of one JSON object from outside. Every getter returns a usable value, and the first thing that is wrong is
// kept: code reads a whole struct field by field and asks once at the end. Absent and null mean the same. Private to core.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/asset_key.hpp>

namespace headrace {

class JsonFields {
 public:
  /// `place` begins every message ("asset \"setosa\""). `json` must outlive this.
  JsonFields(const nlohmann::json& json, std::string place);

  // The plain names demand the field, the names with _or take the given value (or nothing) where it is absent.
  std::string text(const char* name);
  std::string text_or(const char* name, std::string fallback = "");
  std::optional<std::string> text_if(const char* name);
  std::vector<std::string> texts(const char* name);
  std::int64_t integer(const char* name);
  std::int64_t integer_or(const char* name, std::int64_t fallback);
  double number_or(const char* name, double fallback);
  bool boolean_or(const char* name, bool fallback);
  AssetKey key(const char* name);
  /// The object's own value, not copied; an empty object where it is absent or wrong.
  const nlohmann::json& object(const char* name);
  const nlohmann::json& object_or_empty(const char* name);
  /// The list's own value; an empty list where it is absent.
  const nlohmann::json& list_or_empty(const char* name);
  /// Null where it is absent.
  const nlohmann::json& any(const char* name) const;

  /// Keeps the problem if it is the first: "<place>: <what>".
  void complain(const std::string& what);
  /// Keeps the error of another reader if it is the first; its message already names its place.
  void complain(const Error& error);
  bool ok() const { return !error_; }
  /// Only when !ok().
  tl::unexpected<Error> error() const { return tl::unexpected<Error>(*error_); }

 private:
  const nlohmann::json& demanded(const char* name, const char* type);
  void wrong_type(const char* name, const char* type);

  const nlohmann::json& json_;
  std::string place_;
  std::optional<Error> error_;
};

}  // namespace headrace
