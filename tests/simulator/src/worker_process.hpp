// A worker as core/protocol/README.md describes it, but for user code: it reads run_step and cancel_step from its socket, appends
// to its journal, wakes the daemon, is slow, fails, and dies. Its files, lock and socket are real; its process is not.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>

#include "machine.hpp"

namespace headrace::simulator {

class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
 public:
  WorkerProcess(Machine& machine, int pid, std::int64_t worker_id, std::string location, std::string hash, bool is_forked,
                code_locations::WorkerFiles files);

  void start();
  bool waits_for_input() const { return is_alive_ && !reads_soon_ && !at_end_; }
  void input_arrived();
  void terminate();  ///< SIGTERM
  void die(code_locations::ExitStatus status);

  int pid() const { return pid_; }
  std::int64_t worker_id() const { return worker_id_; }
  std::uint64_t start_time() const { return start_time_; }
  const std::string& location() const { return location_; }
  /// Nobody may kill a worker that speaks, as long as nobody asked to cancel its run.
  void check_may_be_killed() const;
  int socket() const { return files_.socket.get(); }
  async::UniqueFd open_pidfd() const;
  bool is_behind(const async::UniqueFd& pidfd) const;
  /// Once: how it ended, when its parent has learned it.
  void on_exit(std::function<void(code_locations::ExitStatus)> reaped);

 private:
  struct Open {
    protocol::RunStep step;
    bool is_canceled = false;
  };
  void after(std::int64_t delay, void (WorkerProcess::*what)());
  void say_hello();
  void read();
  void take(const std::string& line);
  bool take_claim(std::int64_t claim);
  void next();
  void begin();
  void load_inputs();
  void end();
  void run_out_of_time();
  void end_with(const std::string& status, nlohmann::json more);
  void idle();
  void leave(const std::string& reason);
  void exit_normally();
  void wake();
  bool append(std::vector<nlohmann::json> lines);
  nlohmann::json line(const char* type) const;

  Machine& machine_;
  const int pid_;
  const std::int64_t worker_id_;
  const std::string location_, hash_;
  const bool is_forked_;
  const std::uint64_t start_time_;
  code_locations::WorkerFiles files_;
  const std::size_t many_;        ///< with so many steps at hand, an end is not told at once
  async::UniqueFd life_, death_;  // a pipe: `life_` is closed at the end, and `death_` turns readable
  bool is_alive_ = true, has_said_hello_ = false, reads_soon_ = false, at_end_ = false, leaving_ = false;
  std::int64_t journal_size_ = 0;
  std::string incoming_;
  std::deque<protocol::RunStep> inbox_;
  std::set<std::pair<std::string, int>> canceled_;  // in the inbox
  std::optional<Open> open_;
  std::set<std::string> memory_;            // assets whose values it holds: "run/asset"
  std::set<std::string> made_, succeeded_;  // by it: asset keys, step keys
  std::optional<code_locations::ExitStatus> exit_status_;
  bool is_reaped_ = false;
  std::int64_t run_ = 0;  // 0: not known before its first step
  std::int64_t claimed_ = 0;
  bool owes_wake_up_ = false;
  std::function<void(code_locations::ExitStatus)> on_exit_;
};

/// What the daemon sent, for the worker's side; the codec has no parser of it, since SDKs have their own.
protocol::RunStep parse_run_step(const nlohmann::json& json);

}  // namespace headrace::simulator
