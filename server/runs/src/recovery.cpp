// RunCoordinator: a daemon that starts takes up the runs that an earlier one left unfinished.
//
// First every journal is read to its end (the events that no daemon has seen yet), then each run's plan is folded from the
// database, then its living workers are followed to their end. Only then are steps given out again.
#include <runs/run_coordinator.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace headrace::runs {

void RunCoordinator::recover() {
  recovering_ = true;
  for (auto number : reader_->unfinished_runs()) recover_run(number);
  for (auto& row : reader_->workers()) adopt(std::move(row));
  ++catching_up_;
  caught_up();
}

void RunCoordinator::recover_run(std::int64_t number) {
  auto row = reader_->run(number);
  auto created = row ? reader_->event(row->created_event) : std::nullopt;
  if (!row || !created) return;
  auto run = ActiveRun::from_log(*row, *created, *reader_);
  if (run) {
    spdlog::info("run {} goes on", number);
  } else {
    spdlog::error("run {} cannot go on: {}", number, run.error().message);
    run = ActiveRun::unreadable(*row, run.error().message, *reader_);
  }
  (*run)->count_spared_attempts(*reader_);
  for (const auto& location : (*run)->locations)
    if (auto* known = locations_.find(location.name)) known->pin(location.hash);
  runs_[number] = std::move(*run);
  recovered_.insert(number);
}

void RunCoordinator::adopt(storage::WorkerRow row) {
  auto& run = runs_[row.run];
  if (!run) {  // its run has ended: only the worker's own end is awaited
    run = std::make_unique<ActiveRun>();
    run->number = row.run;
    run->plan = std::make_unique<RunPlan>(std::vector<std::vector<int>>{});
    run->ending = true;
    recovered_.insert(row.run);
  }
  ++catching_up_;
  add_worker(*run, std::move(row)).adopt();
}

void RunCoordinator::caught_up() {
  if (--catching_up_ > 0) return;
  recovering_ = false;
  for (auto number : std::exchange(recovered_, {}))
    if (auto* run = find(number)) resume(*run);
  for (const auto& command : std::exchange(after_recovery_, {})) command();
  admit_runs();
  dispatch_all();
}

void RunCoordinator::resume(ActiveRun& run) {
  if (!run.ending) {
    run.prepare(concurrency_, settings_.most_workers_per_run);
    run.restore(*reader_->run(run.number), *reader_);
    if (run.started || !run.unreadable_because.empty())
      admit(run);  // whatever the limits say now: it has begun, or never will
    else
      queue_.emplace(-run.priority, run.number);
  }
  for (int step = 0; step < run.plan->size(); ++step) {
    if (run.ending || run.plan->status(step) != StepStatus::running) continue;
    auto attempt = reader_->attempt(run.number, step, run.plan->attempt(step));
    auto worker = attempt ? run.workers.find(attempt->worker_id) : run.workers.end();
    if (worker != run.workers.end()) worker->second->restore_open_step(step, attempt->attempt);
  }
  std::set<int> followed;
  for (auto& [id, worker] : run.workers) {
    const int open = worker->open_step();
    const bool is_alive = worker->follow();
    if (open >= 0 && !run.ending) {
      followed.insert(open);
      occupy(run, open);
    } else if (!run.ending) {
      block(run, id);  // a dead one too: since its journal was read it may have begun a step, and ended it
    }
    if (!is_alive) worker->finish_dead();
  }
  if (run.ending) return;
  for (int step = 0; step < run.plan->size(); ++step)
    if (run.plan->status(step) == StepStatus::running && !followed.contains(step)) take_back(run, step, true);
  lose_values(run);

  if (run.canceling) {
    carry_out_cancellation(run, unsaid_ends(run), [] {});
  } else {
    end_if_finished(run, unsaid_ends(run));
    for (int step = 0; step < run.plan->size() && !run.ending; ++step) {
      if (run.plan->status(step) != StepStatus::retrying) continue;
      // The clock may have been set meanwhile: the wait is never longer than it was meant to be.
      const auto& waiting = run.steps[static_cast<std::size_t>(step)];
      const auto wait = run.unreadable_because.empty() ? std::min(waiting.retry_at - loop_.now(), waiting.retry_delay) : 0;
      step_retrying(run, step, std::chrono::microseconds(wait));
    }
  }
}

/// Steps that are skipped because of an end that is in the log, where the earlier daemon did not come to say so.
storage::Batch RunCoordinator::unsaid_ends(const ActiveRun& run) {
  storage::Batch batch;
  for (const auto& row : reader_->steps(run.number))
    if (!is_final(row.status) && run.plan->status(row.index) == StepStatus::skipped)
      close_steps(run, {row.index}, StepStatus::skipped, batch);
  return batch;
}

/// A worker with no step open may still have one in its socket's buffer. Until it speaks or is gone, nothing of its run is
/// given out, no other run writes what it may be about to write, and the limits count a step of it.
void RunCoordinator::block(ActiveRun& run, std::int64_t worker) {
  auto slots = run.counters_of_open_steps(run.workers[worker]->code_location());
  concurrency_.take(slots);
  run.blocking_workers.emplace(worker, std::move(slots));
  for (int step = 0; step < run.plan->size(); ++step)
    if (const auto status = run.plan->status(step); status == StepStatus::ready || status == StepStatus::retrying)
      writers_.emplace(run.steps[static_cast<std::size_t>(step)].key_string, run.number);
}

void RunCoordinator::unblock(ActiveRun& run, std::int64_t worker) {
  const auto slots = run.blocking_workers.extract(worker);
  if (!slots) return;
  concurrency_.release(slots.mapped());
  if (!run.blocking_workers.empty()) return;
  for (const auto& step : run.steps) {
    if (step.holds_slots) continue;
    if (auto writer = writers_.find(step.key_string); writer != writers_.end() && writer->second == run.number)
      writers_.erase(writer);
  }
  if (run.canceling && !run.ending) {
    storage::Batch batch;
    cancel_steps(run, batch);
    end_if_finished(run, std::move(batch));
  }
  if (!held_runs_.empty()) dispatch_held();
}

/// The start of a step that this daemon did not give out: it was in the socket's buffer of an adopted worker.
void RunCoordinator::step_begun(ActiveRun& run, const Event& event) {
  const auto status = run.plan->status(event.step);
  if (run.ending || (status != StepStatus::ready && status != StepStatus::retrying)) return;
  run.steps[static_cast<std::size_t>(event.step)].retry_timer.reset();
  run.unset_ready(event.step);
  run.plan->started(event.step, event.attempt);
  occupy(run, event.step);
  const auto payload = nlohmann::json::parse(event.payload, nullptr, false);
  const auto worker = payload.value("worker", std::int64_t{0});
  if (auto found = run.workers.find(worker); run.canceling && found != run.workers.end())
    found->second->cancel_step(run.run_id, run.steps[static_cast<std::size_t>(event.step)].step_key);
  unblock(run, worker);
  dispatch(run);
}

/// Values that were kept in memory are there only if the worker that holds them lives.
void RunCoordinator::lose_values(ActiveRun& run) {
  for (const auto& location : run.locations) {
    const bool is_alive = std::any_of(run.workers.begin(), run.workers.end(), [&](const auto& entry) {
      return entry.second->code_location() == location.name && !entry.second->is_leaving();
    });
    if (location.in_memory && !is_alive) forget_values(run, location.name);
  }
}

}  // namespace headrace::runs
