// Pruning: what a home forgets, so that it does not grow for ever.
//
// The unit is the finished run: it goes whole, with its events, derived rows and its workers' output, or it stays whole. A run
// stays while anything of the present state is its doing: the latest attempt to make an asset, or the latest materialization of
// an asset and partition. So what is left is a log like any other, and a fold of it gives the derived rows that are there.
#pragma once

#include <cstdint>
#include <filesystem>

#include <storage/event_log.hpp>

namespace headrace::storage {

/// 0: no such limit.
struct Retention {
  std::int64_t max_age = 0;    ///< microseconds since a run ended
  std::int64_t max_bytes = 0;  ///< of database and workers' output together
  std::int64_t keep_runs = 0;  ///< the newest finished runs stay whatever the limits say
};

/// What a home takes, in bytes: of the database what is in use, without pages that are free for what comes.
struct HomeSize {
  std::int64_t database = 0, logs = 0;
  std::int64_t total() const { return database + logs; }
};
/// Looks at every file of workers' output: not for each request. `reader` is of this home.
HomeSize home_size(const std::filesystem::path& home, Reader& reader);
/// Workers' output alone.
std::int64_t log_bytes(const std::filesystem::path& home);

/// Removes the folders of workers' output whose run is gone; what it freed. While a daemon runs, too: a run is in the log before
/// its folder is made. Never follows a link, never leaves the home's filesystem.
std::int64_t sweep_logs(const std::filesystem::path& home, Reader& reader);

/// The folders of these runs' output, whose runs are gone; what it freed.
std::int64_t remove_logs(const std::filesystem::path& home, const std::vector<std::int64_t>& runs);

/// All of it at once, with no daemon running, and the file made smaller (`headrace storage prune`). Takes the home's lock itself.
/// Throws StorageError.
PruneResult prune(const std::filesystem::path& home, const Retention& retention, std::int64_t now);

}  // namespace headrace::storage
