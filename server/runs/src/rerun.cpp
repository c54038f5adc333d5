#include <runs/rerun.hpp>

#include <algorithm>

namespace headrace::runs {
namespace {

constexpr const char* k_parent_tag = "dagster/parent_run_id";
constexpr const char* k_root_tag = "dagster/root_run_id";

struct Plan {
  std::vector<AssetKey> keys;
  std::vector<std::vector<int>> upstream;
  std::vector<bool> in_memory;
};

/// Whether the values of an asset are kept in memory, by today's definitions.
bool is_kept_in_memory(const code_locations::WorkspaceSnapshot& workspace, const AssetKey& key) {
  const int asset = workspace.graph->find(key);
  if (asset < 0 || !workspace.graph->node(asset).definition) return false;
  const auto& node = workspace.graph->node(asset);
  const auto* manager = node.definitions->find_resource(node.definition->io_manager_key);
  return manager && manager->in_memory;
}

Plan plan_of(const nlohmann::json& created, const code_locations::WorkspaceSnapshot& workspace) {
  Plan plan;
  for (const auto& step : created.value("steps", nlohmann::json::array())) {
    plan.keys.emplace_back(step.value("asset_key", std::vector<std::string>{}));
    plan.upstream.push_back(step.value("upstream", std::vector<int>{}));
    plan.in_memory.push_back(is_kept_in_memory(workspace, plan.keys.back()));
  }
  return plan;
}

/// The steps that did not succeed, and those before them whose values went with the memory they were in.
std::vector<bool> unfinished(const Plan& plan, const std::vector<storage::StepRow>& rows) {
  std::vector<bool> wanted(plan.keys.size(), false);
  std::vector<int> open;
  for (const auto& row : rows) {
    if (row.status == StepStatus::success || static_cast<std::size_t>(row.index) >= wanted.size()) continue;
    wanted[static_cast<std::size_t>(row.index)] = true;
    open.push_back(row.index);
  }
  for (std::size_t i = 0; i < open.size(); ++i) {
    for (const int up : plan.upstream[static_cast<std::size_t>(open[i])]) {
      const auto index = static_cast<std::size_t>(up);
      if (wanted[index] || !plan.in_memory[index]) continue;
      wanted[index] = true;
      open.push_back(up);
    }
  }
  return wanted;
}

}  // namespace

Result<RunRequest> rerun_request(const code_locations::WorkspaceSnapshot& workspace, storage::Reader& reader, std::int64_t number,
                                 RetryFrom from) {
  const auto row = reader.run(number);
  if (!row) return fail(ErrorCode::not_found, "there is no run " + std::to_string(number));
  const std::string name = "run " + std::to_string(number);
  if (!is_final(row->status))
    return fail(ErrorCode::conflict, name + " has not ended yet (" + std::string(to_string(row->status)) + "); cancel it first");
  const auto event = reader.event(row->created_event);
  const auto created = event ? nlohmann::json::parse(event->payload, nullptr, false) : nlohmann::json();
  if (!created.is_object()) return fail(ErrorCode::internal, name + " has no readable plan");

  const auto plan = plan_of(created, workspace);
  auto wanted = from == RetryFrom::start ? std::vector<bool>(plan.keys.size(), true) : unfinished(plan, reader.steps(number));
  if (std::none_of(wanted.begin(), wanted.end(), [](bool is_wanted) { return is_wanted; }))
    return fail(ErrorCode::conflict, "every step of " + name + " succeeded; retry it from the start to run it again");

  RunRequest request;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) request.assets.push_back(plan.keys[i]);
  request.config = created.value("config", nlohmann::json::object());
  request.tags = created.value("tags", nlohmann::json::object());
  if (!request.tags.contains(k_root_tag)) request.tags[k_root_tag] = row->run_id;
  request.tags[k_parent_tag] = row->run_id;
  request.request_hash = std::string("retry from ") + (from == RetryFrom::start ? "start" : "failure");
  return request;
}

}  // namespace headrace::runs
