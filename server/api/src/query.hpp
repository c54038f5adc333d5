// Query parameters and paging, strictly: what a route does not know is refused by name.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include <http/message.hpp>

namespace headrace::api {

class Query {
 public:
  /// Refuses parameters that are not in `known`, and one given twice.
  static Result<Query> parse(const http::Request& request, std::initializer_list<std::string_view> known);

  std::optional<std::string> text(std::string_view name) const;
  /// A decimal integer between `least` and `most`; `absent` where it is not given.
  Result<std::int64_t> integer(std::string_view name, std::int64_t absent, std::int64_t least, std::int64_t most) const;

 private:
  http::Fields fields_;
};

Result<std::int64_t> parse_integer(std::string_view what, std::string_view text, std::int64_t least, std::int64_t most);

}  // namespace headrace::api
