#include <config/environment.hpp>

#include <unistd.h>

#include <unordered_map>

namespace headrace::config {

Variables process_environment() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

bool is_own_secret(std::string_view name) { return name == "HEADRACE_TOKEN"; }

std::vector<std::string> child_environment(const Variables& own, const Variables& dotenv, const Variables& added) {
  std::vector<std::string> items;
  std::unordered_map<std::string_view, std::size_t> place;
  for (const Variables* variables : {&own, &dotenv, &added}) {
    for (const auto& [name, value] : *variables) {
      const bool possible = !name.empty() && name.find('=') == std::string::npos && name.find('\0') == std::string::npos &&
                            value.find('\0') == std::string::npos;
      if (!possible || is_own_secret(name)) continue;
      const auto [found, is_new] = place.try_emplace(name, items.size());
      if (is_new) {
        items.push_back(name + "=" + value);
      } else {
        items[found->second] = name + "=" + value;
      }
    }
  }
  return items;
}

}  // namespace headrace::config
