#include <config/redaction.hpp>
#include <config/secret_name.hpp>

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace headrace::config {
namespace {

constexpr char k_mask = '*';
constexpr std::string_view k_mask_of_secret = "***";  // as the Python SDK writes it
constexpr std::size_t k_shortest_secret = 4;
constexpr std::size_t k_longest_name = 40;
// In running text "sig=0.05" is a number, not a signature.
constexpr std::size_t k_shortest_lone_token = 20;

bool is_any_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

void mask(std::string& text, std::size_t begin, std::size_t end) {
  if (begin < end)
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(end), k_mask);
}

/// Where a value that began at `begin` ends: at a blank, a quote, a bracket or a separator.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  while (begin < text.size() && !is_space(text[begin]) && !is_any_of(text[begin], "&;,\"'<>`)]}|\\")) ++begin;
  return begin;
}

/// scheme://user:password@host. The password may hold "@" and ":" itself.
void mask_url_passwords(std::string& text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    std::size_t end = begin;
    while (end < text.size() && !is_space(text[end]) && !is_any_of(text[end], "/?#\"'<>`\\")) ++end;
    const std::string_view authority = std::string_view(text).substr(begin, end - begin);
    const auto last_at = authority.rfind('@');
    const auto colon = authority.find(':');
    if (last_at != std::string_view::npos && colon < last_at) mask(text, begin + colon + 1, begin + last_at);
  }
}

bool is_secret_parameter(std::string_view name) {
  static constexpr std::array<std::string_view, 14> k_names{"sig",
                                                            "signature",
                                                            "x-amz-signature",
                                                            "x-amz-security-token",
                                                            "x-goog-signature",
                                                            "accountkey",
                                                            "sharedaccesskey",
                                                            "access_token",
                                                            "refresh_token",
                                                            "aws_secret_access_key",
                                                            "aws_session_token",
                                                            "client_secret",
                                                            "sharedsecret",
                                                            "id_token"};
  return std::find(k_names.begin(), k_names.end(), name) != k_names.end();
}

/// name=value, in query strings, connection strings and assignments.
void mask_parameters(std::string& text) {
  for (std::size_t equals = text.find('='); equals != std::string::npos; equals = text.find('=', equals + 1)) {
    std::size_t begin = equals;
    while (begin > 0 && equals - begin < k_longest_name && is_word(text[begin - 1])) --begin;
    const std::string name = lower(std::string_view(text).substr(begin, equals - begin));
    if (!is_secret_parameter(name)) continue;
    std::size_t value = equals + 1;
    if (value < text.size() && is_any_of(text[value], "\"'")) ++value;
    const std::size_t end = end_of_value(text, value);
    const bool in_query = begin > 0 && is_any_of(text[begin - 1], "?&;");
    const bool is_number_maybe = (name == "sig" || name == "signature") && !in_query && end - value < k_shortest_lone_token;
    if (!is_number_maybe) mask(text, value, end);
  }
}

bool is_scheme(std::string_view word) {
  static constexpr std::array<std::string_view, 5> k_schemes{"basic", "bearer", "token", "negotiate", "sharedkey"};
  return std::find(k_schemes.begin(), k_schemes.end(), word) != k_schemes.end();
}

/// "Authorization: Basic abc", "authorization=Bearer abc".
void mask_authorization(std::string& text, const std::string& small) {
  constexpr std::string_view k_word = "authorization";
  for (std::size_t at = small.find(k_word); at != std::string::npos; at = small.find(k_word, at + 1)) {
    std::size_t value = at + k_word.size();
    while (value < text.size() && is_any_of(text[value], " \t:=\"'")) ++value;
    if (std::string_view(text).substr(at, value - at).find_first_of(":=") == std::string_view::npos) continue;
    std::size_t end = end_of_value(text, value);
    if (is_scheme(std::string_view(small).substr(value, end - value))) {
      value = end;
      while (value < text.size() && is_any_of(text[value], " \t")) ++value;
      end = end_of_value(text, value);
    }
    mask(text, value, end);
  }
}

/// "Bearer eyJh…" anywhere; a plain word is too short to be one.
void mask_bearer_tokens(std::string& text, const std::string& small) {
  constexpr std::string_view k_word = "bearer ";
  for (std::size_t at = small.find(k_word); at != std::string::npos; at = small.find(k_word, at + 1)) {
    const std::size_t value = at + k_word.size(), end = end_of_value(text, value);
    if (end - value >= k_shortest_lone_token) mask(text, value, end);
  }
}

