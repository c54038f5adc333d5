// What somebody asks to run, what would be run (the preview), and why it is refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <code_locations/workspace.hpp>
#include <core/asset_key.hpp>
#include <storage/event_log.hpp>

namespace headrace::runs {

struct RunRequest {
  std::string run_id;                    ///< UUID; empty: the coordinator makes one (UUIDv7)
  std::optional<std::string> selection;  ///< selection language; or else:
  std::vector<AssetKey> assets;
  nlohmann::json config = nlohmann::json::object();
  nlohmann::json tags = nlohmann::json::object();
  std::string request_hash;  ///< equal requests have equal hashes (made by parse_run_request)
};

/// One reason not to launch. `code`: unset_variable, unknown_asset, empty_selection, never_materialized, location_not_loaded,
/// secret_in_config, in_memory_split, not_materializable.
struct Refusal {
  std::string code;
  std::string message;                                       ///< a sentence for people, with the remedy
  std::string asset_key, resource, variable, code_location;  ///< empty where it does not apply
};

struct PreviewStep {
  int asset = -1;  ///< index in the snapshot's graph
  std::string step_key;
  std::vector<int> upstream;  ///< indices into RunPreview::steps
};

struct RunPreview {
  std::vector<PreviewStep> steps;              ///< in topological order
  std::vector<std::string> missing_upstreams;  ///< asset keys that are read, not selected and never materialized
  std::vector<std::string> unset_variables;
  std::vector<Refusal> refusals;  ///< empty: it can be launched
};

/// Checks the body of POST /runs and /runs/plan (unknown fields are refused with "did you mean").
Result<RunRequest> parse_run_request(const nlohmann::json& body);

/// Any thread (with that thread's reader). An error only for a malformed selection; everything else is a refusal.
Result<RunPreview> preview_run(const code_locations::WorkspaceSnapshot& workspace, storage::Reader& reader,
                               const RunRequest& request);

}  // namespace headrace::runs
