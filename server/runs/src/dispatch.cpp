// RunCoordinator: giving steps to workers.
#include <runs/run_coordinator.hpp>

#include <algorithm>

namespace headrace::runs {
namespace {

constexpr std::size_t k_worth_dealing = 4;

}  // namespace

void RunCoordinator::on_workspace_change() { dispatch_all(); }

/// Runs that have left the queue, the most urgent first.
void RunCoordinator::dispatch_all() {
  std::vector<std::pair<int, std::int64_t>> order;  // copied: a dispatch may end a run
  for (const auto& [number, run] : runs_) order.emplace_back(-run->priority, number);
  std::sort(order.begin(), order.end());
  for (auto [priority, number] : order)
    if (auto* run = find(number)) dispatch(*run);
}

/// After something was set free: the runs that were held back by others, the most urgent first.
void RunCoordinator::dispatch_held() {
  const auto held = held_runs_;
  for (auto [priority, number] : held)
    if (auto* run = find(number)) dispatch(*run);
}

void RunCoordinator::dispatch(ActiveRun& run) {
  if (stopping_ || is_paused() || recovering_ || !run.is_admitted || run.canceling || run.ending || !run.blocking_workers.empty())
    return;
  run.set_ready(std::exchange(run.held, {}));
  held_runs_.erase({-run.priority, run.number});
  if (!run.unreadable_because.empty()) return fail_unreadable(run);
  std::map<int, std::size_t> unserved;  // steps that want a worker, by location
  do {
    std::set<int> closed;  // lanes that can give out nothing now
    unserved.clear();
    for (int lane; (lane = run.ready.best_lane(closed)) >= 0;)
      if (!give_head(run, lane, unserved)) closed.insert(lane);
  } while (take_from_the_fullest(run));
  give_ahead(run);
  for (auto& [id, worker] : run.workers) worker->send_given();
  for (auto [location, wanted] : unserved) start_workers(run, location, wanted);
  keep_spares(run);
}

/// Gives the first step of a lane to a worker, or holds it back; false: nothing of this lane can be given out now.
bool RunCoordinator::give_head(ActiveRun& run, int index, std::map<int, std::size_t>& unserved) {
  auto& lane = run.lanes[static_cast<std::size_t>(index)];
  const int head = run.ready.head(index);
  auto& step = run.steps[static_cast<std::size_t>(head)];
  step.waits_for = 0;
  if (auto writer = writers_.find(step.key_string); writer != writers_.end()) {
    step.waits_for = writer->second;
    run.unset_ready(head);
    run.held.push_back(head);
    held_runs_.emplace(-run.priority, run.number);
    return true;
  }
  lane.held_by = concurrency_.full(lane.counters);
  if (!lane.held_by.empty()) {
    held_runs_.emplace(-run.priority, run.number);
    return false;
  }
  if (!has_version(run, lane.location)) {
    lane.held_by = "code location \"" + run.locations[static_cast<std::size_t>(lane.location)].name + "\", which is not loaded";
    return false;
  }
  if (auto lost = lost_upstream(run, head); !lost.empty()) {
    fail_step(
        run, head, "ValueLost",
        "the value of asset \"" + lost + "\" was kept in the memory of a worker that has ended; retry the run from failure");
    return true;
  }
  Worker* worker = idle_worker(run, lane.location);
  if (!worker) worker = worker_with_room(run, lane);
  if (worker) {
    give(run, head, *worker);
  } else {
    unserved[lane.location] += run.ready.size_of(index);
  }
  return worker != nullptr;
}

Worker* RunCoordinator::idle_worker(ActiveRun& run, int location) {
  const auto& wanted = run.locations[static_cast<std::size_t>(location)];
  Worker* idle = nullptr;
  std::size_t busy = 0;
  for (auto& [id, worker] : run.workers) {
    if (worker->code_location() != wanted.name) continue;
    busy += worker->open_step() >= 0;
    if (!idle && worker->is_ready() && worker->open_step() < 0) idle = worker.get();
  }
  return busy < wanted.most_workers ? idle : nullptr;
}

/// A worker that may have the step at hand while it runs another; the one with the fewest. A step that limits count is given only
/// to be run at once.
Worker* RunCoordinator::worker_with_room(ActiveRun& run, const ActiveRun::Lane& lane) {
  const auto& wanted = run.locations[static_cast<std::size_t>(lane.location)];
  if (!lane.counters.empty() || wanted.execution.isolation == Execution::Isolation::step) return nullptr;
  Worker* best = nullptr;
  for (auto& [id, worker] : run.workers) {
    if (worker->code_location() != wanted.name || !worker->has_room()) continue;
    if (!best || worker->steps_at_hand() < best->steps_at_hand()) best = worker.get();
  }
  return best;
}

/// Steps that wait only for what a worker has at hand: it has them at hand too, and goes on without asking. What is given here is
/// looked at in its turn: a chain.
void RunCoordinator::give_ahead(ActiveRun& run) {
  for (auto& [id, worker] : run.workers) {
    if (!worker->chains_steps()) continue;
    for (std::size_t i = 0; i < worker->steps_at_hand() && worker->has_room(); ++i) {
      for (const int next : run.plan->downstream(worker->step_at_hand(i)))
        if (worker->has_room() && may_follow(run, next, *worker)) give(run, next, *worker);
    }
  }
}

bool RunCoordinator::may_follow(ActiveRun& run, int index, const Worker& worker) {
  const auto& step = run.steps[static_cast<std::size_t>(index)];
  const auto& location = run.locations[static_cast<std::size_t>(step.location)];
  const bool may_wait_here = run.lanes[static_cast<std::size_t>(step.lane)].counters.empty() &&
                             location.execution.isolation != Execution::Isolation::step;
  if (run.plan->status(index) != StepStatus::waiting || run.plan->missing(index) > static_cast<int>(worker.steps_at_hand()) ||
      !may_wait_here || location.name != worker.code_location() || writers_.contains(step.key_string))
    return false;
  const auto is_or_will_be_made = [&](int up) { return run.plan->status(up) == StepStatus::success || worker.has_at_hand(up); };
  const auto& upstream = run.plan->upstream(index);
  return std::all_of(upstream.begin(), upstream.end(), is_or_will_be_made) && lost_upstream(run, index).empty() &&
         has_version(run, step.location);
}

/// Where one worker has nothing to do and another has many steps at hand: those are ready again, to be dealt out to both.
bool RunCoordinator::take_from_the_fullest(ActiveRun& run) {
  for (int i = 0; i < static_cast<int>(run.locations.size()); ++i) {
    if (!idle_worker(run, i)) continue;
    Worker* fullest = nullptr;
    std::size_t most = k_worth_dealing - 1;
    for (auto& [id, worker] : run.workers) {
      if (worker->code_location() != run.locations[static_cast<std::size_t>(i)].name) continue;
      const auto count = ready_at_hand(run, *worker);
      if (count <= most) continue;
      fullest = worker.get();
      most = count;
    }
    const auto steps = fullest ? fullest->take_back() : std::vector<int>{};
    for (const int step : steps) put_back(run, step);
    if (!steps.empty()) return true;
  }
  return false;
}

/// Without those that wait for others there.
std::size_t RunCoordinator::ready_at_hand(const ActiveRun& run, const Worker& worker) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < worker.steps_at_hand(); ++i) count += run.plan->missing(worker.step_at_hand(i)) == 0;
  return count;
}

