// An asset key: one or more parts. A text is one part: AssetKey("a/b") has one, AssetKey{"a", "b"} two.
#pragma once

#include <compare>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace headrace {
// Inline: users write headrace::AssetKey. Its name of its own keeps the SDK apart from the daemon's core, which it links.
inline namespace sdk {

using json = nlohmann::json;

class AssetKey {
 public:
  AssetKey() = default;
  AssetKey(const char* name) : path_{name} {}
  AssetKey(std::string name) : path_{std::move(name)} {}
  AssetKey(std::vector<std::string> path) : path_(std::move(path)) {}
  AssetKey(std::initializer_list<std::string> path) : path_(path) {}

  const std::vector<std::string>& path() const { return path_; }
  bool empty() const { return path_.empty(); }
  /// "a/b"
  std::string to_user_string() const { return joined("/"); }
  /// The step's key: "a__b"
  std::string to_identifier() const { return joined("__"); }
  AssetKey with_prefix(const std::string& prefix) const {
    AssetKey key = *this;
    key.path_.insert(key.path_.begin(), prefix);
    return key;
  }
  auto operator<=>(const AssetKey&) const = default;

 private:
  std::string joined(const char* separator) const {
    std::string text;
    for (const auto& part : path_) text += (&part == path_.data() ? "" : separator) + part;
    return text;
  }
  std::vector<std::string> path_;
};

}  // namespace sdk
}  // namespace headrace
