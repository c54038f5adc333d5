// The request target, strictly: split first, then decoded, so that an encoded "/" stays inside its segment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <http/message.hpp>

namespace headrace::http {

struct Target {
  std::vector<std::string> raw;       ///< path segments as sent, "/" gives one empty segment
  std::vector<std::string> segments;  ///< the same, percent-decoded
  Fields query;                       ///< decoded; "+" is a space
};

/// Refuses (invalid): targets that are not a path, bytes that do not belong in one, bad or overlong percent-encodings,
/// decoded control characters, "." and ".." as segments (also encoded), empty segments but the last.
Result<Target> parse_target(std::string_view raw);

/// Decodes %XX to valid UTF-8 without control characters. With `plus_is_space`, as in queries.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);
/// Encodes everything but unreserved characters.
std::string percent_encode(std::string_view text);

bool is_valid_utf8(std::string_view text);

}  // namespace headrace::http
