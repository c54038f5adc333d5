#include <storage/asset_statuses.hpp>

namespace headrace::storage {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

std::vector<AssetRow> rows_of(const AssetGraph& graph, Reader& reader) {
  std::vector<AssetRow> rows(at(graph.size()));
  for (auto& row : reader.assets())
    if (const int index = graph.find(row.asset_key); index >= 0) rows[at(index)] = std::move(row);
  return rows;
}

std::vector<AssetStatus> statuses_of(const AssetGraph& graph, const std::vector<AssetRow>& rows) {
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

}  // namespace headrace::storage
