#include <config/secret_name.hpp>

#include <algorithm>
#include <cctype>
#include <vector>

namespace headrace::config {
namespace {

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

}  // namespace headrace::config
