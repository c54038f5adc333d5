// Values of resources' fields that come from environment variables (and so from .env) when the resource is set up.
#pragma once

#include <string>
#include <string_view>

namespace headrace {
inline namespace sdk {

/// `MyIOManager{.path_prefix = EnvVar("DATA_PATH")}`. A text field holds the variable's name until the resource is set up, so
/// that its value is shown nowhere. For fields of other types: configured(MyResource{}, {{"port", EnvVar("PORT")}}).
class EnvVar {
 public:
  explicit EnvVar(std::string name) : name_(std::move(name)) {}
  const std::string& name() const { return name_; }
  operator std::string() const { return std::string(k_mark) + name_; }

  /// The variable's name where a field's text stands for one, else empty.
  static std::string_view name_in(std::string_view text) {
    return text.starts_with(k_mark) ? text.substr(k_mark.size()) : std::string_view();
  }

 private:
  static constexpr std::string_view k_mark =
      "\x1f"
      "headrace::EnvVar\x1f";
  std::string name_;
};

}  // namespace sdk
}  // namespace headrace
