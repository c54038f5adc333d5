// An asset key: one or more non-empty parts, e.g. ["raw","iris"].
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include <core/result.hpp>

namespace headrace {

class AssetKey {
 public:
  AssetKey() = default;
  /// No check: for literals and data checked before. Use make() for anything from outside.
  explicit AssetKey(std::vector<std::string> path) : path_(std::move(path)) {}

  /// Checks the grammar: 1..32 parts, none empty, "." or "..", no control characters, valid UTF-8, 512 bytes in all.
  static Result<AssetKey> make(std::vector<std::string> path);
  /// Parses to_string()'s form ("a/b"; a "/" inside a part is written "\/", a backslash "\\").
  static Result<AssetKey> parse(std::string_view text);
  /// Parses a JSON array of strings.
  static Result<AssetKey> from_json(const nlohmann::json& json);

  const std::vector<std::string>& path() const { return path_; }
  std::string to_string() const;
  nlohmann::json to_json() const { return path_; }

  auto operator<=>(const AssetKey&) const = default;

 private:
  std::vector<std::string> path_;
};

}  // namespace headrace
