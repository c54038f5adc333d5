#include <runs/active_run.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace headrace::runs {
namespace {

/// As run_step gives it to those who read it.
nlohmann::json materialization_of(std::int64_t event_id, const std::string& payload_text, const std::string& run_id) {
  auto payload = nlohmann::json::parse(payload_text, nullptr, false);
  if (payload.is_discarded()) return nullptr;
  return {{"event_id", event_id},
          {"run_id", run_id},
          {"metadata", payload.value("metadata", nlohmann::json::object())},
          {"stored", payload.value("stored", nlohmann::json(nullptr))}};
}

std::vector<std::vector<int>> upstreams_of(const std::vector<ActiveRun::Step>& steps) {
  std::vector<std::vector<int>> result;
  for (const auto& step : steps) result.push_back(step.upstream);
  return result;
}

std::unordered_map<std::string, const AssetDefinition*> by_step_key(const Definitions& definitions) {
  std::unordered_map<std::string, const AssetDefinition*> result;
  for (const auto& asset : definitions.assets) result.emplace(asset.step_key, &asset);
  return result;
}

}  // namespace

void ActiveRun::index_steps() {
  for (int i = 0; i < static_cast<int>(steps.size()); ++i) index_[steps[static_cast<std::size_t>(i)].step_key] = i;
  plan = std::make_unique<RunPlan>(upstreams_of(steps));
  for (int i = 0; i < static_cast<int>(locations.size()); ++i) bind_definitions(i);
}

void ActiveRun::bind_definitions(int location) {
  const auto definitions = by_step_key(*locations[static_cast<std::size_t>(location)].definitions);
  for (auto& step : steps) {
    if (step.location != location) continue;
    auto found = definitions.find(step.step_key);
    step.definition = found == definitions.end() ? nullptr : found->second;
  }
}

void ActiveRun::repin(int location, std::shared_ptr<const Definitions> definitions) {
  auto& pinned = locations[static_cast<std::size_t>(location)];
  pinned.hash = definitions->hash;
  pinned.definitions = std::move(definitions);
  bind_definitions(location);
}

std::unique_ptr<ActiveRun> ActiveRun::create(std::int64_t number, const RunRequest& request, const RunPreview& preview,
                                             const code_locations::WorkspaceSnapshot& workspace) {
  auto run = std::make_unique<ActiveRun>();
  run->number = number;
  run->run_id = request.run_id;
  run->tags = request.tags;
  run->config = request.config;
  std::map<std::string, int> location_index;
  for (const auto& planned : preview.steps) {
    const AssetNode& node = workspace.graph->node(planned.asset);
    const std::string& name = node.definitions->code_location;
    auto [found, is_new] = location_index.emplace(name, static_cast<int>(run->locations.size()));
    if (is_new) run->locations.push_back({name, node.definitions->hash, workspace.find(name)->definitions});
    run->steps.push_back({.step_key = planned.step_key,
                          .asset_key = node.key,
                          .key_string = node.key_string,
                          .location = found->second,
                          .io_manager_key = node.definition->io_manager_key,
                          .upstream = planned.upstream});
  }
  run->index_steps();
  return run;
}

nlohmann::json ActiveRun::created_payload(const RunRequest& request) const {
  nlohmann::json payload{{"run_id", run_id}, {"request_hash", request.request_hash}, {"tags", tags}, {"config", config}};
  if (request.selection) {
    payload["selection"] = *request.selection;
  } else {
    payload["selection"] = nlohmann::json::array();
    for (const auto& key : request.assets) payload["selection"].push_back(key.path());
  }
  payload["code_locations"] = nlohmann::json::array();
  for (const auto& location : locations) payload["code_locations"].push_back({{"name", location.name}, {"hash", location.hash}});
  payload["steps"] = nlohmann::json::array();
  for (const auto& step : steps) {
    payload["steps"].push_back({{"step_key", step.step_key},
                                {"asset_key", step.asset_key.path()},
                                {"partition", nullptr},
                                {"code_location", step.location},
                                {"io_manager_key", step.io_manager_key},
                                {"upstream", step.upstream}});
  }
  return payload;
}

