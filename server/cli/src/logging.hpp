// The daemon's own log: lines on stderr, as text for people or as JSON for machines. Never the event log.
#pragma once

#include <string>

namespace headrace::cli {

/// `format`: "json" for an object a line with "time" (RFC 3339, UTC), "level" and "message"; else text, with colors only where
/// stderr is a terminal and NO_COLOR is not set.
void set_up_logging(const std::string& level, const std::string& format);

}  // namespace headrace::cli
