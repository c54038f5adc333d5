#include <secrets.hpp>

#include <config/redaction.hpp>

#include <cstdlib>
#include <mutex>

namespace headrace {
inline namespace sdk {
namespace {

constexpr std::size_t k_shortest_dotenv_value = 8;

config::Redactor& redactor() {
  static config::Redactor one;
  return one;
}
std::mutex& redactor_lock() {
  static std::mutex lock;
  return lock;
}

}  // namespace

void add_secret(const std::string& value) {
  const std::lock_guard lock(redactor_lock());
  redactor().add(value);
}

std::string mask(const std::string& text) {
  const std::lock_guard lock(redactor_lock());
  return redactor().redact(text);
}

json mask_json(json value) {
  if (value.is_string()) return mask(value.get_ref<const std::string&>());
  if (value.is_array()) {
    for (auto& item : value) item = mask_json(std::move(item));
  } else if (value.is_object()) {
    json masked = json::object();
    for (auto& [name, item] : value.items()) masked[mask(name)] = mask_json(item);
    return masked;
  }
  return value;
}

void mask_dotenv(bool whatever_the_name) {
  const char* names = std::getenv("HEADRACE_DOTENV_KEYS");
  for (std::string_view rest = names ? names : ""; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    const std::string name(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const char* found = std::getenv(name.c_str());
    const std::string value = found ? found : "";
    const bool is_path = value.starts_with("/") || value.starts_with("./");
    if (!is_path && (is_secret_name(name) || (whatever_the_name && value.size() >= k_shortest_dotenv_value))) add_secret(value);
  }
}

}  // namespace sdk
}  // namespace headrace
