// RunCoordinator: runs wait here until the limits let them begin, and steps until their next attempt.
#include <runs/run_coordinator.hpp>

namespace headrace::runs {

void RunCoordinator::enqueue(ActiveRun& run) {
  queue_.emplace(-run.priority, run.number);
  admit_runs();
}

/// The most urgent first, then the oldest; one that its tags hold back does not hold back those behind it.
void RunCoordinator::admit_runs() {
  if (stopping_ || is_paused() || recovering_) return;
  std::vector<std::int64_t> admitted;
  for (auto next = queue_.begin(); next != queue_.end();) {
    auto* run = find(next->second);
    if (run && !concurrency_.is_free(run->counters)) {
      ++next;
      continue;
    }
    next = queue_.erase(next);
    if (!run) continue;
    admit(*run);
    admitted.push_back(run->number);
  }
  if (!admitted.empty() && !held_runs_.empty()) dispatch_held();  // what waits already goes before what has just come
  for (auto number : admitted)
    if (auto* run = find(number)) dispatch(*run);
}

void RunCoordinator::admit(ActiveRun& run) {
  concurrency_.take(run.counters);
  run.is_admitted = true;
}

/// The run ends (or is canceled in the queue): others may begin.
void RunCoordinator::leave_queue(ActiveRun& run) {
  queue_.erase({-run.priority, run.number});
  held_runs_.erase({-run.priority, run.number});
  if (!std::exchange(run.is_admitted, false)) return;
  concurrency_.release(run.counters);
  admit_runs();
}

/// A failed attempt that another one follows.
void RunCoordinator::step_retrying(ActiveRun& run, int index, std::chrono::microseconds wait) {
  run.plan->retrying(index);
  if (run.canceling) {  // the plan made it a canceled step
    storage::Batch batch;
    close_steps(run, {index}, StepStatus::canceled, batch);
    return end_if_finished(run, std::move(batch));
  }
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(std::max(wait, std::chrono::microseconds(0)));
  run.steps[static_cast<std::size_t>(index)].retry_timer = loop_.after(delay, [this, number = run.number, index] {
    auto* found = find(number);
    if (!found) return;
    found->set_ready(found->plan->retry(index).ready);
    dispatch(*found);
  });
}

}  // namespace headrace::runs
