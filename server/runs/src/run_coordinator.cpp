#include <runs/run_coordinator.hpp>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <random>
#include <system_error>

namespace headrace::runs {
namespace {

/// UUIDv7: 48 bits of milliseconds, then random. `random` is uniform in [0, 1).
std::string make_uuid(std::int64_t microseconds, const std::function<double()>& random) {
  const auto bits = [&random](int count) { return static_cast<std::uint64_t>(std::ldexp(random(), count)); };
  const auto milliseconds = static_cast<std::uint64_t>(microseconds / 1000);
  const std::uint64_t high = (milliseconds << 16) | 0x7000 | bits(12);
  const std::uint64_t low = (bits(31) << 31) | bits(31) | 0x8000000000000000ULL;
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>((high >> 16) & 0xffff), static_cast<unsigned>(high & 0xffff),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

nlohmann::json to_json(const std::vector<Refusal>& refusals) {
  auto list = nlohmann::json::array();
  for (const auto& r : refusals) {
    nlohmann::json item{{"code", r.code}, {"message", r.message}};
    auto put = [&](const char* name, const std::string& value) {
      item[name] = value.empty() ? nlohmann::json(nullptr) : nlohmann::json(value);
    };
    put("asset_key", r.asset_key);
    put("resource", r.resource);
    put("variable", r.variable);
    put("code_location", r.code_location);
    list.push_back(std::move(item));
  }
  return list;
}

/// For the terminal: the failure and its place in the user's code, on one line whatever the user's text holds.
void tell_failure(const Event& event) {
  auto text = message(event);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  spdlog::warn("run {}: {}", event.run, text);
}

}  // namespace

RunCoordinator::RunCoordinator(async::Loop& loop, storage::EventLog& log, code_locations::Locations& locations,
                               code_locations::Processes& processes, std::filesystem::path home, RunSettings settings)
    : loop_(loop),
      log_(log),
      locations_(locations),
      settings_(std::move(settings)),
      concurrency_(settings_.limits),
      worker_services_{.loop = loop,
                       .log = log,
                       .locations = locations,
                       .processes = processes,
                       .home = std::move(home),
                       .birth_limit = settings_.birth_limit,
                       .watch = settings_.watch},
      reader_(log.open_reader()),
      cursor_(log.last_id()),
      last_run_(log.last_run_number()),
      last_worker_(log.last_worker_id()) {
  // Not std::random_device: in a static libstdc++ that of gcc 12 needs a libc of 2022.
  std::array<unsigned, 4> words{};
  if (getentropy(words.data(), sizeof words) != 0) throw std::system_error(errno, std::generic_category(), "no random numbers");
  std::seed_seq seeds(words.begin(), words.end());
  random_ = settings_.random ? settings_.random : [engine = std::mt19937_64(seeds)]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

RunCoordinator::~RunCoordinator() { *alive_ = false; }

std::size_t RunCoordinator::workers() const {
  std::size_t count = 0;
  for (const auto& [number, run] : runs_) count += run->workers.size();
  return count;
}

std::size_t RunCoordinator::busy_workers() const {
  std::size_t count = 0;
  for (const auto& [number, run] : runs_) count += run->busy_workers();
  return count;
}

RunFigures RunCoordinator::figures() const {
  auto figures = figures_;
  figures.active_runs = active_runs();
  figures.workers = workers();
  figures.busy_workers = busy_workers();
  figures.cursor = cursor_;
  return figures;
}

ActiveRun* RunCoordinator::find(std::int64_t number) {
  auto found = runs_.find(number);
  return found == runs_.end() ? nullptr : found->second.get();
}

void RunCoordinator::append(storage::Batch batch, Done done) {
  log_.append(std::move(batch),
              [this, alive = alive_, loop = &loop_, done = std::move(done)](Result<storage::EventLog::Appended> result) {
                loop->post([this, alive, done, result = std::move(result)] {
                  if (!*alive) return;
                  if (!result && result.error().code == ErrorCode::unavailable) store_failed(result.error());
                  done(result);
                });
              });
}

void RunCoordinator::append_surely(storage::Batch batch, Done done) {
  if (is_paused()) {
    unwritten_.emplace_back(std::move(batch), std::move(done));
    return;
  }
  auto copy = batch;
  append(std::move(batch), [this, copy = std::move(copy), done = std::move(done)](Result<storage::EventLog::Appended> result) {
    const bool may_work_later = !result && result.error().code == ErrorCode::unavailable;
    if (!result && !may_work_later) spdlog::error("the event log refused an event of a run: {}", result.error().message);
    if (may_work_later)
      unwritten_.emplace_back(copy, done);
    else if (done)
      done(result);
  });
}

Event RunCoordinator::run_event(const ActiveRun& run, EventKind kind, nlohmann::json payload) const {
  Event event;
  event.kind = kind;
  event.time = loop_.now();
  event.run = run.number;
  event.payload = payload.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return event;
}

// ---- launching ---------------------------------------------------------------------------------------------------------

Result<std::optional<LaunchedRun>> RunCoordinator::find_same(const RunRequest& request) {
  auto number = reader_->run_number(request.run_id);
  if (!number) return std::nullopt;
  auto row = reader_->run(*number);
  if (row && row->request_hash == request.request_hash) return LaunchedRun{request.run_id, *number, false};
  return fail(ErrorCode::conflict,
              "run_id " + request.run_id + " is run " + std::to_string(*number) + " already, launched with another request");
}

void RunCoordinator::launch(RunRequest request, std::function<void(Result<LaunchedRun>)> done) {
  if (stopping_) return done(fail(ErrorCode::unavailable, "the daemon is stopping"));
  if (is_paused())
    return done(
        fail(ErrorCode::unavailable, "the event log cannot be written now (is the disk full?); no run is launched until it can"));
  if (request.run_id.empty()) {
    request.run_id = make_uuid(loop_.now(), random_);
  } else if (auto pending = launching_.find(request.run_id); pending != launching_.end()) {
    if (pending->second.request_hash != request.request_hash)
      return done(fail(ErrorCode::conflict, "run_id " + request.run_id + " is being launched with another request"));
    pending->second.waiting.push_back(std::move(done));
    return;
  } else if (auto same = find_same(request); !same) {
    return done(tl::unexpected(same.error()));
  } else if (*same) {
    return done(**same);
  }

  auto workspace = locations_.snapshot();
  auto preview = preview_run(*workspace, *reader_, request);
  if (!preview) return done(tl::unexpected(preview.error()));
  if (!preview->refusals.empty()) {
    std::string message = preview->refusals.front().message;
    return done(fail(ErrorCode::refused, std::move(message), {{"refusals", to_json(preview->refusals)}}));
  }

  for (const auto& step : preview->steps) {
    const auto& name = workspace->graph->node(step.asset).definitions->code_location;
    if (!workspace->find(name)->is_recorded)
      return done(fail(ErrorCode::unavailable, "the definitions of code location " + name +
                                                   " could not be written to the event log yet (is the disk full?); try again"));
  }

  auto run = ActiveRun::create(++last_run_, request, *preview, *workspace);
  for (const auto& location : run->locations) locations_.find(location.name)->pin(location.hash);
  auto counted = [this, begun = loop_.now(), done = std::move(done)](Result<LaunchedRun> launched) {
    if (launched) figures_.launch_seconds.add(static_cast<double>(std::max<std::int64_t>(0, loop_.now() - begun)) / 1e6);
    done(std::move(launched));
  };
  launching_[run->run_id] = {request.request_hash, run->number, {std::move(counted)}};
  storage::Batch batch;
  batch.events.push_back(run_event(*run, EventKind::run_created, run->created_payload(request)));
  batch.durable = true;
  // std::function wants copyable captures: the run travels in a box that is emptied on arrival.
  auto box = std::make_shared<std::unique_ptr<ActiveRun>>(std::move(run));
  append(std::move(batch), [this, box](Result<storage::EventLog::Appended> result) {
    auto created = std::move(*box);
    auto pending = std::move(launching_.extract(created->run_id).mapped());
    const LaunchedRun launched{created->run_id, created->number, true};
    if (result)
      begin(std::move(created));
    else
      for (const auto& location : created->locations) locations_.find(location.name)->unpin(location.hash);
    for (auto& waiting : pending.waiting) waiting(result ? Result<LaunchedRun>(launched) : tl::unexpected(result.error()));
  });
}

void RunCoordinator::begin(std::unique_ptr<ActiveRun> run) {
  run->prepare(concurrency_, settings_.most_workers_per_run);
  run->set_ready(run->plan->begin().ready);
  auto& kept = *run;
  runs_[run->number] = std::move(run);
  enqueue(kept);
}

void RunCoordinator::cancel(std::int64_t number, std::function<void(Result<void>)> done) {
  if (recovered_.contains(number))  // its plan is not known yet
    return after_recovery_.push_back([this, number, done = std::move(done)] { cancel(number, done); });
  auto* run = find(number);
  if (!run || run->ending) {
    auto row = reader_->run(number);
    if (!row) return done(fail(ErrorCode::not_found, "there is no run " + std::to_string(number)));
    return done(fail(ErrorCode::conflict,
                     "run " + std::to_string(number) + " has ended already (" + std::string(to_string(row->status)) + ")"));
  }
  if (run->canceling && !run->cancel_waiting) return done({});
  if (run->canceling) return run->cancel_waiting->push_back(std::move(done));
  storage::Batch batch;
  batch.events.push_back(run_event(*run, EventKind::run_canceling, {{"by", "request"}}));
  run->cancel_waiting = std::make_shared<std::vector<std::function<void(Result<void>)>>>();
  run->cancel_waiting->push_back(std::move(done));
  carry_out_cancellation(*run, std::move(batch), [this, number, waiting = run->cancel_waiting] {
    if (auto* written = find(number)) written->cancel_waiting.reset();
    for (const auto& answer : *waiting) answer({});
  });
}

/// Workers are told at once, whatever the log takes: a full disk is a reason to cancel. `written`: the batch is.
void RunCoordinator::carry_out_cancellation(ActiveRun& canceled, storage::Batch batch, std::function<void()> written) {
  auto* run = &canceled;
  const auto number = run->number;
  run->canceling = true;
  for (auto& [id, worker] : run->workers) {
    for (const int back : worker->take_back()) put_back(*run, back);
    const int step = worker->open_step();
    if (step >= 0 || run->blocking_workers.contains(id))
      worker->cancel_step(run->run_id, step < 0 ? "" : run->steps[static_cast<std::size_t>(step)].step_key);
  }
  run->kill_timer = loop_.after(settings_.cancel_grace, [this, number] {
    if (auto* late = find(number))
      for (auto& [id, worker] : late->workers) worker->kill(true);
  });
  if (run->blocking_workers.empty()) cancel_steps(*run, batch);  // else a step may be about to begin: unblock() goes on
  batch.durable = true;
  if (!batch.events.empty()) append_surely(std::move(batch), [written](Result<storage::EventLog::Appended>) { written(); });
  end_if_finished(*run, {});
}

/// What has not begun never will.
void RunCoordinator::cancel_steps(ActiveRun& run, storage::Batch& batch) {
  auto change = run.plan->cancel();
  run.ready.clear();
  run.held.clear();
  for (auto& step : run.steps) step.retry_timer.reset();
  close_steps(run, change.skipped, StepStatus::canceled, batch);
}

void RunCoordinator::retry(std::int64_t number, RetryFrom from, std::function<void(Result<LaunchedRun>)> done) {
  auto request = rerun_request(*locations_.snapshot(), *reader_, number, from);
  if (!request) return done(tl::unexpected(request.error()));
  launch(std::move(*request), std::move(done));
}

std::string RunCoordinator::held_by(std::int64_t number, int step) const {
  auto found = runs_.find(number);
  if (found == runs_.end()) return {};
  const auto& run = *found->second;
  if (step < 0) return run.is_admitted || run.ending ? "" : concurrency_.full(run.counters);
  if (step >= static_cast<int>(run.steps.size()) || run.plan->status(step) != StepStatus::ready) return {};
  if (!run.blocking_workers.empty()) return "a worker of the daemon before this one, until it says what it does or ends";
  return run.lanes[static_cast<std::size_t>(run.steps[static_cast<std::size_t>(step)].lane)].held_by;
}

std::size_t RunCoordinator::living_workers() const {
  std::size_t count = 0;
  for (const auto& [number, run] : runs_) count += run->workers.size();
  return count;
}

std::int64_t RunCoordinator::waits_for(std::int64_t number, int step) const {
  auto found = runs_.find(number);
  if (found == runs_.end() || step < 0 || step >= static_cast<int>(found->second->steps.size())) return 0;
  return found->second->steps[static_cast<std::size_t>(step)].waits_for;
}

// ---- folding -----------------------------------------------------------------------------------------------------------

void RunCoordinator::on_commit(std::int64_t last_id) {
  if (recovering_) {  // the plans are folded from the database at the end of it
    cursor_ = last_id;
    return;
  }
  while (cursor_ < last_id) {
    auto events = log_.recent_after(cursor_, 1000);
    if (!events) events = reader_->read_after(cursor_, 1000);
    if (events->empty()) return;
    for (const auto& event : *events) {
      cursor_ = event.id;
      apply(event);
    }
  }
}

void RunCoordinator::apply(const Event& event) {
  auto* run = event.run > 0 ? find(event.run) : nullptr;
  if (!run || event.step < 0) return;
  if (event.kind == EventKind::materialized) {
    run->take_materialization(event);
  } else if (event.kind == EventKind::step_started) {
    step_times_.started(event);
    step_begun(*run, event);
  } else if (event.kind == EventKind::step_ended) {
    step_ended(*run, event);
  }
}

void RunCoordinator::step_ended(ActiveRun& run, const Event& event) {
  auto payload = nlohmann::json::parse(event.payload, nullptr, false);
  const auto status = step_status_from(payload.value("status", "failure")).value_or(StepStatus::failure);
  step_times_.ended(event, status, figures_);
  if (status == StepStatus::failure || status == StepStatus::retrying) tell_failure(event);
  release(run, event.step);
  if (status == StepStatus::retrying) {
    step_retrying(run, event.step, std::chrono::microseconds(payload.value("retry_at", event.time) - event.time));
  } else {
    auto change = run.plan->ended(event.step, status);
    run.unset_ready(event.step);
    if (!run.canceling) run.set_ready(change.ready);
    storage::Batch batch;
    close_steps(run, change.skipped, StepStatus::skipped, batch);
    end_if_finished(run, std::move(batch));
  }
  if (!held_runs_.empty()) dispatch_held();
  if (auto* still = find(event.run)) dispatch(*still);
}

/// The ends of steps that no worker will ever run.
void RunCoordinator::close_steps(const ActiveRun& run, const std::vector<int>& steps, StepStatus status, storage::Batch& batch) {
  for (int step : steps) {
    auto event = run_event(run, EventKind::step_ended, {{"status", to_string(status)}, {"error", nullptr}, {"seconds", nullptr}});
    event.step = step;
    event.asset_key = run.steps[static_cast<std::size_t>(step)].key_string;
    batch.events.push_back(std::move(event));
  }
}

void RunCoordinator::end_if_finished(ActiveRun& run, storage::Batch batch) {
  if (run.plan->finished() && !std::exchange(run.ending, true)) {
    const auto outcome = run.canceling ? RunStatus::canceled : run.plan->outcome();
    batch.events.push_back(run_event(run, EventKind::run_ended, {{"status", to_string(outcome)}, {"message", nullptr}}));
    batch.durable = true;
    spdlog::info("run {}: {} ({} steps)", run.number, to_string(outcome), run.steps.size());
    for (auto& [id, worker] : run.workers) worker->leave();
    leave_queue(run);
    append_surely(std::move(batch), [this, number = run.number](Result<storage::EventLog::Appended>) { remove_if_done(number); });
  } else if (!batch.events.empty()) {
    append_surely(std::move(batch));
  }
}

/// A run stays in memory until its last worker is gone too.
void RunCoordinator::remove_if_done(std::int64_t number) {
  auto* run = find(number);
  if (!run || !run->ending || !run->workers.empty()) return;
  for (const auto& location : run->locations)
    if (auto* known = locations_.find(location.name)) known->unpin(location.hash);
  runs_.erase(number);
  step_times_.forget(number);
  if (runs_.empty() && on_all_canceled_) std::exchange(on_all_canceled_, nullptr)();
}

// ---- stopping ----------------------------------------------------------------------------------------------------------

void RunCoordinator::stop() {
  stopping_ = true;
  for (auto& [number, run] : runs_)
    for (auto& [id, worker] : run->workers) worker->leave();
}

void RunCoordinator::cancel_all(std::function<void()> done) {
  stopping_ = true;
  on_all_canceled_ = std::move(done);
  std::vector<std::int64_t> numbers;
  for (const auto& [number, run] : runs_) numbers.push_back(number);
  for (auto number : numbers) cancel(number, [](Result<void>) {});
  if (runs_.empty() && on_all_canceled_) std::exchange(on_all_canceled_, nullptr)();
  if (is_paused()) leave_without_log();
}

/// Interrupted while the log takes nothing: no end can be written, so what runs is killed, and the next start finds it dead.
void RunCoordinator::leave_without_log() {
  if (!on_all_canceled_) return;
  spdlog::warn("the event log takes nothing: what runs is killed, and its end is written at the next start");
  kill_all();
  std::exchange(on_all_canceled_, nullptr)();
}

void RunCoordinator::kill_all() {
  for (auto& [number, run] : runs_)
    for (auto& [id, worker] : run->workers) worker->kill(true);
}

// ---- a log that takes nothing ------------------------------------------------------------------------------------------

void RunCoordinator::store_failed(const Error& error) {
  if (is_paused()) return;
  trouble_ = error.message;
  spdlog::error("the event log takes nothing: {}; steps are held back until it does", error.message);
  probe_ = loop_.after(settings_.store_retry, [this] { probe_store(); });
  leave_without_log();
}

void RunCoordinator::probe_store() {
  storage::Batch batch;
  batch.durable = true;
  log_.append(std::move(batch), [this, alive = alive_, loop = &loop_](Result<storage::EventLog::Appended> result) {
    loop->post([this, alive, ok = result.has_value()] {
      if (!*alive) return;
      if (!ok) {
        probe_ = loop_.after(settings_.store_retry, [this] { probe_store(); });
        return;
      }
      spdlog::info("the event log can be written again");
      trouble_.clear();
      auto unwritten = std::exchange(unwritten_, {});
      for (auto& [kept, then] : unwritten) append_surely(std::move(kept), std::move(then));
      for (auto& [number, run] : runs_)
        for (auto& [id, worker] : run->workers) worker->retry_reading();
      admit_runs();
      dispatch_all();
    });
  });
}

}  // namespace headrace::runs
