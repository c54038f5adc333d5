#include <core/json.hpp>

#include <algorithm>

namespace headrace {
namespace {

/// The deepest nesting of arrays and objects in `text`. Counts brackets outside of strings; needs no valid JSON.
int nesting_depth(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

/// nlohmann's message without its own prefix: "[json.exception.parse_error.101] parse error at …".
std::string without_prefix(std::string_view what) {
  const auto end = what.find("] ");
  return std::string(end == std::string_view::npos ? what : what.substr(end + 2));
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, int max_depth) {
  // Checked before parsing: the parser itself does not recurse, but copying and dumping its result does.
  if (nesting_depth(text) > max_depth) {
    return fail(ErrorCode::invalid, "JSON is nested deeper than " + std::to_string(max_depth) + " levels");
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& e) {
    return fail(ErrorCode::invalid, "not valid JSON: " + without_prefix(e.what()));
  }
}

std::string dump_json(const nlohmann::json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}  // namespace headrace
