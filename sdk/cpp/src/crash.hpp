// A crash is a failed step: the handler of the fatal signals writes the stack to stderr, and the step's end with it into the
// journal, before the process dies of the signal.
#pragma once

#include <string>

namespace headrace {
inline namespace sdk {

/// In a worker, once.
void install_crash_handlers();
/// The open step (`ids` as JournalReporter has them), and where its asset is defined; empty: none is open.
void set_open_step(const std::string& ids, const std::string& file, int line);
/// Ends the process from a signal handler, because a step does not end: its end is journaled, with the stack of where it is.
[[noreturn]] void end_stuck_step(const char* type, const char* message);

}  // namespace sdk
}  // namespace headrace
