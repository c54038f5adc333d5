// Starting a process: posix_spawn, never fork (the daemon's heap would be copied), never a shell.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <async/unique_fd.hpp>
#include <core/result.hpp>

namespace headrace::code_locations {

struct SpawnRequest {
  std::vector<std::string> argv;         ///< argv[0] is looked up in PATH when it has no slash
  std::vector<std::string> environment;  ///< "NAME=value"
  std::string working_directory;         ///< empty: the daemon's
  /// target descriptor ← the caller's descriptor. Whatever is not named here is not inherited.
  std::vector<std::pair<int, int>> descriptors;
};

struct SpawnedProcess {
  int pid = 0;
  async::UniqueFd pidfd;
};

/// The process starts a session of its own, with default signals and an empty signal mask. The error names the program.
Result<SpawnedProcess> spawn(const SpawnRequest& request);

/// A pidfd of any living process; an error (errno as text) when there is none.
Result<async::UniqueFd> open_pidfd(int pid);
/// Sends a signal to the process group of `pid`, then nothing more; a group that is gone is fine.
void kill_group(int pid, int signal);
/// Field 22 of /proc/PID/stat (clock ticks since boot), 0 when there is no such process.
std::uint64_t process_start_time(int pid);

}  // namespace headrace::code_locations
