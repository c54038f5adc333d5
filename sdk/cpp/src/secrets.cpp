#include <secrets.hpp>

#include <config/redaction.hpp>

#include <algorithm>
#include <cctype>
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

/// "API_KEY", "sasToken" → {"api", "key"}, {"sas", "token"}
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words;
  bool begins = true, was_lower = false;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalpha(u) == 0) {
      begins = true;
      continue;
    }
    if (begins || (was_lower && std::isupper(u) != 0)) words.emplace_back();
    words.back() += static_cast<char>(std::tolower(u));
    was_lower = std::islower(u) != 0;
    begins = false;
  }
  return words;
}

template <std::size_t N>
bool is_one_of(const std::string& word, const char* const (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace

bool is_secret_name(const std::string& name) {
  static constexpr const char* k_words[] = {"password", "passwd",     "passphrase",  "pwd", "secret",
                                            "token",    "credential", "credentials", "sas"};
  static constexpr const char* k_pairs[] = {"api key",    "access key",        "account key",   "private key",
                                            "secret key", "connection string", "client secret", "sas token"};
  const auto words = words_of(name);
  if (words.empty()) return false;
  if (is_one_of(words.back(), k_words)) return true;
  return words.size() > 1 && is_one_of(words[words.size() - 2] + " " + words.back(), k_pairs);
}

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
