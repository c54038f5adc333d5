// The run engine, pure: which steps of a run are ready, given what happened so far. No clock, no I/O, no threads.
#pragma once

#include <vector>

#include <core/event.hpp>

namespace headrace {

class RunPlan {
 public:
  /// upstream[i]: the steps that step i waits for (indices; acyclic).
  explicit RunPlan(std::vector<std::vector<int>> upstream);

  /// What a change set free.
  struct Change {
    std::vector<int> ready;    ///< became ready, ascending
    std::vector<int> skipped;  ///< will never run, because something before them failed, was canceled or skipped
  };

  /// The steps that are ready at the very beginning.
  Change begin();
  /// A ready (or retrying) step was given to a worker: attempt is 1 for the first.
  void started(int step, int attempt);
  /// A waiting step was given to the worker that has all it waits for: it begins it when they have succeeded there, or never.
  void given_ahead(int step, int attempt);
  /// A step that was given is not begun, and its worker has it no more: it waits again, or is ready (true).
  bool put_back(int step);
  /// A step's attempt ended with success, failure, skipped or canceled. Idempotent for a step already ended.
  Change ended(int step, StepStatus status);
  /// The attempt ended in failure but another one follows: the step is retrying, then ready again by retry().
  void retrying(int step);
  Change retry(int step);
  /// Nothing new starts: waiting, ready and retrying steps become canceled (returned in `skipped`); running ones go on.
  Change cancel();

  StepStatus status(int step) const { return status_[static_cast<std::size_t>(step)]; }
  int attempt(int step) const { return attempt_[static_cast<std::size_t>(step)]; }
  /// How many steps before it have not succeeded yet.
  int missing(int step) const { return missing_[static_cast<std::size_t>(step)]; }
  const std::vector<int>& upstream(int step) const { return upstream_[static_cast<std::size_t>(step)]; }
  const std::vector<int>& downstream(int step) const { return downstream_[static_cast<std::size_t>(step)]; }
  int size() const { return static_cast<int>(status_.size()); }
  int open_steps() const { return open_; }  ///< not ended yet
  bool finished() const { return open_ == 0; }
  /// success, failure or canceled; only once finished().
  RunStatus outcome() const;

 private:
  void close(int step, StepStatus status, Change& change);
  std::vector<std::vector<int>> upstream_, downstream_;
  std::vector<int> missing_;  // upstreams not yet successful
  std::vector<StepStatus> status_;
  std::vector<int> attempt_;
  int open_ = 0;
  bool canceled_ = false;
};

}  // namespace headrace
