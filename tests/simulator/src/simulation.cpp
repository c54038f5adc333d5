#include "simulation.hpp"

#include <algorithm>

#include "power_loss.hpp"
#include "worker_process.hpp"

namespace headrace::simulator {
namespace {

constexpr std::int64_t k_most_turns = 300'000, k_longest_life = 100'000 * k_second;

Scenario scenario_of(World& world) { return make_scenario(world.random()); }

}  // namespace

/// A client that wants an answer: where the daemon was killed before it answered, it asks again, as the API allows.
struct Simulation::Request {
  runs::RunRequest body;
  int tries = 0;
  bool is_answered = false;
};

Daemon::Daemon(Machine& machine, const std::filesystem::path& home, Scenario& scenario)
    : loop(machine.world),
      log(machine, home),
      processes(machine),
      locations(machine, loop, log, scenario.code),
      coordinator(loop, log, locations, processes, home, scenario.settings) {
  log.set_commit_listener([this](std::int64_t id) { loop.post([this, id] { coordinator.on_commit(id); }); });
  locations.set_change_listener([this] { coordinator.on_workspace_change(); });
  loop.post([this] {
    Event event;
    event.kind = EventKind::daemon_started;
    event.time = loop.now();
    storage::Batch batch;
    batch.events.push_back(std::move(event));
    log.append(std::move(batch), {});
    locations.load_all();
    coordinator.recover();
  });
}

Simulation::Simulation(std::uint64_t seed, bool is_verbose, std::filesystem::path home)
    : world_(seed, is_verbose),
      scenario_(scenario_of(world_)),
      witness_(world_, scenario_.settings.limits, scenario_.rules),
      machine_(world_, witness_, scenario_.temper),
      home_(std::move(home)) {
  scenario_.settings.random = [this] { return world_.random().real(); };
  machine_.is_in_memory = [this](const std::string& asset_key, const std::string& hash) {
    for (const auto& code : scenario_.code)
      for (const auto& version : code.versions) {
        if (version.definitions->hash != hash) continue;
        for (const auto& asset : version.definitions->assets)
          if (asset.key.to_string() == asset_key) return version.definitions->find_resource(asset.io_manager_key)->in_memory;
      }
    return false;
  };
}

Simulation::Outcome Simulation::run() {
  for (const auto& code : scenario_.code)
    for (const auto& version : code.versions)
      for (const auto& asset : version.json.at("assets"))
        world_.trace("{}: {} from {}, {}", version.definitions->hash, asset.at("key").dump(), asset.at("deps").dump(),
                     asset.at("io_manager_key").dump());
  plan();
  start_daemon();
  live();
  check_rest();
  check_log();
  daemon_.reset();
  outcome_.virtual_time = world_.time();
  outcome_.events = static_cast<std::int64_t>(witness_.log().size());
  outcome_.runs = static_cast<std::int64_t>(witness_.runs().size());
  outcome_.hash = hash_of_log();
  return outcome_;
}

/// Until nothing is left to happen. The daemon does one thing at a time, and each takes its time.
void Simulation::live() {
  for (;;) {
    const auto next = world_.next_event();
    auto turn = daemon_ ? daemon_->loop.next_turn() : std::nullopt;
    if (turn) turn = std::max(*turn, busy_until_);
    if (!next && !turn) return;
    if (++outcome_.turns > k_most_turns || world_.time() > k_longest_life) throw Violation("it never comes to rest");
    if (next && (!turn || *next <= *turn)) {
      world_.happen();
    } else {
      world_.advance(*turn);
      busy_until_ = world_.time() + world_.random().skewed(1, world_.random().chance(0.05) ? machine_.temper.slowest_turn : 200);
      daemon_->loop.turn();
    }
    machine_.wake_readers();
  }
}

void Simulation::start_daemon() {
  ++outcome_.lives;
  world_.trace("the daemon starts");
  daemon_ = std::make_unique<Daemon>(machine_, home_, scenario_);
  busy_until_ = world_.time();
  for (const auto& request : requests_)
    if (!request->is_answered) send(request);
}

void Simulation::end_life() {
  daemon_.reset();
  world_.touch();
  machine_.wake_readers();
  if (world_.random().chance(0.2)) check_derived();
}

// ---- what happens ------------------------------------------------------------------------------------------------------

void Simulation::plan() {
  plan_some(scenario_.launches, &Simulation::launch);
  plan_some(scenario_.cancels, &Simulation::cancel);
  plan_some(scenario_.retries, &Simulation::retry);
  plan_some(scenario_.reloads, &Simulation::reload);
  plan_some(scenario_.crashes, &Simulation::crash);
  plan_some(scenario_.stops, &Simulation::stop);
  plan_some(scenario_.reboots, &Simulation::reboot);
  plan_some(scenario_.power_losses, &Simulation::lose_power);
  plan_some(scenario_.host_deaths, &Simulation::kill_host);
  plan_some(scenario_.kills, &Simulation::kill_worker);
  plan_some(scenario_.full_disks, &Simulation::fill_disk);
  plan_some(scenario_.clock_changes, &Simulation::change_clock);
}

void Simulation::plan_some(int count, void (Simulation::*what)()) {
  for (int i = 0; i < count; ++i) world_.after(world_.random().between(0, scenario_.duration), [this, what] { (this->*what)(); });
}

void Simulation::launch() {
  auto& random = world_.random();
  auto request = std::make_shared<Request>();
  nlohmann::json tags = nlohmann::json::object();
  if (random.chance(0.2)) tags["dagster/priority"] = std::to_string(random.below(3));
  if (random.chance(0.3)) tags["team"] = random.chance(0.5) ? "ml" : "web";
  static const std::vector<std::string> k_isolations{"worker", "step", "in_process", "spawn"};
  if (random.chance(0.2)) tags["headrace/isolation"] = random.pick(k_isolations);
  nlohmann::json body{{"tags", tags},
                      {"run_id", fmt::format("{:08x}-0000-7000-8000-{:012x}", requests_.size(), random.next() >> 16)}};
  if (random.chance(0.5)) {
    body["selection"] = "*";
  } else {
    body["assets"] = nlohmann::json::array();
    const double share = random.real();
    for (const auto& asset : scenario_.assets)
      if (random.chance(share)) body["assets"].push_back({asset});
    if (body["assets"].empty()) body["assets"].push_back({random.pick(scenario_.assets)});
  }
  request->body = *runs::parse_run_request(body);
  requests_.push_back(request);
  if (daemon_) send(request);
  if (daemon_ && random.chance(0.1)) send(request);  // an impatient client
}

void Simulation::send(const std::shared_ptr<Request>& request) {
  daemon_->loop.post([this, request] {
    daemon_->coordinator.launch(request->body, [this, request](Result<runs::LaunchedRun> answer) {
      if (request->is_answered) return;
      if (answer && !witness_.runs().contains(answer->number)) throw Violation("a launch is answered before it is committed");
      if (!answer && answer.error().code == ErrorCode::conflict)
        throw Violation("a launch is refused: " + answer.error().message);
      world_.trace("launch {}: {}", request->body.run_id,
                   answer ? fmt::format("run {}", answer->number) : answer.error().message);
      // Not loaded yet, or the disk is full: later again, but not for ever.
      request->is_answered = answer.has_value() || ++request->tries > 10;
      if (!request->is_answered)
        world_.after(k_second, [this, request] {
          if (daemon_ && !request->is_answered) send(request);
        });
    });
  });
}

std::int64_t Simulation::some_run() {
  return witness_.runs().empty() ? 0 : 1 + world_.random().below(static_cast<int>(witness_.runs().size()));
}

void Simulation::cancel() {
  const auto run = some_run();
  if (!daemon_ || run == 0) return;
  daemon_->loop.post([this, run] {
    world_.trace("cancel run {}", run);
    witness_.asked_to_cancel(run);
    daemon_->coordinator.cancel(run, [this, run](Result<void> answer) {
      const auto& truth = witness_.runs().at(run);
      if (answer && !truth.is_canceling && !truth.has_ended)
        throw Violation(fmt::format("the cancellation of run {} is answered before it is committed", run));
    });
  });
}

void Simulation::retry() {
  const auto run = some_run();
  if (!daemon_ || run == 0) return;
  const auto from = world_.random().chance(0.6) ? runs::RetryFrom::failure : runs::RetryFrom::start;
  daemon_->loop.post([this, run, from] {
    daemon_->coordinator.retry(run, from, [this, run](Result<runs::LaunchedRun> answer) {
      world_.trace("retry run {}: {}", run, answer ? fmt::format("run {}", answer->number) : answer.error().message);
    });
  });
}

void Simulation::reload() {
  auto& code = scenario_.code[static_cast<std::size_t>(world_.random().below(static_cast<int>(scenario_.code.size())))];
  code.deployed = static_cast<std::size_t>(world_.random().below(static_cast<int>(code.versions.size())));
  code.is_broken = world_.random().chance(0.1);
  world_.trace("{} is changed to version {}{}", code.name, code.deployed, code.is_broken ? ", which does not load" : "");
  if (code.is_broken)
    world_.after(5 * k_second, [this, &code] {
      code.is_broken = false;
      if (daemon_) daemon_->loop.post([this, name = code.name] { (void)daemon_->locations.reload(name); });
    });
  if (daemon_ && world_.random().chance(0.8))
    daemon_->loop.post([this, name = code.name] { (void)daemon_->locations.reload(name); });
}

void Simulation::crash() {
  if (!daemon_) return;
  world_.trace("the daemon is killed");
  end_life();
  world_.after(world_.random().skewed(k_millisecond, 5 * k_second), [this] {
    if (!daemon_) start_daemon();
  });
}

/// SIGTERM: no more steps, the log is written to its end, and the daemon is gone a moment later.
void Simulation::stop() {
  if (!daemon_) return;
  world_.trace("the daemon is stopped");
  daemon_->loop.post([this] { daemon_->coordinator.stop(); });
  world_.after(world_.random().skewed(k_millisecond, 5 * k_second), [this, stopped = daemon_.get(), life = outcome_.lives] {
    if (daemon_.get() != stopped || life != outcome_.lives) return;
    daemon_->log.drain();
    crash();
  });
}

void Simulation::reboot() {
  world_.trace("the machine reboots");
  if (daemon_) crash();
  machine_.reboot();
}

/// Often the daemon is dead for a while before: only what it has not read of a journal can be lost.
void Simulation::lose_power() {
  if (daemon_ && world_.random().chance(0.7)) {
    world_.trace("the daemon is killed, and soon the power will be lost");
    end_life();
  }
  world_.after(world_.random().skewed(1, 5 * k_second), [this] {
    if (daemon_) end_life();
    world_.trace("the power is lost");
    machine_.reboot();
    damage_journals(home_, world_, witness_);
    world_.after(world_.random().skewed(k_millisecond, 5 * k_second), [this] {
      if (!daemon_) start_daemon();
    });
  });
}

void Simulation::kill_host() {
  if (!daemon_) return;
  const auto& code = world_.random().pick(scenario_.code);
  daemon_->loop.post([this, name = code.name] { daemon_->locations.find(name)->kill_host(); });
}

void Simulation::kill_worker() {
  const auto living = machine_.living();
  if (!living.empty()) world_.random().pick(living)->die({.known = true, .exit_code = -1, .signal = 9});
}

void Simulation::fill_disk() {
  world_.trace("the disk is full");
  machine_.disk_is_full = true;
  world_.after(world_.random().skewed(10 * k_millisecond, 10 * k_second), [this] {
    world_.trace("the disk has space again");
    machine_.disk_is_full = false;
  });
}

void Simulation::change_clock() {
  world_.set_wall_clock((world_.random().chance(0.5) ? -1 : 1) * world_.random().skewed(k_second, 3600 * k_second));
}

// ---- at the end --------------------------------------------------------------------------------------------------------

/// The file holds what was committed in all the daemon's lives, and its derived tables are what the log gives.
void Simulation::check_log() {
  auto reader = daemon_->log.open_reader();
  const auto& expected = witness_.log();
  const auto events = reader->read_after(0, static_cast<int>(expected.size()) + 1);
  if (events.size() != expected.size())
    throw Violation(fmt::format("the log has {} events; {} were committed", events.size(), expected.size()));
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& a = events[i];
    const auto& b = expected[i];
    if (a.id != b.id || a.kind != b.kind || a.time != b.time || a.run != b.run || a.step != b.step || a.attempt != b.attempt ||
        a.payload != b.payload)
      throw Violation(fmt::format("event {} is not the one that was committed", b.id));
  }
  check_derived();
}

