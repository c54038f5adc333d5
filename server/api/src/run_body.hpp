// The body of a request for a run.
#pragma once

#include <http/message.hpp>
#include <runs/run_request.hpp>

namespace headrace::api {

constexpr int k_most_json_depth = 64;  ///< of a request's body

Result<runs::RunRequest> parse_run_body(const http::Request& request);

}  // namespace headrace::api
