#include <code_locations/reaper.hpp>

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <cerrno>
#include <system_error>

namespace headrace::code_locations {

std::string ExitStatus::describe() const {
  if (!known) return "ended";
  if (signal == 0) return "exited with status " + std::to_string(exit_code);
  const char* name = ::sigabbrev_np(signal);
  const char* text = ::sigdescr_np(signal);
  return std::string("was killed by SIG") + (name ? name : std::to_string(signal).c_str()) +
         (text ? std::string(" (") + text + ")" : "");
}

Reaper::Reaper(async::Loop& loop) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  signals_.reset(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) throw std::system_error(errno, std::generic_category(), "signalfd");
  watch_ = loop.on_readable(signals_.get(), [this] { reap(); });
}

void Reaper::watch(int pid, std::function<void(ExitStatus)> on_exit) { watched_[pid] = std::move(on_exit); }

void Reaper::reap() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
  }
  int status = 0;
  for (int pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    auto found = watched_.find(pid);
    if (found == watched_.end()) continue;  // an orphan of user code
    auto on_exit = std::move(found->second);
    watched_.erase(found);
    ExitStatus exit{.known = true};
    if (WIFSIGNALED(status))
      exit.signal = WTERMSIG(status);
    else
      exit.exit_code = WEXITSTATUS(status);
    on_exit(exit);
  }
}

}  // namespace headrace::code_locations
