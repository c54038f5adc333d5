// Small helpers for words in messages and for UTF-8. Private to core.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace headrace::text {

bool is_valid_utf8(std::string_view text);
/// Code points, for columns that people count; stray bytes count as one each.
std::size_t length(std::string_view text);
/// ASCII letters in lower case; all else as it is.
std::string lower(std::string_view text);
/// In double quotes, as messages show names; control characters are written as \u00XX so that no message spoils a terminal.
std::string quote(std::string_view text);
/// `a, b and c`
std::string list(std::span<const std::string> items, std::string_view last_word = "and");
/// ` Did you mean "a" or "b"?`, with the space before it; empty for no names.
std::string did_you_mean(std::span<const std::string> names);
/// `1 asset`, `2 assets`
std::string count(std::size_t number, std::string_view noun);

}  // namespace headrace::text
