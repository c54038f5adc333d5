// The one place that waits for children: hosts, spawned workers, and orphans (the daemon is a child subreaper).
#pragma once

#include <functional>
#include <map>
#include <string>

#include <async/loop.hpp>
#include <async/unique_fd.hpp>

namespace headrace::code_locations {

/// How a process ended.
struct ExitStatus {
  bool known = false;
  int exit_code = -1;  ///< -1: killed by `signal`
  int signal = 0;
  /// "was killed by SIGSEGV (segmentation fault)", "exited with status 3", "ended"
  std::string describe() const;
};

/// I/O thread. SIGCHLD must be blocked in every thread of the daemon before it is made (it reads a signalfd).
class Reaper {
 public:
  explicit Reaper(async::Loop& loop);
  /// `on_exit` is called once when the child `pid` was reaped. Register right after the spawn, before returning to the loop.
  void watch(int pid, std::function<void(ExitStatus)> on_exit);
  void forget(int pid) { watched_.erase(pid); }
  /// True for a child that somebody waits for: a host or a spawned worker. The others are orphans of user code.
  bool watches(int pid) const { return watched_.contains(pid); }

 private:
  void reap();
  async::UniqueFd signals_;
  std::map<int, std::function<void(ExitStatus)>> watched_;
  async::Handle watch_;
};

}  // namespace headrace::code_locations
