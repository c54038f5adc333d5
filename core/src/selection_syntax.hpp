// The syntax tree of the selection language and its parser. Private to core; docs/reference/selection.md describes the language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <core/result.hpp>

namespace headrace::selection {

struct Expression {
  enum class Kind {
    everything,    ///< *
    key,           ///< one asset, named in full: `value`
    attribute,     ///< group:value, key:"a*" …: `attribute`, `value` and, for tags, `tag_value`
    any_of,        ///< or, and the comma
    all_of,        ///< and
    none_of,       ///< not
    neighborhood,  ///< 2+x+1: the operand with `levels_up` and `levels_down` around it
    roots,         ///< members without another member upstream
    sinks,         ///< members without another member downstream
  };
  static constexpr int k_all_levels = -1;

  Kind kind = Kind::everything;
  std::size_t column = 1;  ///< where it is written, in characters from 1
  std::string attribute, value, tag_value;
  int levels_up = 0, levels_down = 0;
  std::vector<Expression> operands;
};

/// The error names the column and what was expected there.
Result<Expression> parse(std::string_view text);

/// `selection, column 7: …`, with {"column": 7} as its detail.
tl::unexpected<Error> error_at(std::size_t column, const std::string& message);

}  // namespace headrace::selection
