// JSON that comes from outside: parsed without exceptions, with a bound on its depth.
#pragma once

#include <string>
#include <string_view>

#include <core/result.hpp>

namespace headrace {

/// Deep enough for any honest document, shallow enough that recursive code (dump, copy) cannot overflow the stack.
constexpr int k_max_json_depth = 512;

/// Parses one JSON document. The error says at which byte it went wrong. Invalid UTF-8 is an error. Never throws.
Result<nlohmann::json> parse_json(std::string_view text, int max_depth = k_max_json_depth);

/// JSON without white space. Bytes that are not UTF-8 become U+FFFD instead of an exception.
std::string dump_json(const nlohmann::json& json);

}  // namespace headrace
