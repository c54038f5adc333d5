#include "query.hpp"

#include <algorithm>
#include <charconv>

namespace headrace::api {

Result<Query> Query::parse(const http::Request& request, std::initializer_list<std::string_view> known) {
  Query query;
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string names;
      for (const auto one : known) names += (names.empty() ? "" : ", ") + std::string(one);
      return fail(ErrorCode::invalid,
                  "There is no query parameter “" + name + "” here" + (names.empty() ? "." : "; there are " + names + "."));
    }
    if (query.text(name)) return fail(ErrorCode::invalid, "The query parameter “" + name + "” is given twice.");
    query.fields_.emplace_back(name, value);
  }
  return query;
}

std::optional<std::string> Query::text(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (key == name) return value;
  return {};
}

Result<std::int64_t> Query::integer(std::string_view name, std::int64_t absent, std::int64_t least, std::int64_t most) const {
  const auto value = text(name);
  if (!value) return absent;
  return parse_integer("The query parameter “" + std::string(name) + "”", *value, least, most);
}

Result<std::int64_t> parse_integer(std::string_view what, std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stopped == end && value >= least && value <= most) return value;
  return fail(ErrorCode::invalid, std::string(what) + " has to be an integer from " + std::to_string(least) + " to " +
                                      std::to_string(most) + ", not “" + std::string(text) + "”.");
}

}  // namespace headrace::api
