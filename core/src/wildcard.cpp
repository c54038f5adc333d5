#include "wildcard.hpp"

namespace headrace {

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  // Only the last star ever needs to take more: whatever an earlier one could give, the last one can take as well.
  std::size_t p = 0, t = 0, star = std::string_view::npos, taken_to = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken_to = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken_to;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace headrace