Result<std::unique_ptr<ActiveRun>> ActiveRun::from_log(const storage::RunRow& row, const Event& created,
                                                       storage::Reader& reader) {
  auto payload = nlohmann::json::parse(created.payload, nullptr, false);
  if (payload.is_discarded() || !payload.contains("steps"))
    return fail(ErrorCode::internal, "run " + std::to_string(row.number) + " has no readable plan");
  auto run = std::make_unique<ActiveRun>();
  run->number = row.number;
  run->run_id = row.run_id;
  run->tags = payload.value("tags", nlohmann::json::object());
  run->config = payload.value("config", nlohmann::json::object());
  for (const auto& item : payload["code_locations"]) {
    Location location{item.value("name", ""), item.value("hash", ""), nullptr};
    if (auto text = reader.definitions(location.hash)) {
      auto parsed = Definitions::from_json(location.name, location.hash, nlohmann::json::parse(*text, nullptr, false));
      if (parsed) location.definitions = std::make_shared<const Definitions>(std::move(*parsed));
    }
    if (!location.definitions)
      return fail(ErrorCode::internal, "run " + std::to_string(row.number) + ": the definitions it was launched with are gone");
    run->locations.push_back(std::move(location));
  }
  for (const auto& item : payload["steps"]) {
    Step step;
    step.step_key = item.value("step_key", "");
    step.asset_key = AssetKey(item.value("asset_key", std::vector<std::string>{}));
    step.key_string = step.asset_key.to_string();
    step.location = item.value("code_location", 0);
    step.io_manager_key = item.value("io_manager_key", "");
    step.upstream = item.value("upstream", std::vector<int>{});
    run->steps.push_back(std::move(step));
  }
  run->index_steps();
  return run;
}

std::unique_ptr<ActiveRun> ActiveRun::unreadable(const storage::RunRow& row, std::string why, storage::Reader& reader) {
  auto run = std::make_unique<ActiveRun>();
  run->number = row.number;
  run->run_id = row.run_id;
  run->unreadable_because = std::move(why);
  run->locations.push_back({.name = "", .hash = "", .definitions = std::make_shared<const Definitions>()});
  for (const auto& step : reader.steps(row.number)) {
    run->steps.push_back(
        {.step_key = step.step_key, .asset_key = {}, .key_string = step.asset_key, .io_manager_key = {}, .upstream = {}});
  }
  run->index_steps();
  return run;
}

void ActiveRun::count_spared_attempts(storage::Reader& reader) {
  for (const auto& row : reader.steps(number)) {
    for (int attempt = 1; attempt < row.attempt; ++attempt) {
      const auto known = reader.attempt(number, row.index, attempt);
      if (!known || known->end[0] < 0) ++steps[static_cast<std::size_t>(row.index)].spared;
    }
  }
}

void ActiveRun::restore(const storage::RunRow& row, storage::Reader& reader) {
  auto take_ready = [this](const RunPlan::Change& change) { set_ready(change.ready); };
  take_ready(plan->begin());
  started = row.started_at != 0;
  canceling = row.status == RunStatus::canceling;
  for (const auto& step : reader.steps(number)) {
    if (step.attempt > 0) plan->started(step.index, step.attempt);
    if (step.attempt > 0) unset_ready(step.index);
    if (is_final(step.status)) take_ready(plan->ended(step.index, step.status));
    if (is_final(step.status)) unset_ready(step.index);
    if (step.status != StepStatus::retrying) continue;
    plan->retrying(step.index);
    auto& kept = steps[static_cast<std::size_t>(step.index)];
    kept.retry_at = step.retry_at;
    kept.retry_delay = step.retry_at - step.ended_at;
  }
  for (std::int64_t after = 0;;) {
    auto events = reader.run_events(number, after, 1000);
    for (const auto& event : events) {
      if (event.kind == EventKind::materialized && event.step >= 0) take_materialization(event);
      after = event.id;
    }
    if (events.empty()) break;
  }
}

void ActiveRun::prepare(Concurrency& concurrency, std::size_t most_workers) {
  const auto tag = tags.value("headrace/isolation", "");
  for (auto& location : locations) {
    location.execution = location.definitions->execution;
    if (!tag.empty()) location.execution = location.execution.with_tag(tag).value_or(location.execution);
    location.most_workers =
        location.execution.max_workers > 0 ? static_cast<std::size_t>(location.execution.max_workers) : most_workers;
  }
  std::map<std::pair<int, Concurrency::Counters>, int> known;
  for (auto& step : steps) {
    auto& location = locations[static_cast<std::size_t>(step.location)];
    const auto* manager = location.definitions->find_resource(step.io_manager_key);
    location.in_memory |= manager && manager->in_memory;
    auto needed = concurrency.of_step(location.name, step.definition ? step.definition->pool : "");
    const auto [found, is_new] = known.emplace(std::pair(step.location, needed), static_cast<int>(lanes.size()));
    if (is_new) lanes.push_back({step.location, std::move(needed), {}});
    step.lane = found->second;
    step.priority = step.definition ? step.definition->priority : 0;
  }
  for (auto& location : locations) {
    if (location.in_memory) location.execution.isolation = Execution::Isolation::in_process;
    if (location.execution.isolation == Execution::Isolation::in_process) location.most_workers = 1;
  }
  counters = concurrency.of_run(tags);
  priority = std::atoi(tags.value("dagster/priority", "0").c_str());
}

