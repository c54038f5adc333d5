#include "simulated_log.hpp"

#include <algorithm>

namespace headrace::simulator {

SimulatedLog::SimulatedLog(Machine& machine, const std::filesystem::path& home) : machine_(machine) {
  storage::Options options;
  options.durability = storage::Durability::fast;  // no power is cut here: syncing would only take time
  options.ring_size = machine.world.random().chance(0.3) ? 2 : 8192;
  options.writer_thread = false;
  log_ = storage::EventLog::open(home, options);
  if (log_->last_id() != static_cast<std::int64_t>(machine.witness.log().size()))
    throw Violation(fmt::format("the log ends with event {}; {} were committed", log_->last_id(), machine.witness.log().size()));
}

void SimulatedLog::append(storage::Batch batch, Done done) {
  queue_.push_back({std::move(batch), std::move(done)});
  if (!is_busy_) plan_commit();
}

void SimulatedLog::plan_commit() {
  is_busy_ = true;
  machine_.world.after(machine_.world.random().skewed(50, 50 * k_millisecond), [this, alive = alive_] {
    if (*alive) commit_group();
  });
}

/// What waits now is one group. Its callbacks come after the last commit, as with the real writer, and a moment later: the daemon
/// may be killed in between.
void SimulatedLog::commit_group() {
  auto group = std::exchange(queue_, {});
  std::vector<std::pair<Done, Result<Appended>>> answers;
  const auto before = log_->last_id();
  for (auto& entry : group) answers.emplace_back(std::move(entry.done), commit(std::move(entry.batch)));
  const bool has_advanced = log_->last_id() > before;
  machine_.world.after(machine_.world.random().skewed(1, k_millisecond),
                       [this, alive = alive_, answers = std::move(answers), has_advanced] {
                         if (*alive) tell(answers, has_advanced);
                       });
}

void SimulatedLog::tell(std::vector<std::pair<Done, Result<Appended>>> answers, bool has_advanced) {
  for (auto& [done, result] : answers)
    if (done) done(std::move(result));
  if (has_advanced && listener_) listener_(log_->last_id());
  is_busy_ = false;
  if (!queue_.empty()) plan_commit();
}

Result<storage::EventLog::Appended> SimulatedLog::commit(storage::Batch batch) {
  if (machine_.disk_is_full) return fail(ErrorCode::unavailable, "The disk is full.", {{"reason", "disk_full"}});
  auto events = batch.events;
  Result<Appended> answer = fail(ErrorCode::internal, "not answered");
  log_->append(std::move(batch), [&](Result<Appended> result) { answer = std::move(result); });
  if (!answer) {
    machine_.world.trace("the log refuses a batch: {}", answer.error().message);
    return answer;
  }
  auto id = answer->first_id;
  for (auto& event : events) {
    event.id = id++;
    machine_.world.trace("  event {}: {}{}{} {}", event.id, to_string(event.kind),
                         event.run > 0 ? fmt::format(" run {}", event.run) : "",
                         event.step >= 0 ? fmt::format(" step {} attempt {}", event.step, event.attempt) : "",
                         event.kind == EventKind::step_ended || event.kind == EventKind::run_ended ? event.payload : "");
    machine_.witness.committed(event);
  }
  return answer;
}

void SimulatedLog::crash() {
  *alive_ = false;
  auto& random = machine_.world.random();
  if (!random.chance(0.5)) return;
  const auto written = static_cast<std::size_t>(random.below(static_cast<int>(queue_.size()) + 1));
  for (std::size_t i = 0; i < written; ++i) (void)commit(std::move(queue_[i].batch));
}

void SimulatedLog::drain() {
  while (!queue_.empty()) {
    auto entry = std::move(queue_.front());
    queue_.pop_front();
    (void)commit(std::move(entry.batch));
  }
}

}  // namespace headrace::simulator
