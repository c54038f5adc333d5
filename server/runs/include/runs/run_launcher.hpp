// The commands on runs, as the API gives them. RunCoordinator is the real one. All on the I/O thread.
#pragma once

#include <functional>

#include <runs/rerun.hpp>

namespace headrace::runs {

struct LaunchedRun {
  std::string run_id;
  std::int64_t number = 0;
  bool is_new = true;  ///< false: the same run_id and body were sent before
};

class RunLauncher {
 public:
  virtual ~RunLauncher() = default;
  /// `done` is called once, on the I/O thread, after run_created is committed durably; or with the error: refused (detail
  /// {"refusals": […]}), conflict (same run_id, other body), invalid (selection), unavailable (disk full, stopping).
  virtual void launch(RunRequest request, std::function<void(Result<LaunchedRun>)> done) = 0;
  /// Errors: not_found, conflict (already ended).
  virtual void cancel(std::int64_t number, std::function<void(Result<void>)> done) = 0;
  /// A new run in the place of an ended one (see rerun_request). Errors: those of both.
  virtual void retry(std::int64_t number, RetryFrom from, std::function<void(Result<LaunchedRun>)> done) = 0;
  /// For a waiting or ready step that is held back by another run writing the same asset: that run's number, else 0.
  virtual std::int64_t waits_for(std::int64_t number, int step) const = 0;
  /// The limit that holds back a ready step (or a run in the queue: step -1), e.g. `pool "db" (limit 2)`; "" for none.
  virtual std::string held_by(std::int64_t number, int step) const = 0;
  /// Processes that execute steps now, of all runs.
  virtual std::size_t living_workers() const = 0;
  /// Why no step is begun and no run is launched at all (the event log takes nothing: disk full); "" for none.
  virtual std::string trouble() const = 0;
};

}  // namespace headrace::runs
