// What a descriptor can show: colors and moving lines on a terminal, plain text elsewhere.
#pragma once

namespace headrace::cli {

bool is_terminal(int descriptor);
/// A terminal, NO_COLOR not set, and TERM not "dumb".
bool has_colors(int descriptor);
/// Columns; 80 where nobody knows.
int columns(int descriptor);

}  // namespace headrace::cli
