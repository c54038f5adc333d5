// Patterns in which * stands for any characters, none included. Private to core.
#pragma once

#include <string_view>

namespace headrace {

bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace headrace
