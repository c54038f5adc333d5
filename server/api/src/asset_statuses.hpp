// The status of every asset of the graph, as of one moment of the log.
#pragma once

#include <memory>
#include <mutex>

#include <code_locations/workspace.hpp>
#include <storage/asset_statuses.hpp>

namespace headrace::api {

struct AssetStatuses {
  std::int64_t as_of = 0;
  std::int64_t workspace_version = -1;
  std::vector<AssetStatus> status;     ///< by the asset's index in the graph
  std::vector<storage::AssetRow> row;  ///< likewise; empty rows for assets without events
};

/// Remembers the last result. Any thread; call it inside a Reader::Snapshot so that as_of is the answer's.
class AssetStatusCache {
 public:
  std::shared_ptr<const AssetStatuses> get(const code_locations::WorkspaceSnapshot& workspace, storage::Reader& reader);

 private:
  std::mutex mutex_;
  std::shared_ptr<const AssetStatuses> last_;
};

}  // namespace headrace::api
