#include <http/target.hpp>

#include <algorithm>

namespace headrace::http {
namespace {

bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

bool is_path_byte(unsigned char c) {
  return is_unreserved(c) || std::string_view("!$&'()*+,;=:@%").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_query_byte(unsigned char c) { return c > 0x20 && c < 0x7f && c != '#'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

tl::unexpected<Error> bad(const char* what) {
  return fail(ErrorCode::invalid, std::string("The request's address is malformed: ") + what + ".");
}

Result<void> split_path(std::string_view path, Target& target) {
  if (!std::all_of(path.begin(), path.end(), [](char c) { return c == '/' || is_path_byte(static_cast<unsigned char>(c)); }))
    return bad("a character in its path has to be percent-encoded");
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    const auto raw = path.substr(0, slash);
    auto segment = percent_decode(raw, false);
    if (!segment) return tl::unexpected(segment.error());
    if (*segment == "." || *segment == "..") return bad("“.” and “..” are not resolved here");
    if (raw.empty() && slash != std::string_view::npos) return bad("a path segment is empty");
    target.raw.emplace_back(raw);
    target.segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

Result<void> split_query(std::string_view query, Target& target) {
  if (!std::all_of(query.begin(), query.end(), [](char c) { return is_query_byte(static_cast<unsigned char>(c)); }))
    return bad("a character in its query has to be percent-encoded");
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name) return tl::unexpected(name.error());
    if (!value) return tl::unexpected(value.error());
    target.query.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = c < 0x80                ? 1
                               : c >= 0xc2 && c < 0xe0 ? 2
                               : c >= 0xe0 && c < 0xf0 ? 3
                               : c >= 0xf0 && c < 0xf5 ? 4
                                                       : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    if (length > 2) {  // overlong forms, surrogates, beyond U+10FFFF
      const auto second = static_cast<unsigned char>(text[i + 1]);
      if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
          (c == 0xf4 && second > 0x8f))
        return false;
    }
    i += length;
  }
  return true;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded.push_back(' ');
    } else if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return bad("“%” is not followed by two hexadecimal digits");
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  if (std::any_of(decoded.begin(), decoded.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return bad("it holds a control character");
  if (!is_valid_utf8(decoded)) return bad("it is not UTF-8");
  return decoded;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(static_cast<unsigned char>(c))) {
      encoded.push_back(c);
    } else {
      constexpr std::string_view digits = "0123456789ABCDEF";
      encoded.push_back('%');
      encoded.push_back(digits[static_cast<unsigned char>(c) >> 4]);
      encoded.push_back(digits[static_cast<unsigned char>(c) & 15]);
    }
  }
  return encoded;
}

Result<Target> parse_target(std::string_view raw) {
  if (raw.empty() || raw.front() != '/') return bad("it has to begin with “/”");
  Target target;
  const auto question = raw.find('?');
  if (auto path = split_path(raw.substr(0, question), target); !path) return tl::unexpected(path.error());
  if (question != std::string_view::npos)
    if (auto query = split_query(raw.substr(question + 1), target); !query) return tl::unexpected(query.error());
  return target;
}

}  // namespace headrace::http
