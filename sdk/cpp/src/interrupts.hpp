// Cancellation and time limits. C++ code cannot be interrupted from outside: it asks (context.check_canceled()), and the SDK asks
// for it before a step's function and before its IO manager.
#pragma once

#include <csignal>
#include <string>

namespace headrace {
inline namespace sdk {

/// Flags of this process's open step; signal handlers set them.
struct InterruptFlags {
  volatile std::sig_atomic_t canceled = 0, time_limit_exceeded = 0;
  /// In a worker: looks at what has arrived on its socket. Null elsewhere.
  bool (*look)() = nullptr;
  double time_limit = 0;  ///< seconds
};
InterruptFlags& interrupt_flags();

bool is_interrupted();
/// Throws StepCanceled or StepTimeLimitExceeded.
void check_interrupted();
std::string time_limit_message();

}  // namespace sdk
}  // namespace headrace