/// The asset whose value this step reads, made in this run and lost with the memory it was in; "" for none.
std::string RunCoordinator::lost_upstream(const ActiveRun& run, int step) const {
  for (const int up : run.steps[static_cast<std::size_t>(step)].upstream) {
    const auto& upstream = run.steps[static_cast<std::size_t>(up)];
    if (upstream.value_lost) return upstream.key_string;
  }
  return {};
}

void RunCoordinator::start_workers(ActiveRun& run, int index, std::size_t wanted) {
  const auto& location = run.locations[static_cast<std::size_t>(index)];
  std::size_t count = 0, starting = 0;
  for (const auto& [id, worker] : run.workers) {
    // Where values are in memory, the next worker waits until the last one is gone, and with it what it held.
    if (worker->code_location() != location.name || (worker->is_leaving() && !location.in_memory)) continue;
    ++count;
    if (worker->open_step() < 0) ++starting;
  }
  const bool takes_one_step = location.execution.isolation == Execution::Isolation::step;
  const std::size_t most = location.most_workers + (takes_one_step ? 1 : 0);  // a spare is born while the others work
  for (; count < most && starting < wanted; ++count, ++starting) {
    Worker& worker =
        add_worker(run, {.worker_id = ++last_worker_, .run = run.number, .code_location = location.name, .journal_offset = 0});
    worker.start(location.hash, location.execution.start, takes_one_step, start_of(run));
  }
}

/// A run's start is one transaction with its first worker's row: nothing of the run can happen before it is committed.
storage::Batch RunCoordinator::start_of(ActiveRun& run) {
  storage::Batch batch;
  if (!std::exchange(run.started, true)) batch.events.push_back(run_event(run, EventKind::run_started, nlohmann::json::object()));
  return batch;
}

