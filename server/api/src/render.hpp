// The nouns of server/api/openapi.json as JSON. Pure; nothing in here asks anybody.
#pragma once

#include <code_locations/workspace.hpp>
#include <runs/run_request.hpp>
#include <storage/event_log.hpp>

#include "run_names.hpp"

namespace headrace::api {

using nlohmann::json;

// ---- small things ---------------------------------------------------------------------------------------------------------
json text_or_null(const std::string& text);
json time_or_null(std::int64_t microseconds);
json number_or_null(std::int64_t number);      ///< 0 is null
json key_json(const std::string& key_string);  ///< from AssetKey::to_string()'s form
json key_or_null(const std::string& key_string);
/// A stored JSON text; `otherwise` where it is not of that type.
json stored_json(const std::string& text, json otherwise);
json list_json(json items, json next_cursor, std::int64_t as_of);

// ---- nouns ------------------------------------------------------------------------------------------------------------------
json location_json(const code_locations::LocationView& location);
/// `location`: whose environment the variables are in; may be null.
json config_json(const std::vector<ConfigField>& config, const code_locations::LocationView* location);
json resource_json(const code_locations::LocationView& location, const ResourceDefinition& resource);

/// `latest`: of the asset, null for none.
json asset_json(const AssetGraph& graph, const AssetNode& node, AssetStatus status, json latest);
json materialization_json(const Event& event, const RunName* run);

json run_json(const storage::RunRow& run);
json step_json(const storage::StepRow& step);  ///< waits_for and held_by are null
json event_json(const Event& event, const RunName* run);

json load_error_json(const json& error);  ///< null stays null
json step_error_json(const json& error);

json refusal_json(const runs::Refusal& refusal);
json plan_json(const runs::RunPreview& preview, const AssetGraph& graph);

}  // namespace headrace::api
