#include <user_errors.hpp>

#include <cxxabi.h>

#include <fmt/format.h>
#include <headrace/error.hpp>
#include <headrace/value.hpp>
#include <secrets.hpp>
#include <stack.hpp>

namespace headrace {
inline namespace sdk {
namespace {

constexpr std::size_t k_longest_message = 64 * 1024, k_longest_stack = 256 * 1024;

std::string mask_and_cut(const std::string& text, std::size_t most) {
  std::string masked = mask(text);
  if (masked.size() <= most) return masked;
  return fmt::format("{}\n… {} bytes left out …\n{}", masked.substr(0, most / 2), masked.size() - most,
                     masked.substr(masked.size() - most / 2));
}

/// The error that this one was thrown for (std::throw_with_nested).
std::exception_ptr cause_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::nested_exception& nested) {
    return nested.nested_ptr();
  } catch (...) {
    return nullptr;
  }
}

json metadata_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Failure& failure) {
    return to_json(failure.metadata);
  } catch (...) {
    return json::object();
  }
}

}  // namespace

std::string message_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (const StepInterrupted& interrupted) {
    return interrupted.message;
  } catch (const std::string& text) {
    return text;
  } catch (const char* text) {
    return text;
  } catch (...) {
    return "";
  }
}

std::string type_of_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (...) {
    const auto* type = abi::__cxa_current_exception_type();
    std::string name = type ? type_name(*type) : "unknown";
    // std::throw_with_nested's wrapper is nobody's own.
    constexpr std::string_view k_nested = "std::_Nested_exception<";
    if (name.starts_with(k_nested)) name = name.substr(k_nested.size(), name.rfind('>') - k_nested.size());
    return name;
  }
}

json retry_wish_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const RetryRequested& wish) {
    return {{"max_retries", wish.max_retries}, {"seconds", wish.seconds_to_wait ? json(*wish.seconds_to_wait) : json(nullptr)}};
  } catch (const Failure& failure) {
    return failure.allow_retries ? json(nullptr) : json(false);
  } catch (...) {
    return nullptr;
  }
}

json describe_error(const std::exception_ptr& error, const ErrorPlace& place) {
  // Before anything else is thrown, here or below: the record of throws is short.
  const auto stack = stack_of(error);
  auto shown = show_stack(frames_of(stack));
  const auto type = type_of_error(error), message = message_of(error);
  std::string text = fmt::format("{}: {}\n{}", type, message, shown.text);
  for (auto cause = cause_of(error); cause; cause = cause_of(cause)) {
    const auto deeper = show_stack(frames_of(stack_of(cause)));
    text += fmt::format("Caused by {}: {}\n{}", type_of_error(cause), message_of(cause), deeper.text);
    shown.folded += deeper.folded;
  }
  if (shown.file.empty() && !place.file.empty()) {
    shown.file = relative_path(place.file);
    shown.line = place.line;
  }
  json described{{"type", type},
                 {"message", mask_and_cut(message, k_longest_message)},
                 {"stack", mask_and_cut(text, k_longest_stack)},
                 {"file", shown.file.empty() ? json(nullptr) : json(shown.file)},
                 {"line", shown.file.empty() ? json(nullptr) : json(shown.line)},
                 {"phase", place.phase},
                 {"framework_type", place.framework_type.empty() ? json(nullptr) : json(place.framework_type)},
                 {"framework_frames", shown.folded}};
  if (const auto metadata = metadata_of(error); !metadata.empty()) described["metadata"] = mask_json(metadata);
  return described;
}

}  // namespace sdk
}  // namespace headrace
