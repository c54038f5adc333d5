// Running again what an earlier run did not finish, or all of it.
#pragma once

#include <runs/run_request.hpp>

namespace headrace::runs {

enum class RetryFrom { failure, start };

/// The request for a new run of the same assets, config and tags (with the parent's and the root's ids among them): all of its
/// steps, or those that did not succeed, together with those before them whose values were kept in memory only. Any thread (with
/// that thread's reader). Errors: not_found; conflict (not ended yet, or nothing is left to do).
Result<RunRequest> rerun_request(const code_locations::WorkspaceSnapshot& workspace, storage::Reader& reader, std::int64_t number,
                                 RetryFrom from);

}  // namespace headrace::runs