void Simulation::check_derived() {
  if (auto difference = storage::check_derived(home_); !difference.empty()) throw Violation("derived tables: " + difference);
}

/// Everybody has been left in peace and nothing is left to happen: nothing may be left over either.
void Simulation::check_rest() {
  if (!daemon_) throw Violation("no daemon runs at the end");
  for (const auto& [number, run] : witness_.runs())
    if (!run.has_ended) throw Violation(fmt::format("run {} never ends", number));
  if (auto living = machine_.living(); !living.empty())
    throw Violation(fmt::format("worker {} is left over", living.front()->worker_id()));
  if (daemon_->coordinator.active_runs() > 0 || daemon_->coordinator.workers() > 0)
    throw Violation(fmt::format("the coordinator keeps {} runs and {} workers", daemon_->coordinator.active_runs(),
                                daemon_->coordinator.workers()));
  auto reader = daemon_->log.open_reader();
  if (auto rows = reader->workers(); !rows.empty())
    throw Violation(fmt::format("worker {} keeps its row", rows.front().worker_id));
  for (const auto& code : scenario_.code)
    if (!daemon_->locations.find(code.name)->pins().empty()) throw Violation("a version of " + code.name + " stays pinned");
  std::map<std::int64_t, std::vector<std::int64_t>> told;  // by worker, the serials in the order of the log
  for (const auto& event : witness_.log()) {
    const auto payload = nlohmann::json::parse(event.payload);
    if (payload.contains("serial"))
      told[payload.at("worker").get<std::int64_t>()].push_back(payload.at("serial").get<std::int64_t>());
  }
  for (const auto& [worker, journaled] : witness_.journals())
    if (told[worker] != journaled)
      throw Violation(fmt::format("worker {} journaled {} events, of which the log has {}, or others, or in another order",
                                  worker, journaled.size(), told[worker].size()));
  for (const auto& file : std::filesystem::recursive_directory_iterator(home_))
    if (file.path().filename() == "journal") throw Violation("a journal is left over: " + file.path().string());
}

std::uint64_t Simulation::hash_of_log() const {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](std::string_view text) {
    for (unsigned char c : text) hash = (hash ^ c) * 1099511628211ULL;
  };
  for (const auto& event : witness_.log()) {
    auto payload = event.payload;  // some errors name files of the home, which is another folder each time
    if (const auto at = payload.find(home_.string()); at != std::string::npos) payload.erase(at, home_.string().size());
    add(fmt::format("{} {} {} {} {} {} {}\n", event.id, static_cast<int>(event.kind), event.time, event.run, event.step,
                    event.attempt, payload));
  }
  return hash;
}

}  // namespace headrace::simulator
