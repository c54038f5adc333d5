// The daemon's own log: lines on stderr.
#pragma once

#include <string>

namespace headrace::cli {

/// Colors only where stderr is a terminal and NO_COLOR is not set.
void set_up_logging(const std::string& level);

}  // namespace headrace::cli
