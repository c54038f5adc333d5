// RunCoordinator: what comes back when a worker is lost, or has not begun what it was given.
#include <runs/run_coordinator.hpp>

#include <spdlog/spdlog.h>

namespace headrace::runs {

/// What was made in the memory of a worker that is gone cannot be read any more.
void RunCoordinator::forget_values(ActiveRun& run, const std::string& name) {
  for (int i = 0; i < static_cast<int>(run.locations.size()) && !run.ending; ++i) {
    const auto& location = run.locations[static_cast<std::size_t>(i)];
    if (location.name != name || !location.in_memory) continue;
    for (auto& step : run.steps) {
      if (step.location != i || step.materialization == 0) continue;
      const auto* manager = location.definitions->find_resource(step.io_manager_key);
      step.value_lost |= manager && manager->in_memory;
    }
  }
}

void RunCoordinator::worker_not_started(std::int64_t number, std::int64_t id, const std::string& message) {
  auto* run = find(number);
  if (!run) return;
  const std::string name = run->workers[id]->code_location();
  run->workers.erase(id);
  storage::Batch gone;
  gone.worker_gone = id;
  append_surely(std::move(gone));
  if (const auto row = reader_->run(number)) run->started = row->started_at != 0;  // its start may not have been written
  spdlog::warn("run {}: a worker of {} did not start: {}", number, name, message);
  for (int i = 0; i < static_cast<int>(run->locations.size()); ++i) {
    auto& location = run->locations[static_cast<std::size_t>(i)];
    if (location.name != name || is_paused() || ++location.start_failures < settings_.most_start_failures) continue;
    location.start_failures = 0;
    for (int step : run->ready.all())
      if (run->steps[static_cast<std::size_t>(step)].location == i)
        fail_step(*run, step, "WorkerNotStarted", "no worker of code location " + name + " could be started: " + message);
  }
  remove_if_done(number);
  retry_start_ = loop_.after(settings_.start_retry, [this] { dispatch_all(); });
}

void RunCoordinator::worker_gone(std::int64_t number, std::int64_t id, int lost_step, bool disk_full) {
  auto* run = find(number);
  if (!run) return;
  forget_values(*run, run->workers[id]->code_location());
  const auto last_words = lost_step >= 0 ? run->workers[id]->last_words() : "";
  run->workers.erase(id);
  unblock(*run, id);
  if (lost_step >= 0) take_back(*run, lost_step, disk_full, last_words);
  if (disk_full) store_failed({ErrorCode::unavailable, "a worker could not write its journal: the disk is full"});
  if (run->ending) return remove_if_done(number);
  dispatch(*run);
}

/// Steps that their worker has not begun: somebody else may.
void RunCoordinator::taken_back(std::int64_t number, const std::vector<int>& steps) {
  auto* run = find(number);
  if (!run) return;
  for (const int step : steps) put_back(*run, step);
  if (!run->ending) dispatch(*run);
  if (!held_runs_.empty()) dispatch_held();
}

/// As if it had never been given out.
void RunCoordinator::put_back(ActiveRun& run, int index) {
  release(run, index);
  if (is_final(run.plan->status(index))) return;
  if (run.plan->put_back(index)) run.set_ready(index);
  run.steps[static_cast<std::size_t>(index)].same_attempt = true;
}

/// A step whose worker was lost before it began (or could not write): given out again, and again only so often.
void RunCoordinator::take_back(ActiveRun& run, int index, bool disk_full, const std::string& last_words) {
  auto& step = run.steps[static_cast<std::size_t>(index)];
  if (run.canceling && !is_final(run.plan->status(index))) {
    release(run, index);
    storage::Batch batch;
    close_steps(run, {index}, StepStatus::canceled, batch);
    return append_surely(std::move(batch));
  }
  put_back(run, index);
  if (is_final(run.plan->status(index))) return;
  step.same_attempt = !disk_full;
  step.spared += disk_full ? 1 : 0;
  if (!disk_full && ++step.losses > settings_.most_losses) {
    fail_step(run, index, "WorkerLost",
              "workers died " + std::to_string(step.losses) + " times before they began this step; the last one: " + last_words);
  }
}

/// A ready step fails without having run; its end is folded when it is committed, like any other.
void RunCoordinator::fail_step(ActiveRun& run, int index, const std::string& type, const std::string& message) {
  run.unset_ready(index);
  run.plan->started(index, run.plan->attempt(index));  // its end is on the way: nobody else gives it one meanwhile
  storage::Batch batch;
  auto event = run_event(
      run, EventKind::step_ended,
      {{"status", "failure"},
       {"seconds", nullptr},
       {"error",
        {{"type", type}, {"message", message}, {"stack", ""}, {"file", nullptr}, {"line", nullptr}, {"phase", "asset"}}}});
  event.step = index;
  event.attempt = run.plan->attempt(index);
  event.asset_key = run.steps[static_cast<std::size_t>(index)].key_string;
  batch.events.push_back(std::move(event));
  batch.durable = true;
  append_surely(std::move(batch));
}

}  // namespace headrace::runs
