// What the SDK raises, and what user code raises to say more than "it failed".
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include <headrace/metadata.hpp>

namespace headrace {
inline namespace sdk {

/// Definitions that do not fit together; the message names the asset or resource at fault.
struct DefinitionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A value is not of the type that was asked for.
struct TypeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A value that is not stored (yet).
struct NotFound : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throw it to fail a step with a description and metadata; if it may not be retried there is no further attempt.
struct Failure : std::runtime_error {
  explicit Failure(const std::string& description, Metadata details = {}, bool may_be_retried = true)
      : std::runtime_error(description), metadata(std::move(details)), allow_retries(may_be_retried) {}
  Metadata metadata;
  bool allow_retries;
};

/// Throw it to have the step tried again, whatever the asset's RetryPolicy says.
struct RetryRequested : std::runtime_error {
  explicit RetryRequested(int retries = 1, std::optional<double> seconds = {}, const std::string& reason = {})
      : std::runtime_error(reason.empty() ? "a retry was requested (max_retries " + std::to_string(retries) + ")" : reason),
        max_retries(retries),
        seconds_to_wait(seconds) {}
  int max_retries;
  std::optional<double> seconds_to_wait;
};

/// Thrown by context.check_canceled(). Not a std::exception: `catch (const std::exception&)` does not swallow it.
struct StepInterrupted {
  std::string message;
};
struct StepCanceled : StepInterrupted {};
struct StepTimeLimitExceeded : StepInterrupted {};

}  // namespace sdk
}  // namespace headrace
