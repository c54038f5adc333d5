#include <config/environment.hpp>

#include <unistd.h>

#include <algorithm>
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

bool is_for_daemon_alone(std::string_view name) {
  static constexpr std::string_view k_names[] = {"HEADRACE_TOKEN", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC",
                                                 "WATCHDOG_PID"};
  return std::find(std::begin(k_names), std::end(k_names), name) != std::end(k_names);
}

std::vector<std::string> child_environment(const Variables& own, const Variables& dotenv, const Variables& added) {
  std::vector<std::string> items;
  std::unordered_map<std::string_view, std::size_t> place;
  for (const Variables* variables : {&own, &dotenv, &added}) {
    for (const auto& [name, value] : *variables) {
      const bool possible = !name.empty() && name.find('=') == std::string::npos && name.find('\0') == std::string::npos &&
                            value.find('\0') == std::string::npos;
      if (!possible || is_for_daemon_alone(name)) continue;
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
