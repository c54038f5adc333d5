// The table [concurrency] of headrace.toml:
//
//   [concurrency]
//   runs = 10                  # runs under way; the others wait in the queue
//   steps = 32                 # steps under way, over all runs
//   workers_per_run = 4        # processes that take a run's steps; default: one a core
//   default_pool = 1           # of a pool that is not named below
//   [concurrency.pools]
//   warehouse = 2
//   [concurrency.code_locations]
//   etl = 8
//   [[concurrency.run_tags]]   # runs with this tag under way; without a value: each value has a limit of its own
//   key = "team"
//   value = "ml"
//   limit = 1
//
// [[code_locations]] is read by code_locations_file.hpp; other tables are refused by name until they mean something.
#pragma once

#include <filesystem>
#include <string_view>

#include <core/concurrency.hpp>

namespace headrace::config {

/// Errors name the file, the line and the key, with "did you mean".
Result<ConcurrencyLimits> parse_concurrency(std::string_view text, const std::string& file);
Result<ConcurrencyLimits> read_concurrency(const std::filesystem::path& file);

}  // namespace headrace::config
