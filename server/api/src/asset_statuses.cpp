#include "asset_statuses.hpp"

namespace headrace::api {

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
  statuses->row = storage::rows_of(*workspace.graph, reader);
  statuses->status = storage::statuses_of(*workspace.graph, statuses->row);

  const std::lock_guard lock(mutex_);
  last_ = statuses;
  return statuses;
}

}  // namespace headrace::api
