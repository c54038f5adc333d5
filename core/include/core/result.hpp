// Expected failures are values: a Result<T> holds a T or an Error that a person can act on.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <tl/expected.hpp>

namespace headrace {

/// What kind of failure it is; server/api maps it to an HTTP status in one table.
enum class ErrorCode {
  invalid,      ///< malformed or unknown input (400 / 422)
  not_found,    ///< names something that is not there (404)
  conflict,     ///< contradicts what is already there (409)
  refused,      ///< understood, but a rule forbids it now, e.g. an unset variable (422)
  forbidden,    ///< not allowed from there (403)
  unavailable,  ///< cannot be done now, may work later, e.g. disk full (503)
  internal,     ///< our own defect (500)
};

/// The message names the thing, the place and what to do. `detail` is extra data for the API (null for none).
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  nlohmann::json detail = nullptr;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, nlohmann::json detail = nullptr) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(detail)});
}

}  // namespace headrace
