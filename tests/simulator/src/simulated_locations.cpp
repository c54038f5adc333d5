#include "simulated_locations.hpp"

#include "worker_process.hpp"

namespace headrace::simulator {

using code_locations::LocationState;

SimulatedLocation::SimulatedLocation(SimulatedLocations& all, LocationCode& code) : all_(all), code_(code) {
  view_.name = code.name;
}

// ---- loading -----------------------------------------------------------------------------------------------------------

void SimulatedLocation::load() {
  if (std::exchange(is_loading_, true)) {
    load_again_ = true;
    return;
  }
  view_.reloading = view_.definitions != nullptr;
  all_.machine.world.after(all_.machine.world.random().skewed(10 * k_millisecond, 2 * k_second), [this, alive = all_.alive] {
    if (!*alive) return;
    all_.loop.post([this] { loaded(); });
  });
}

void SimulatedLocation::loaded() {
  is_loading_ = view_.reloading = false;
  storage::Batch batch;
  Event event;
  event.time = all_.loop.now();
  if (code_.is_broken) {
    all_.machine.world.trace("code location {} fails to load", code_.name);
    view_.state = view_.definitions ? LocationState::loaded : LocationState::failed;
    view_.error = {{"type", "SyntaxError"}, {"message", "broken"}};
    event.kind = EventKind::code_location_failed;
    event.payload = nlohmann::json{{"name", view_.name}, {"error", view_.error}}.dump();
  } else {
    const auto& version = code_.versions[code_.deployed];
    all_.machine.world.trace("code location {} loaded version {} ({})", code_.name, code_.deployed, version.definitions->hash);
    view_.definitions = version.definitions;
    view_.state = LocationState::loaded;
    view_.error = nullptr;
    hosts_[view_.definitions->hash] = std::make_shared<Host>();
    retire_unneeded();
    batch.definitions = std::pair(version.definitions->hash, version.json.dump());
    event.kind = EventKind::code_location_loaded;
    event.payload = nlohmann::json{{"name", view_.name}, {"hash", version.definitions->hash}}.dump();
  }
  batch.events.push_back(std::move(event));
  all_.publish();
  record(std::move(batch));
  if (std::exchange(load_again_, false)) load();
}

void SimulatedLocation::record(storage::Batch batch) {
  auto again = batch;
  all_.log.append(std::move(batch), [this, again = std::move(again)](Result<storage::EventLog::Appended> result) {
    all_.loop.post([this, again, is_recorded = result.has_value()] {
      if (std::exchange(view_.is_recorded, is_recorded) != is_recorded) all_.publish();
      if (is_recorded) return;
      all_.machine.world.after(k_second, [this, alive = all_.alive, again] {
        if (*alive) record(again);
      });
    });
  });
}

void SimulatedLocation::kill_host() {
  if (!view_.definitions) return;
  auto host = hosts_.extract(view_.definitions->hash);
  if (host.empty()) return;
  all_.machine.world.trace("the host of {} dies", code_.name);
  host.mapped()->is_alive = false;
  view_.reloading = true;
  all_.publish();
  all_.machine.world.after(200 * k_millisecond, [this, alive = all_.alive] {
    if (*alive) load();
  });
}

void SimulatedLocation::unpin(const std::string& hash) {
  auto found = pins_.find(hash);
  if (found == pins_.end()) throw Violation("a version of " + code_.name + " is unpinned once too often");
  if (--found->second == 0) pins_.erase(found);
  retire_unneeded();
}

void SimulatedLocation::retire_unneeded() {
  std::erase_if(hosts_, [this](const auto& entry) {
    return !pins_.contains(entry.first) && !(view_.definitions && view_.definitions->hash == entry.first);
  });
}

void SimulatedLocation::fall_back_to_spawn(const std::string& reason) {
  view_.fork_workers = false;
  view_.worker_start_reason = reason;
  all_.publish();
}

// ---- workers -----------------------------------------------------------------------------------------------------------

/// The request is on its way to the host: whether the daemon or the host is killed meanwhile, the fork may still happen. A
/// spawned worker is there at once, and the daemon itself is its parent.
void SimulatedLocation::start_worker(const std::string& hash, std::int64_t worker_id, bool must_spawn,
                                     code_locations::WorkerFiles files, code_locations::WorkerStarted done) {
  auto& world = all_.machine.world;
  const bool is_forked = view_.fork_workers && !must_spawn;
  auto host = hosts_.contains(hash) ? hosts_[hash] : nullptr;
  if (!host) return done(fail(ErrorCode::unavailable, "code location " + code_.name + " is not loaded"));
  if (world.random().chance(all_.machine.temper.fork_fails)) {
    all_.loop.post([done] { done(fail(ErrorCode::unavailable, "no more processes")); });
    return;
  }
  const auto exit_status_of = [this, host, is_forked](std::shared_ptr<WorkerProcess> process) {
    return [this, alive = all_.alive, host, is_forked, process](std::function<void(code_locations::ExitStatus)> on_exit) {
      if (is_forked && !host->is_alive) return on_exit({});
      process->on_exit([this, alive, host, is_forked, on_exit](code_locations::ExitStatus status) {
        if (!*alive) return;
        all_.loop.post(
            [on_exit, status = is_forked && !host->is_alive ? code_locations::ExitStatus{} : status] { on_exit(status); });
      });
    };
  };
  if (!is_forked) {
    auto process = all_.machine.start_process(worker_id, code_.name, hash, false, std::move(files));
    return done(code_locations::WorkerProcess{process->pid(), process->open_pidfd(), exit_status_of(process), false});
  }
  auto carried = std::make_shared<code_locations::WorkerFiles>(std::move(files));
  world.after(world.random().skewed(200, 100 * k_millisecond), [this, alive = all_.alive, host, hash, worker_id, carried, done,
                                                                machine = &all_.machine, name = code_.name, exit_status_of] {
    const bool host_is_there = *alive && host->is_alive;
    std::shared_ptr<WorkerProcess> process;
    if (host_is_there || machine->world.random().chance(0.5))
      process = machine->start_process(worker_id, name, hash, true, std::move(*carried));
    *carried = {};
    machine->world.touch();
    machine->world.after(machine->world.random().skewed(50, 10 * k_millisecond),
                         [this, alive, host, done, process, exit_status_of] {
                           if (!*alive) return;
                           all_.loop.post([host, done, process, exit_status_of] {
                             if (!host->is_alive || !process)
                               return done(fail(ErrorCode::unavailable, "the host of this code location died"));
                             done(code_locations::WorkerProcess{process->pid(), process->open_pidfd(), exit_status_of(process)});
                           });
                         });
  });
}

// ---- all of them -------------------------------------------------------------------------------------------------------

SimulatedLocations::SimulatedLocations(Machine& the_machine, async::Loop& the_loop, storage::EventLog& the_log,
                                       std::vector<LocationCode>& code)
    : machine(the_machine), loop(the_loop), log(the_log) {
  for (auto& each : code) locations_.push_back(std::make_unique<SimulatedLocation>(*this, each));
  publish();
}

void SimulatedLocations::load_all() {
  for (auto& location : locations_) location->load();
}

SimulatedLocation* SimulatedLocations::find(std::string_view name) {
  for (auto& location : locations_)
    if (location->view().name == name) return location.get();
  return nullptr;
}

Result<void> SimulatedLocations::reload(const std::string& name) {
  if (auto* location = find(name)) location->load();
  return {};
}

void SimulatedLocations::publish() {
  auto next = std::make_shared<code_locations::WorkspaceSnapshot>();
  next->version = snapshot_ ? snapshot_->version + 1 : 1;
  std::vector<std::shared_ptr<const Definitions>> definitions;
  for (const auto& location : locations_) {
    next->locations.push_back(location->view());
    if (location->view().definitions) definitions.push_back(location->view().definitions);
  }
  auto graph = AssetGraph::build(std::move(definitions), {.allow_unknown_upstreams = true});
  if (!graph) throw std::logic_error("the simulated graph: " + graph.error().message);
  next->graph = std::make_shared<const AssetGraph>(std::move(*graph));
  snapshot_ = std::move(next);
  if (on_change_) on_change_();
}

}  // namespace headrace::simulator
