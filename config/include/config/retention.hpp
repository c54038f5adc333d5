// How long what happened is kept: the table [retention] of headrace.toml. What current state points to stays whatever this says.
#pragma once

#include <chrono>
#include <cstdint>

namespace headrace::config {

/// Finished runs go, oldest first, while one of the limits is passed; the newest `keep_runs` stay. 0: no such limit.
struct Retention {
  std::chrono::seconds max_age = std::chrono::hours(365 * 24);  ///< since a run ended
  std::int64_t max_bytes = std::int64_t{20} << 30;              ///< of the home's database and workers' output together
  int keep_runs = 100;
};

}  // namespace headrace::config
