// Errors as people see them (core/protocol/README.md, 7).
#pragma once

#include <exception>
#include <optional>
#include <string>

#include <headrace/asset_key.hpp>

namespace headrace {
inline namespace sdk {

struct ErrorPlace {
  std::string phase, framework_type;  ///< the latter: the Python SDK's name for a failure of this phase, or empty
  std::string file;                   ///< of the asset, for errors whose stack says nothing
  int line = 0;
};

/// The error object; masked.
json describe_error(const std::exception_ptr& error, const ErrorPlace& place);
std::string message_of(const std::exception_ptr& error);
std::string type_of_error(const std::exception_ptr& error);
/// What the error wants of retries, as `step_ended` says it; null: nothing.
json retry_wish_of(const std::exception_ptr& error);

}  // namespace sdk
}  // namespace headrace