/// Everything between BEGIN … PRIVATE KEY and its END, or the end of the text; line breaks stay.
void mask_private_keys(std::string& text) {
  constexpr std::string_view k_begin = "-----BEGIN ", k_key = "PRIVATE KEY-----", k_end = "-----END ";
  for (std::size_t at = text.find(k_begin); at != std::string::npos; at = text.find(k_begin, at + 1)) {
    const auto key = std::string_view(text).substr(at, k_longest_name + k_key.size()).find(k_key);
    if (key == std::string_view::npos) continue;
    const std::size_t begin = at + key + k_key.size(), end = std::min(text.find(k_end, begin), text.size());
    for (std::size_t i = begin; i < end; ++i) {
      if (!is_any_of(text[i], "\r\n")) text[i] = k_mask;
    }
  }
}

std::string last_word(std::string_view text) {
  while (!text.empty() && !is_word(text.back())) text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  return std::string(text.substr(begin));
}

/// What a literal that begins at `quote` is given to: `api_key` of `api_key: str = "`, `"api_key": "`, `.api_key{"`; else empty.
std::string name_before(std::string_view code, std::size_t quote) {
  while (quote > 0 && std::isalpha(static_cast<unsigned char>(code[quote - 1])) != 0) --quote;  // r"…", u8"…"
  code = code.substr(0, quote);
  code = code.substr(0, code.find_last_not_of(" \t") + 1);
  if (code.empty() || !is_any_of(code.back(), "=:{")) return {};
  const bool is_brace = code.back() == '{';
  code.remove_suffix(1);
  if (is_brace) return !code.empty() && is_word(code.back()) ? last_word(code) : std::string();
  code.remove_prefix(code.find_last_of("\n,;([{") + 1);
  std::size_t end = std::min(code.find('='), code.size());
  for (auto colon = code.find(':'); colon < end; colon = code.find(':', colon + 2))
    if (code.substr(colon, 2) != "::") end = colon;  // an annotation follows
  return last_word(code.substr(0, end));
}

/// Where the literal that begins at `quote` ends: behind its closing quotes, else with its line.
struct Literal {
  std::size_t begin, end, next;  // what is in the quotes, and where the code goes on
};
Literal literal_at(std::string_view code, std::size_t quote) {
  const std::string three(3, code[quote]);
  if (code.substr(quote, 3) == three) {
    const auto end = std::min(code.find(three, quote + 3), code.size());
    return {quote + 3, end, std::min(end + 3, code.size())};
  }
  std::size_t end = quote + 1;
  while (end < code.size() && code[end] != code[quote] && code[end] != '\n') end += code[end] == '\\' ? 2 : 1;
  end = std::min(end, code.size());
  return {quote + 1, end, end < code.size() && code[end] == code[quote] ? end + 1 : end};
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || is_any_of(c, "-_.~");
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

std::string json_escaped(std::string_view text) {
  const std::string quoted = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

void mask_credentials(std::string& text) {
  mask_url_passwords(text);
  mask_parameters(text);
  const std::string small = lower(text);
  mask_authorization(text, small);
  mask_bearer_tokens(text, small);
  mask_private_keys(text);
}

void mask_literals(std::string& code) {
  std::string result;
  std::size_t done = 0;
  for (auto at = code.find_first_of("\"'"); at < code.size();) {
    const auto literal = literal_at(code, at);
    if (literal.begin < literal.end && is_secret_name(name_before(code, at))) {
      result.append(code, done, literal.begin - done).append(k_mask_of_secret);
      const auto masked = std::string_view(code).substr(literal.begin, literal.end - literal.begin);
      result.append(static_cast<std::size_t>(std::count(masked.begin(), masked.end(), '\n')), '\n');
      done = literal.end;
    }
    at = code.find_first_of("\"'", literal.next);
  }
  code = result.append(code, done);
}

void Redactor::add(std::string_view secret) {
  if (secret.size() < k_shortest_secret) return;
  for (auto& form : {std::string(secret), percent_encoded(secret), json_escaped(secret)}) {
    if (std::find(secrets_.begin(), secrets_.end(), form) == secrets_.end()) secrets_.push_back(form);
  }
  std::stable_sort(secrets_.begin(), secrets_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Redactor::redact(std::string_view text) const {
  std::string result(text);
  for (const auto& secret : secrets_) {
    for (std::size_t at = result.find(secret); at != std::string::npos; at = result.find(secret, at)) {
      result.replace(at, secret.size(), k_mask_of_secret);
      at += k_mask_of_secret.size();
    }
  }
  mask_credentials(result);
  return result;
}

}  // namespace headrace::config
