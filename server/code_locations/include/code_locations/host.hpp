// A host process: it imports a code location's user code once, describes it, and forks workers (core/protocol/README.md, 2).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <async/line_socket.hpp>
#include <code_locations/location.hpp>
#include <code_locations/spawn.hpp>
#include <core/protocol.hpp>

namespace headrace::code_locations {

/// I/O thread only. Destroying a Host closes its control socket, which ends the process; its workers live on.
class Host {
 public:
  struct Callbacks {
    std::function<void(protocol::DefinitionsAnswer)> on_definitions;
    std::function<void(nlohmann::json error)>
        on_load_failed;                                   ///< user code could not be loaded, or the process died before it was
    std::function<void(nlohmann::json error)> on_killed;  ///< instead of that: SIGKILL ended it, which code does not do by itself
    std::function<void(const Host&, ExitStatus)> on_exit;  ///< died after it had answered, unless it was retired
  };
  /// `request.descriptors` is filled in here; `output_folder` (it exists) takes its stdout and stderr. A host that is
  /// still there `close_limit` after it closed its control socket is killed.
  static Result<std::shared_ptr<Host>> start(async::Loop& loop, Reaper& reaper, SpawnRequest request,
                                             const std::string& output_folder, std::chrono::milliseconds close_limit,
                                             Callbacks callbacks);
  ~Host();

  int pid() const { return pid_; }
  const std::string& language() const { return hello_.language; }
  bool can_fork() const { return hello_.fork; }
  /// Whether its workers are forked (by what its self-check found, and by what happened since); else they are spawned.
  bool forks_workers() const { return forks_workers_; }
  void set_forks_workers(bool forks) { forks_workers_ = forks; }

  void fork_worker(std::int64_t worker_id, WorkerFiles files, WorkerStarted done);
  /// For a host whose answer was no good: it may not heed the end of its socket either.
  void kill();
  /// Ends the process as soon as its last worker is gone; keeps itself alive till then and calls nobody back any more.
  void retire();

 private:
  Host(async::Loop& loop, Callbacks callbacks) : loop_(loop), callbacks_(std::move(callbacks)) {}
  void on_line(std::string_view line);
  void on_closed();
  void on_message(protocol::HostMessage message);
  void on_fork_answer();
  void on_reaped(ExitStatus status);
  void worker_exited(std::int64_t worker_id, ExitStatus status);
  void give_up_on_workers();
  void shut_down_if_retired();
  void load_failed(nlohmann::json error);

  struct Worker {
    WorkerStarted started;  ///< until the fork was answered
    bool ended = false;
    ExitStatus status;
    std::function<void(ExitStatus)> on_exit;
  };

  async::Loop& loop_;
  Callbacks callbacks_;
  int pid_ = 0;
  std::string program_, output_folder_;
  protocol::Hello hello_;
  std::chrono::milliseconds close_limit_{};
  async::Handle closing_;  ///< set once the control socket has ended
  bool killed_ = false;    ///< since it did not end then
  bool answered_ = false, retired_ = false, reaped_ = false, dead_ = false, forks_workers_ = true;
  std::unique_ptr<async::LineSocket> control_;
  async::UniqueFd fork_socket_;
  async::Handle fork_readable_;
  std::map<std::int64_t, Worker> workers_;
  std::weak_ptr<Host> self_;
  std::shared_ptr<Host> keep_alive_;  ///< itself, once retired
};

}  // namespace headrace::code_locations