std::size_t ActiveRun::busy_workers() const {
  return static_cast<std::size_t>(
      std::count_if(workers.begin(), workers.end(), [](const auto& entry) { return entry.second->open_step() >= 0; }));
}

Concurrency::Counters ActiveRun::counters_of_open_steps(const std::string& location) const {
  std::set<int> needed;
  for (int step = 0; step < plan->size(); ++step) {
    const auto status = plan->status(step);
    const auto& info = steps[static_cast<std::size_t>(step)];
    if (status != StepStatus::ready && status != StepStatus::retrying) continue;
    if (locations[static_cast<std::size_t>(info.location)].name != location) continue;
    const auto& each = lanes[static_cast<std::size_t>(info.lane)].counters;
    needed.insert(each.begin(), each.end());
  }
  return {needed.begin(), needed.end()};
}

void ActiveRun::set_ready(int step) {
  const auto& info = steps[static_cast<std::size_t>(step)];
  ready.insert(info.lane, step, info.priority);
}

void ActiveRun::set_ready(const std::vector<int>& now_ready) {
  for (const int step : now_ready) set_ready(step);
}

void ActiveRun::unset_ready(int step) {
  const auto& info = steps[static_cast<std::size_t>(step)];
  ready.erase(info.lane, step, info.priority);
}

std::optional<double> ActiveRun::seconds_until_retry(int step, int attempt, const nlohmann::json& wish, double random) const {
  if (!unreadable_because.empty()) return std::nullopt;
  const auto* definition = steps[static_cast<std::size_t>(step)].definition;
  const auto policy = definition ? definition->retry_policy : std::nullopt;
  const int counted = attempt - steps[static_cast<std::size_t>(step)].spared;
  return headrace::seconds_until_retry(policy, RetryWish::from_json(wish), counted, random);
}

int ActiveRun::step_index(const std::string& step_key) const {
  auto found = index_.find(step_key);
  return found == index_.end() ? -1 : found->second;
}

void ActiveRun::take_materialization(const Event& event) {
  auto& step = steps[static_cast<std::size_t>(event.step)];
  step.materialization = event.id;
  step.materialized = event.payload;
}

protocol::RunStep ActiveRun::step_message(int step, int attempt, storage::Reader& reader) const {
  const auto& info = steps[static_cast<std::size_t>(step)];
  protocol::RunStep message;
  message.run_id = run_id;
  message.run_number = number;
  message.step_key = info.step_key;
  message.attempt = attempt;
  message.asset_key = info.asset_key;
  message.run_config = config;
  message.tags = tags;
  if (!info.definition) return message;
  message.time_limit_ms = info.definition->time_limit_ms;
  message.memory_limit = info.definition->memory_limit;
  for (const auto& dep : info.definition->deps) {
    if (dep.input.empty()) continue;
    protocol::StepInput input{.name = dep.input, .asset_key = dep.key, .code_location = "", .in_run = false};
    auto upstream = std::find_if(info.upstream.begin(), info.upstream.end(),
                                 [&](int up) { return steps[static_cast<std::size_t>(up)].asset_key == dep.key; });
    if (upstream != info.upstream.end()) {
      const auto& up = steps[static_cast<std::size_t>(*upstream)];
      input.in_run = true;
      input.code_location = locations[static_cast<std::size_t>(up.location)].name;
      if (up.materialization != 0) input.materialization = materialization_of(up.materialization, up.materialized, run_id);
    } else if (auto latest = reader.latest_materialization(dep.key.to_string(), "")) {
      auto writer = reader.run(latest->run);
      input.materialization = materialization_of(latest->id, latest->payload, writer ? writer->run_id : "");
    }
    message.inputs.push_back(std::move(input));
  }
  return message;
}

std::string ActiveRun::difference(int location, const Definitions& definitions) const {
  const auto current = by_step_key(definitions);
  for (int i = 0; i < plan->size(); ++i) {
    const auto& step = steps[static_cast<std::size_t>(i)];
    if (step.location != location || is_final(plan->status(i))) continue;
    const auto* before = step.definition;
    auto found = current.find(step.step_key);
    const auto* now = found == current.end() ? nullptr : found->second;
    if (!before || !now) return "asset \"" + step.key_string + "\" is gone";
    auto is_equal = [](const AssetDependency& a, const AssetDependency& b) {
      return a.key == b.key && a.input == b.input && a.input_manager_key == b.input_manager_key;
    };
    if (!std::equal(before->deps.begin(), before->deps.end(), now->deps.begin(), now->deps.end(), is_equal))
      return "asset \"" + step.key_string + "\" has other inputs";
    if (before->io_manager_key != now->io_manager_key) return "asset \"" + step.key_string + "\" has another IO manager";
    if (before->partitions != now->partitions) return "asset \"" + step.key_string + "\" has other partitions";
  }
  return {};
}

}  // namespace headrace::runs
