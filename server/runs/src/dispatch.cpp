// RunCoordinator: giving ready steps to workers, and what comes back when a worker is lost.
#include <runs/run_coordinator.hpp>

#include <spdlog/spdlog.h>

namespace headrace::runs {

void RunCoordinator::on_workspace_change() { dispatch_all(); }

void RunCoordinator::dispatch_all() {
  std::vector<std::int64_t> numbers;  // a dispatch may end a run
  for (const auto& [number, run] : runs_) numbers.push_back(number);
  for (auto number : numbers)
    if (auto* run = find(number)) dispatch(*run);
}

void RunCoordinator::dispatch(ActiveRun& run) {
  if (stopping_ || paused_ || recovering_ || run.canceling || run.ending || !run.blocking_workers.empty()) return;
  std::map<int, std::size_t> unserved;  // by location
  std::size_t in_vain = 0;
  for (auto next = run.ready.begin(); next != run.ready.end() && in_vain < run.most_workers;) {
    const int index = *next++;  // give() takes it out of the set
    auto& step = run.steps[static_cast<std::size_t>(index)];
    if (auto writer = writers_.find(step.key_string); writer != writers_.end()) {
      step.waits_for = writer->second;
      continue;
    }
    step.waits_for = 0;
    if (!has_version(run, step.location)) continue;
    if (Worker* worker = idle_worker(run, run.locations[static_cast<std::size_t>(step.location)].name)) {
      give(run, index, *worker);
    } else {
      ++unserved[step.location];
      ++in_vain;
    }
  }
  for (auto [location, wanted] : unserved) start_worker(run, location, wanted);
}

Worker* RunCoordinator::idle_worker(ActiveRun& run, const std::string& location) {
  for (auto& [id, worker] : run.workers)
    if (worker->is_ready() && worker->open_step() < 0 && worker->code_location() == location) return worker.get();
  return nullptr;
}

/// True when this run's steps of the location can be run now: by the version it is pinned to, or by one that means the same.
bool RunCoordinator::has_version(ActiveRun& run, int index) {
  auto& pinned = run.locations[static_cast<std::size_t>(index)];
  auto* location = locations_.find(pinned.name);
  if (!location) return false;
  if (location->serves(pinned.hash)) return true;
  const auto& current = location->view().definitions;
  if (!current || !location->serves(current->hash)) return false;  // being loaded: on_workspace_change() comes

  if (auto difference = run.difference(index, *current); !difference.empty()) {
    const std::string message =
        "the definitions of code location " + pinned.name +
        " changed while the daemon was down, and the version this run was launched with is gone: " + difference +
        ". Launch a new run.";
    const auto ready = run.ready;
    for (int step : ready)
      if (run.steps[static_cast<std::size_t>(step)].location == index) fail_step(run, step, "DefinitionsChanged", message);
    return false;
  }
  spdlog::info("run {} goes on with other definitions of {}: its remaining steps mean the same there", run.number, pinned.name);
  storage::Batch batch;
  batch.events.push_back(
      run_event(run, EventKind::definitions_changed, {{"code_location", pinned.name}, {"hash", current->hash}}));
  append_surely(std::move(batch));
  location->unpin(pinned.hash);
  location->pin(current->hash);
  run.repin(index, current);
  return true;
}

bool RunCoordinator::start_worker(ActiveRun& run, int index, std::size_t wanted) {
  const auto& location = run.locations[static_cast<std::size_t>(index)];
  std::size_t count = 0, starting = 0;
  for (const auto& [id, worker] : run.workers) {
    if (worker->code_location() != location.name) continue;
    ++count;
    if (!worker->is_ready() && worker->open_step() < 0) ++starting;
  }
  bool started = false;
  for (; count < run.most_workers && starting < wanted; ++count, ++starting, started = true) {
    Worker& worker =
        add_worker(run, {.worker_id = ++last_worker_, .run = run.number, .code_location = location.name, .journal_offset = 0});
    worker.start(location.hash);
  }
  return started;
}

Worker& RunCoordinator::add_worker(ActiveRun& run, storage::WorkerRow row) {
  const auto number = run.number, id = row.worker_id;
  Worker::Callbacks callbacks;
  callbacks.steps.index = [owner = &run](const std::string& key) { return owner->step_index(key); };
  callbacks.steps.asset_key = [owner = &run](int step) -> const std::string& {
    return owner->steps[static_cast<std::size_t>(step)].key_string;
  };
  callbacks.on_ready = [this, number] {
    if (auto* owner = find(number)) {
      for (auto& location : owner->locations) location.start_failures = 0;
      if (owner->ending || stopping_) {
        for (auto& [other, worker] : owner->workers) worker->leave();
      }
      dispatch(*owner);
    }
  };
  callbacks.on_not_started = [this, number, id](std::string message) { worker_not_started(number, id, message); };
  callbacks.on_gone = [this, number, id](int lost_step, bool disk_full) { worker_gone(number, id, lost_step, disk_full); };
  callbacks.on_store_failed = [this](const Error& error) { store_failed(error); };
  callbacks.on_caught_up = [this] { caught_up(); };
  auto& slot = run.workers[id];
  slot = std::make_unique<Worker>(worker_services_, std::move(row), std::move(callbacks));
  return *slot;
}

void RunCoordinator::give(ActiveRun& run, int index, Worker& worker) {
  auto& step = run.steps[static_cast<std::size_t>(index)];
  const int attempt = std::max(1, run.plan->attempt(index) + (std::exchange(step.same_attempt, false) ? 0 : 1));
  run.plan->started(index, attempt);
  run.ready.erase(index);
  writers_[step.key_string] = run.number;
  if (!std::exchange(run.started, true)) {
    storage::Batch batch;
    batch.events.push_back(run_event(run, EventKind::run_started, nlohmann::json::object()));
    append_surely(std::move(batch));
  }
  worker.give(index, attempt, run.step_message(index, attempt, *reader_));
}

void RunCoordinator::worker_not_started(std::int64_t number, std::int64_t id, const std::string& message) {
  auto* run = find(number);
  if (!run) return;
  const std::string name = run->workers[id]->code_location();
  run->workers.erase(id);
  spdlog::warn("run {}: a worker of {} did not start: {}", number, name, message);
  for (int i = 0; i < static_cast<int>(run->locations.size()); ++i) {
    auto& location = run->locations[static_cast<std::size_t>(i)];
    if (location.name != name || ++location.start_failures < settings_.most_start_failures) continue;
    location.start_failures = 0;
    for (int step : std::set<int>(run->ready))
      if (run->steps[static_cast<std::size_t>(step)].location == i)
        fail_step(*run, step, "WorkerNotStarted", "no worker of code location " + name + " could be started: " + message);
  }
  remove_if_done(number);
  retry_start_ = loop_.after(settings_.start_retry, [this] { dispatch_all(); });
}

void RunCoordinator::worker_gone(std::int64_t number, std::int64_t id, int lost_step, bool disk_full) {
  auto* run = find(number);
  if (!run) return;
  run->workers.erase(id);
  run->blocking_workers.erase(id);
  if (lost_step >= 0) take_back(*run, lost_step, disk_full);
  if (disk_full) store_failed({ErrorCode::unavailable, "a worker could not write its journal: the disk is full"});
  if (run->ending) return remove_if_done(number);
  dispatch(*run);
}

/// A step whose worker was lost before it began (or could not write): given out again, and again only so often.
void RunCoordinator::take_back(ActiveRun& run, int index, bool disk_full) {
  auto& step = run.steps[static_cast<std::size_t>(index)];
  if (auto writer = writers_.find(step.key_string); writer != writers_.end() && writer->second == run.number)
    writers_.erase(writer);
  if (is_final(run.plan->status(index))) return;
  if (run.canceling) {
    storage::Batch batch;
    close_steps(run, {index}, StepStatus::canceled, batch);
    return append_surely(std::move(batch));
  }
  run.plan->retrying(index);
  run.plan->retry(index);
  run.ready.insert(index);
  step.same_attempt = !disk_full;
  if (!disk_full && ++step.losses > settings_.most_losses) {
    fail_step(run, index, "WorkerLost", "workers died " + std::to_string(step.losses) + " times before they began this step");
  }
}

/// A ready step fails without having run; its end is folded when it is committed, like any other.
void RunCoordinator::fail_step(ActiveRun& run, int index, const std::string& type, const std::string& message) {
  run.ready.erase(index);
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
