// A command that works with the daemon's engine in its own process, without serving: `materialize`, `definitions validate`.
#pragma once

#include <async/loop.hpp>
#include <code_locations/workspace.hpp>
#include <runs/run_launcher.hpp>
#include <storage/event_log.hpp>

namespace headrace::cli {

/// What such a command gets; all of it lives until the loop has ended.
struct Engine {
  async::Loop& loop;
  storage::EventLog& log;
  code_locations::Workspace& workspace;
  runs::RunLauncher& launcher;
  std::function<void()> stop;  ///< ends the loop; call once, when there is nothing left to do
};

/// All on the I/O thread.
class Foreground {
 public:
  virtual ~Foreground() = default;
  virtual void start(Engine engine) = 0;
  virtual void on_commit(std::int64_t) {}
  virtual void on_workspace_change() {}
  /// SIGINT or SIGTERM: running steps are being canceled (the first time), or killed (the second); then the loop ends.
  virtual void on_interrupt(bool is_first) = 0;
  /// After the loop has ended.
  virtual int exit_status() = 0;
};

}  // namespace headrace::cli
