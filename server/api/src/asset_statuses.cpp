#include "asset_statuses.hpp"

namespace headrace::api {

std::vector<AssetStatus> compute_statuses(const AssetGraph& graph, const std::vector<storage::AssetRow>& rows) {
  const auto at = [](int index) { return static_cast<std::size_t>(index); };
  std::vector<AssetStatus> statuses(rows.size(), AssetStatus::never);
  std::vector<bool> outdated(rows.size(), false);
  for (const int index : graph.topological_order()) {
    const auto& row = rows[at(index)];
    auto& status = statuses[at(index)];
    if (row.materialization != 0) {
      for (const int upstream : graph.node(index).upstream)
        if (rows[at(upstream)].materialization > row.materialization || outdated[at(upstream)]) outdated[at(index)] = true;
      status = outdated[at(index)] ? AssetStatus::stale : AssetStatus::materialized;
    }
    if (row.last_run != 0) {  // the latest step says more than the latest materialization
      if (row.last_step == StepStatus::running || row.last_step == StepStatus::retrying) status = AssetStatus::in_progress;
      if (row.last_step == StepStatus::failure) status = AssetStatus::failed;
    }
  }
  return statuses;
}

std::shared_ptr<const AssetStatuses> AssetStatusCache::get(const code_locations::WorkspaceSnapshot& workspace,
                                                           storage::Reader& reader) {
  const auto as_of = reader.as_of();
  {
    const std::lock_guard lock(mutex_);
    if (last_ && last_->as_of == as_of && last_->workspace_version == workspace.version) return last_;
  }
  auto statuses = std::make_shared<AssetStatuses>();
  statuses->as_of = as_of;
  statuses->workspace_version = workspace.version;
  statuses->row.resize(static_cast<std::size_t>(workspace.graph->size()));
  for (auto& row : reader.assets())
    if (const int index = workspace.graph->find(row.asset_key); index >= 0)
      statuses->row[static_cast<std::size_t>(index)] = std::move(row);
  statuses->status = compute_statuses(*workspace.graph, statuses->row);

  const std::lock_guard lock(mutex_);
  last_ = statuses;
  return statuses;
}

}  // namespace headrace::api
