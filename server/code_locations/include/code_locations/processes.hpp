// The lives of worker processes, seen from outside. LinuxProcesses asks the kernel; the simulator (tests/simulator) has its own.
#pragma once

#include <cstdint>
#include <filesystem>

#include <async/unique_fd.hpp>
#include <code_locations/reaper.hpp>

namespace headrace::code_locations {

/// I/O thread only.
class Processes {
 public:
  virtual ~Processes() = default;
  /// A descriptor that turns readable when the process ends; none when no process with this pid began at `start_time`
  /// (clock ticks since boot, as the journal's worker_started says).
  virtual async::UniqueFd open(int pid, std::uint64_t start_time) = 0;
  /// SIGTERM to the process alone: its step is canceled.
  virtual void terminate(int pid, const async::UniqueFd& pidfd) = 0;
  /// SIGKILL to the process, its group, and whatever descends from it.
  virtual void kill(int pid, const async::UniqueFd& pidfd) = 0;
  /// After its end: SIGKILL to what is left of a worker's group, and to what it started and let go of. Such an orphan is the
  /// daemon's child by then, and known by the worker's files that it holds open (all in `folder`), or by HEADRACE_WORKER_ID.
  /// `pid` 0: of a worker that an earlier daemon started. Its orphans are children of others: all processes are looked at.
  virtual void sweep(int pid, std::int64_t worker_id, const std::filesystem::path& folder) = 0;
};

class LinuxProcesses final : public Processes {
 public:
  explicit LinuxProcesses(const Reaper& reaper) : reaper_(reaper) {}
  async::UniqueFd open(int pid, std::uint64_t start_time) override;
  void terminate(int pid, const async::UniqueFd& pidfd) override;
  void kill(int pid, const async::UniqueFd& pidfd) override;
  void sweep(int pid, std::int64_t worker_id, const std::filesystem::path& folder) override;

 private:
  void sweep_everywhere(std::int64_t worker_id, const std::filesystem::path& folder);
  const Reaper& reaper_;  // it knows which children are hosts and workers
};

}  // namespace headrace::code_locations
