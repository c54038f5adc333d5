// Code locations as the run engine sees them: definitions, versions, and workers of a version. CodeLocations is the real one;
// the simulator (tests/simulator) has its own.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <async/unique_fd.hpp>
#include <code_locations/reaper.hpp>
#include <code_locations/workspace.hpp>
#include <core/result.hpp>

namespace headrace::code_locations {

/// The descriptors handed to a new worker; the daemon keeps no copy of them.
struct WorkerFiles {
  async::UniqueFd standard_output, standard_error, socket, journal, log, claims;
};

/// A started worker. `exit_status` asks once for how it ended; the answer comes when it is known (or cannot be known any more).
struct WorkerProcess {
  int pid = 0;
  async::UniqueFd pidfd;
  std::function<void(std::function<void(ExitStatus)>)> exit_status;
  bool is_forked = true;  ///< else it loads the code itself, as it is now
};
using WorkerStarted = std::function<void(Result<WorkerProcess>)>;

/// I/O thread only.
class Location {
 public:
  virtual ~Location() = default;
  virtual const LocationView& view() const = 0;
  /// Runs keep the versions they need: a host of a pinned hash is not ended.
  virtual void pin(const std::string& hash) = 0;
  virtual void unpin(const std::string& hash) = 0;
  /// True when a worker of this version can be started now.
  virtual bool serves(const std::string& hash) const = 0;
  /// Forked from the host where the host can, unless `must_spawn`.
  virtual void start_worker(const std::string& hash, std::int64_t worker_id, bool must_spawn, WorkerFiles files,
                            WorkerStarted done) = 0;
  /// A forked worker did not come to life: from now on workers are spawned.
  virtual void fall_back_to_spawn(const std::string& reason) = 0;
};

/// I/O thread only, except snapshot().
class Locations : public Workspace {
 public:
  virtual Location* find(std::string_view name) = 0;
};

}  // namespace headrace::code_locations