/// Where every step has a worker of its own, the next one's is made while this one runs.
void RunCoordinator::keep_spares(ActiveRun& run) {
  for (std::size_t i = 0; i < run.locations.size(); ++i) {
    const auto& location = run.locations[i];
    if (location.execution.isolation != Execution::Isolation::step || location.has_changed) continue;
    const bool is_needed = run.plan->open_steps() > static_cast<int>(run.busy_workers()) && has_version(run, static_cast<int>(i));
    if (is_needed) start_workers(run, static_cast<int>(i), 1);
  }
}

Worker& RunCoordinator::add_worker(ActiveRun& run, storage::WorkerRow row) {
  const auto number = run.number, id = row.worker_id;
  Worker::Callbacks callbacks;
  callbacks.steps.index = [owner = &run](const std::string& key) { return owner->step_index(key); };
  callbacks.steps.asset_key = [owner = &run](int step) -> const std::string& {
    return owner->steps[static_cast<std::size_t>(step)].key_string;
  };
  callbacks.steps.seconds_until_retry = [this, owner = &run](int step, int attempt, const nlohmann::json& wish) {
    return owner->canceling ? std::nullopt : owner->seconds_until_retry(step, attempt, wish, random_());
  };
  callbacks.accepts = [this, number, name = row.code_location](const std::string& hash, const nlohmann::json& definitions) {
    return accepts(number, name, hash, definitions);
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
  callbacks.on_taken_back = [this, number](const std::vector<int>& steps) { taken_back(number, steps); };
  callbacks.on_dropped = [this, number](const std::vector<int>& steps) {
    if (auto* owner = find(number))
      for (const int step : steps) put_back(*owner, step);
  };
  callbacks.on_not_started = [this, number, id](std::string message) { worker_not_started(number, id, message); };
  callbacks.on_gone = [this, number, id](int lost_step, bool disk_full) { worker_gone(number, id, lost_step, disk_full); };
  callbacks.on_store_failed = [this](const Error& error) { store_failed(error); };
  callbacks.on_caught_up = [this] { caught_up(); };
  auto& slot = run.workers[id];
  slot = std::make_unique<Worker>(worker_services_, std::move(row), std::move(callbacks));
  return *slot;
}

/// What is not made in the run is named by who defines it now: a message about it tells where to look.
void RunCoordinator::name_locations(std::vector<protocol::StepInput>& inputs) const {
  std::shared_ptr<const AssetGraph> graph;
  for (auto& input : inputs) {
    if (!input.code_location.empty()) continue;
    if (!graph) graph = locations_.snapshot()->graph;
    const int index = graph->find(input.asset_key.to_string());
    if (index >= 0 && graph->node(index).definitions) input.code_location = graph->node(index).definitions->code_location;
  }
}

void RunCoordinator::give(ActiveRun& run, int index, Worker& worker) {
  auto& step = run.steps[static_cast<std::size_t>(index)];
  const int attempt = std::max(1, run.plan->attempt(index) + (std::exchange(step.same_attempt, false) ? 0 : 1));
  auto message = run.step_message(index, attempt, *reader_);
  name_locations(message.inputs);
  std::vector<int> after;
  if (run.plan->missing(index) > 0) {
    for (const int up : run.plan->upstream(index))
      if (run.plan->status(up) != StepStatus::success) after.push_back(up);
    for (const int up : after) message.after.push_back(run.steps[static_cast<std::size_t>(up)].step_key);
    run.plan->given_ahead(index, attempt);
  } else {
    run.plan->started(index, attempt);
  }
  run.unset_ready(index);
  occupy(run, index);
  worker.give(index, attempt, std::move(message), std::move(after));
}

/// The step is on its way to a worker: its asset has a writer, and the limits are used.
void RunCoordinator::occupy(ActiveRun& run, int index) {
  auto& step = run.steps[static_cast<std::size_t>(index)];
  writers_[step.key_string] = run.number;
  if (std::exchange(step.holds_slots, true)) return;
  concurrency_.take(run.lanes[static_cast<std::size_t>(step.lane)].counters);
}

/// The step's attempt has ended: others may go on.
void RunCoordinator::release(ActiveRun& run, int index) {
  auto& step = run.steps[static_cast<std::size_t>(index)];
  if (auto writer = writers_.find(step.key_string); writer != writers_.end() && writer->second == run.number)
    writers_.erase(writer);
  if (std::exchange(step.holds_slots, false)) concurrency_.release(run.lanes[static_cast<std::size_t>(step.lane)].counters);
}

}  // namespace headrace::runs
