// From results to HTTP answers, and where handlers run.
#pragma once

#include <functional>

#include <api/context.hpp>
#include <http/router.hpp>

namespace headrace::api {

/// The one table from a kind of error to its HTTP status.
int status_of(ErrorCode code);
std::string_view name_of(ErrorCode code);
/// A problem+json answer. Of `detail`, what the API's description knows goes with it.
http::Response problem_of(const Error& error);

/// A handler that reads the database: runs on a thread of the pool. Exceptions become answers (storage: 503).
using ReaderHandler = std::function<Result<http::Response>(const http::Request&, storage::Reader&)>;
http::Handler on_reader(Context& context, ReaderHandler handler);

/// A handler that must be on the I/O thread and does not wait.
using LoopHandler = std::function<Result<http::Response>(const http::Request&)>;
http::Handler on_loop(LoopHandler handler);

/// Runs `work` on the pool; its exceptions become answers.
void read(Context& context, http::Respond respond, std::function<void(storage::Reader&)> work);

inline http::Route get(std::string pattern, http::Handler handler, http::Access access = http::Access::read) {
  return {http::Method::get, std::move(pattern), access, std::move(handler)};
}
inline http::Route post(std::string pattern, http::Handler handler) {
  return {http::Method::post, std::move(pattern), http::Access::change, std::move(handler)};
}

}  // namespace headrace::api
