// The daemon's own log: lines on stderr, as text for people or as JSON for machines; or elsewhere while a command shows its
// progress there. Never the event log.
#pragma once

#include <functional>
#include <string>

namespace headrace::cli {

/// `format`: "json" for an object a line with "time" (RFC 3339, UTC), "level" and "message"; else text, with colors only where
/// stderr is a terminal and NO_COLOR is not set.
void set_up_logging(const std::string& level, const std::string& format);

/// Lines go to `say`, from any thread, and only what is worse than an error is said until somebody sets another level. Empty: to
/// nobody any more.
void log_to(std::function<void(const std::string&)> say);

}  // namespace headrace::cli
