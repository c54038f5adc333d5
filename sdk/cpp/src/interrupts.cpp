#include <interrupts.hpp>

#include <fmt/format.h>

#include <headrace/error.hpp>

namespace headrace {
inline namespace sdk {

InterruptFlags& interrupt_flags() {
  static InterruptFlags flags;
  return flags;
}

bool is_interrupted() {
  auto& flags = interrupt_flags();
  return flags.canceled != 0 || flags.time_limit_exceeded != 0 || (flags.look != nullptr && flags.look());
}

void check_interrupted() {
  if (!is_interrupted()) return;
  if (interrupt_flags().canceled != 0) throw StepCanceled{{"the step was canceled"}};
  throw StepTimeLimitExceeded{{time_limit_message()}};
}

std::string time_limit_message() {
  return fmt::format("the step ran longer than its limit of {:g} seconds", interrupt_flags().time_limit);
}

}  // namespace sdk
}  // namespace headrace
