// The machine that the daemon and its workers run on: its processes, its disk, and what is wrong with them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <code_locations/location.hpp>
#include <code_locations/processes.hpp>

#include "witness.hpp"

namespace headrace::simulator {

class WorkerProcess;

/// How badly this world behaves; each seed has its own. Probabilities unless said otherwise.
struct Temper {
  double step_fails = 0.1, step_asks_for_retry = 0.02, step_forbids_retry = 0.02;
  double worker_dies_in_step = 0.03, worker_dies_idle = 0.01, worker_retires = 0.03;
  double step_ignores_cancel = 0.1;
  double wake_up_is_lost = 0.3;  ///< of news in the middle of a step; the one at its end always comes, late
  double fork_fails = 0.02, worker_is_silent = 0.01;
  double journal_is_full = 0;                ///< an append meets a full disk although nobody filled it
  std::int64_t longest_step = 5 * k_second;  ///< microseconds
  std::int64_t slowest_turn = 2 * k_millisecond;
};

class Machine {
 public:
  Machine(World& in_world, Witness& seen_by, Temper with_temper) : world(in_world), witness(seen_by), temper(with_temper) {}

  World& world;
  Witness& witness;
  Temper temper;
  bool disk_is_full = false;  ///< journals and database alike
  /// Which IO managers keep values in memory, by asset key and definitions hash.
  std::function<bool(const std::string& asset_key, const std::string& hash)> is_in_memory;

  std::shared_ptr<WorkerProcess> start_process(std::int64_t worker_id, const std::string& location, const std::string& hash,
                                               bool is_forked, code_locations::WorkerFiles files);
  std::shared_ptr<WorkerProcess> find(int pid) const;
  std::vector<std::shared_ptr<WorkerProcess>> living() const;
  std::int64_t next_serial() { return ++serial_; }

  /// After the daemon did something: whoever waits for a line from it may have got one.
  void wake_readers();
  /// Power off: every process is gone at once; files stay, pids begin anew.
  void reboot();

 private:
  std::map<int, std::shared_ptr<WorkerProcess>> processes_;  // by pid; those that live
  int next_pid_ = 100;
  std::int64_t serial_ = 0;
  friend class WorkerProcess;
};

/// The daemon's view of the machine's processes.
class SimulatedProcesses final : public code_locations::Processes {
 public:
  explicit SimulatedProcesses(Machine& machine) : machine_(machine) {}
  async::UniqueFd open(int pid, std::uint64_t start_time) override;
  void terminate(int pid, const async::UniqueFd& pidfd) override;
  void kill(int pid, const async::UniqueFd& pidfd) override;
  void sweep(int pid, std::int64_t worker_id, const std::filesystem::path& folder) override;

 private:
  Machine& machine_;
};

}  // namespace headrace::simulator
