#include "witness.hpp"

#include <algorithm>

namespace headrace::simulator {

void Witness::journaled(std::int64_t worker, const nlohmann::json& line, std::int64_t begin, std::int64_t end) {
  const std::int64_t serial = line.at("serial");
  journaled_[worker].push_back({.serial = serial,
                                .begin = begin,
                                .end = end,
                                .attempt = attempt_of(line),
                                .is_start = line.at("type") == "step_started",
                                .is_success = line.value("status", "") == "success"});
  if (line.contains("retry")) wishes_[serial] = line.at("retry");
}

Witness::Attempt Witness::attempt_of(const nlohmann::json& line) const {
  const auto run =
      std::find_if(runs_.begin(), runs_.end(), [&](const auto& it) { return it.second.run_id == line.at("run_id"); });
  if (run == runs_.end()) throw Violation("a worker has a step of a run that was never committed: " + line.dump());
  return {run->first, run->second.index.at(line.at("step_key")), line.at("attempt")};
}

std::map<std::int64_t, std::vector<std::int64_t>> Witness::journals() const {
  std::map<std::int64_t, std::vector<std::int64_t>> result;
  for (const auto& [worker, lines] : journaled_)
    for (const auto& line : lines) result[worker].push_back(line.serial);
  return result;
}

bool Witness::is_unread(std::int64_t worker, std::int64_t byte) const {
  const auto lines = journaled_.find(worker);
  if (lines == journaled_.end()) return false;
  const auto read = read_.find(worker);
  const auto from = lines->second.begin() + (read == read_.end() ? 0 : static_cast<std::ptrdiff_t>(read->second));
  return std::any_of(from, lines->second.end(), [byte](const Line& line) { return line.begin <= byte && byte < line.end; });
}

void Witness::lost(std::int64_t worker, std::int64_t byte) {
  auto& lines = journaled_[worker];
  const auto first = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(read_[worker]), lines.end(),
                                  [byte](const Line& line) { return line.end > byte; });
  for (auto line = first; line != lines.end(); ++line) {
    auto& step = step_of(line->attempt);
    if (line->is_success) step.succeeded = false;
    if (!line->is_start) continue;
    step.begun = line->attempt.attempt - 1;
    step.spared.erase(line->attempt.attempt);
  }
  lines.erase(first, lines.end());
}

void Witness::began(std::int64_t worker, const protocol::RunStep& message) {
  const std::string who =
      fmt::format("run {} step {} attempt {} on worker {}", message.run_number, message.step_key, message.attempt, worker);
  auto found = runs_.find(message.run_number);
  if (found == runs_.end()) throw Violation(who + " began, and its run was never committed");
  auto& run = found->second;
  const Attempt attempt{message.run_number, run.index.at(message.step_key), message.attempt};
  auto& step = step_of(attempt);
  if (run.has_ended) throw Violation(who + " began after the end of its run");
  if (step.succeeded || is_final(step.status)) throw Violation(who + " began after the end of its step");
  if (message.attempt <= step.begun) throw Violation(fmt::format("{} began, and attempt {} had begun before", who, step.begun));
  for (const auto& [other_worker, other] : living_) {
    if (other_worker == worker) throw Violation(who + " began while the worker had another step");
    if (step_of(other).asset_key == step.asset_key)
      throw Violation(fmt::format("{} began while run {} attempt {} on worker {} was still writing asset {}", who, other.run,
                                  other.attempt, other_worker, step.asset_key));
  }
  if (message.time_limit_ms != rules_of(step).time_limit_ms)
    throw Violation(
        fmt::format("{} has a time limit of {} ms, not of {}", who, message.time_limit_ms, rules_of(step).time_limit_ms));
  for (const int up : step.upstream) {
    const auto& upstream = run.steps[static_cast<std::size_t>(up)];
    if (!upstream.succeeded) throw Violation(fmt::format("{} began before its upstream {} succeeded", who, upstream.step_key));
  }
  step.begun = message.attempt;
  living_[worker] = attempt;
  check_limits(attempt);
}

void Witness::check_limits(const Attempt& attempt) const {
  const auto& begun = step_of(attempt);
  const std::string pool = rules_of(begun).pool;
  int in_pool = 0, in_location = 0;
  std::set<std::int64_t> runs;
  for (const auto& [worker, other] : living_) {
    const auto& step = step_of(other);
    in_pool += rules_of(step).pool == pool;
    in_location += step.location == begun.location;
    runs.insert(other.run);
  }
  const auto check = [&](int count, int limit, const std::string& what) {
    if (limit > 0 && count > limit) throw Violation(fmt::format("{} {} at once; the limit is {}", count, what, limit));
  };
  check(static_cast<int>(living_.size()), limits_.steps, "steps");
  check(static_cast<int>(runs.size()), limits_.runs, "runs");
  if (!pool.empty()) {
    auto named = limits_.pools.find(pool);
    check(in_pool, named != limits_.pools.end() ? named->second : limits_.default_pool, "steps of pool " + pool);
  }
  if (auto named = limits_.code_locations.find(begun.location); named != limits_.code_locations.end())
    check(in_location, named->second, "steps of code location " + begun.location);
}

void Witness::over(std::int64_t worker, const std::string& status, bool disk_full) {
  auto found = living_.find(worker);
  if (found == living_.end()) return;
  auto& step = step_of(found->second);
  if (status == "success") step.succeeded = true;
  if (disk_full) step.spared.insert(found->second.attempt);
  living_.erase(found);
}

void Witness::committed(const Event& event) {
  if (event.id != static_cast<std::int64_t>(log_.size()) + 1)
    throw Violation(fmt::format("event id {} follows {}: ids are not dense", event.id, log_.size()));
  log_.push_back(event);
  if (event.run == 0) return;
  auto& run = runs_[event.run];
  const auto payload = nlohmann::json::parse(event.payload);
  if (event.kind == EventKind::run_created) {
    if (!run.run_id.empty()) throw Violation(fmt::format("run {} is created twice", event.run));
    run.run_id = payload["run_id"];
    for (const auto& item : payload["steps"]) {
      RunTruth::Step step;
      step.step_key = item["step_key"];
      step.asset_key = AssetKey(item["asset_key"].get<std::vector<std::string>>()).to_string();
      step.location = payload["code_locations"][item["code_location"].get<std::size_t>()]["name"];
      step.upstream = item["upstream"].get<std::vector<int>>();
      run.index[step.step_key] = static_cast<int>(run.steps.size());
      run.steps.push_back(std::move(step));
    }
  }
  if (payload.contains("serial")) ++read_[payload["worker"].get<std::int64_t>()];
  check_event(event, payload, run);
}

}  // namespace headrace::simulator
