#include <runs/run_request.hpp>

#include <core/selection.hpp>
#include <storage/asset_statuses.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace headrace::runs {
namespace {

/// FNV-1a, 64 bits: equal requests only have to give equal text.
std::string hash_text(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (unsigned char c : text) hash = (hash ^ c) * 1099511628211ULL;
  static constexpr char k_digits[] = "0123456789abcdef";
  std::string result(16, '0');
  for (auto digit = result.rbegin(); digit != result.rend(); ++digit, hash >>= 4) *digit = k_digits[hash & 15];
  return result;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))) return false;
  }
  return true;
}

Result<void> check_fields(const nlohmann::json& body) {
  static const std::vector<std::string> k_fields{"selection", "assets", "partition", "config", "tags", "run_id"};
  if (!body.is_object()) return fail(ErrorCode::invalid, "the body must be a JSON object such as {\"selection\": \"*\"}");
  for (const auto& [name, value] : body.items()) {
    if (std::find(k_fields.begin(), k_fields.end(), name) != k_fields.end()) continue;
    auto near = closest_names(name, k_fields, 1);
    return fail(ErrorCode::invalid,
                "unknown field \"" + name + "\"" + (near.empty() ? "" : ". Did you mean \"" + near.front() + "\"?"));
  }
  return {};
}

Result<void> take_object(const nlohmann::json& body, const char* name, nlohmann::json& target) {
  if (!body.contains(name) || body[name].is_null()) return {};
  if (!body[name].is_object()) return fail(ErrorCode::invalid, std::string("\"") + name + "\" must be an object");
  target = body[name];
  return {};
}

Result<void> take_targets(const nlohmann::json& body, RunRequest& request) {
  const bool has_selection = body.contains("selection") && !body["selection"].is_null();
  const bool has_assets = body.contains("assets") && !body["assets"].is_null();
  if (has_selection == has_assets)
    return fail(ErrorCode::invalid, "give either \"selection\" (a text such as \"*\") or \"assets\" (a list of asset keys)");
  if (has_selection) {
    if (!body["selection"].is_string())
      return fail(ErrorCode::invalid, "\"selection\" must be a text such as \"*\" or \"group:ml\"");
    request.selection = body["selection"].get<std::string>();
    return {};
  }
  if (!body["assets"].is_array())
    return fail(ErrorCode::invalid, "\"assets\" must be a list of asset keys, each a list of texts");
  for (const auto& item : body["assets"]) {
    auto key = AssetKey::from_json(item);
    if (!key) return fail(ErrorCode::invalid, "\"assets\": " + key.error().message);
    request.assets.push_back(std::move(*key));
  }
  return {};
}

/// The tags that mean something to the run engine.
Result<void> check_tags(const nlohmann::json& tags) {
  if (tags.contains("headrace/isolation")) {
    auto execution = Execution().with_tag(tags["headrace/isolation"].get<std::string>());
    if (!execution) return tl::unexpected(execution.error());
  }
  if (tags.contains("dagster/priority")) {
    const auto& text = tags["dagster/priority"].get_ref<const std::string&>();
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
      return fail(ErrorCode::invalid, "the tag dagster/priority must be a whole number such as \"10\", not \"" + text + "\"");
  }
  return {};
}

// ---- the preview -------------------------------------------------------------------------------------------------------

using code_locations::LocationState;
using code_locations::WorkspaceSnapshot;

Result<std::vector<int>> select_assets(const WorkspaceSnapshot& workspace, storage::Reader& reader, const RunRequest& request,
                                       RunPreview& preview) {
  const AssetGraph& graph = *workspace.graph;
  std::vector<int> chosen;
  if (request.selection) {
    auto selection = Selection::parse(*request.selection);
    if (!selection) return tl::unexpected(selection.error());
    std::vector<AssetStatus> statuses;  // read only if the selection asks
    auto resolved = selection->resolve(graph, [&](int asset) {
      if (statuses.empty()) statuses = storage::statuses_of(graph, storage::rows_of(graph, reader));
      return std::string(to_string(statuses[static_cast<std::size_t>(asset)]));
    });
    if (!resolved) {
      preview.refusals.push_back({.code = "unknown_asset", .message = resolved.error().message});
      return chosen;
    }
    for (int asset : *resolved)
      if (graph.node(asset).is_materializable()) chosen.push_back(asset);
    return chosen;
  }
  for (const auto& key : request.assets) {
    const int asset = graph.find(key);
    const std::string name = key.to_string();
    if (asset < 0) {
      auto near = graph.did_you_mean(name);
      preview.refusals.push_back(
          {.code = "unknown_asset",
           .message = "there is no asset \"" + name + "\"" + (near.empty() ? "" : ". Did you mean \"" + near.front() + "\"?"),
           .asset_key = name});
    } else if (!graph.node(asset).is_materializable()) {
      preview.refusals.push_back({.code = "not_materializable",
                                  .message = "asset \"" + name + "\" is external: nothing here makes it",
                                  .asset_key = name});
    } else {
      chosen.push_back(asset);
    }
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

void refuse_empty(const WorkspaceSnapshot& workspace, const RunRequest& request, RunPreview& preview) {
  for (const auto& location : workspace.locations) {
    if (location.definitions) continue;
    const bool is_loading = location.state == LocationState::loading;
    preview.refusals.push_back(
        {.code = "location_not_loaded",
         .message =
             "code location \"" + location.name + "\" " +
             (is_loading ? "is still loading"
                         : "could not be loaded: " + (location.error.is_object() ? location.error.value("message", "") : "")),
         .code_location = location.name});
  }
  if (!preview.refusals.empty()) return;
  preview.refusals.push_back(
      {.code = "empty_selection",
       .message = request.selection ? "the selection \"" + *request.selection + "\" matches no asset that can be materialized"
                                    : "no asset was chosen"});
}

void make_steps(const AssetGraph& graph, const std::vector<int>& chosen, RunPreview& preview) {
  std::vector<int> step_of(static_cast<std::size_t>(graph.size()), -1);
  std::set<int> wanted(chosen.begin(), chosen.end());
  for (int asset : graph.topological_order()) {
    if (!wanted.contains(asset)) continue;
    PreviewStep step{.asset = asset, .step_key = graph.node(asset).definition->step_key, .upstream = {}};
    for (int up : graph.node(asset).upstream)
      if (step_of[static_cast<std::size_t>(up)] >= 0) step.upstream.push_back(step_of[static_cast<std::size_t>(up)]);
    step_of[static_cast<std::size_t>(asset)] = static_cast<int>(preview.steps.size());
    preview.steps.push_back(std::move(step));
  }
}

void check_variables(const AssetGraph& graph, RunPreview& preview) {
  std::set<std::string> said;
  for (const auto& step : preview.steps) {
    const AssetNode& node = graph.node(step.asset);
    for (const auto& key : node.definition->required_resources) {
      const auto* resource = node.definitions->find_resource(key);
      if (!resource) continue;
      for (const auto& field : resource->config) {
        if (field.source != ConfigField::Source::env_var || field.is_set) continue;
        const std::string& location = node.definitions->code_location;
        if (!said.insert(location + "\n" + key + "\n" + field.name).second) continue;
        preview.refusals.push_back({.code = "unset_variable",
                                    .message = "environment variable " + field.env_var + " is not set; resource \"" + key +
                                               "\" of code location \"" + location + "\" needs it for " + field.name +
                                               ". Set it in the daemon's environment or in .env, then reload the definitions.",
                                    .resource = key,
                                    .variable = field.env_var,
                                    .code_location = location});
        if (std::find(preview.unset_variables.begin(), preview.unset_variables.end(), field.env_var) ==
            preview.unset_variables.end())
          preview.unset_variables.push_back(field.env_var);
      }
    }
  }
}

/// A value in a worker's memory is out of reach for the workers of another code location.
void refuse_memory_of_another_location(const AssetNode& node, const AssetNode& up, const AssetDependency& dep,
                                       RunPreview& preview) {
  if (up.definitions == node.definitions || !up.definition || !dep.input_manager_key.empty()) return;
  const auto* manager = up.definitions->find_resource(up.definition->io_manager_key);
  if (!manager || !manager->in_memory) return;
  preview.refusals.push_back({.code = "in_memory_split",
                              .message = "asset \"" + node.key_string + "\" of code location \"" +
                                         node.definitions->code_location + "\" reads \"" + up.key_string +
                                         "\", which code location \"" + up.definitions->code_location +
                                         "\" keeps in memory only: give \"" + up.key_string + "\" another IO manager",
                              .asset_key = node.key_string,
                              .resource = manager->key});
}

/// What no other code location can read, because only the language that wrote it can.
void refuse_pickle_of_another_location(const AssetNode& node, const AssetNode& up, const AssetDependency& dep,
                                       RunPreview& preview) {
  if (up.definitions == node.definitions || !up.definition || !dep.input_manager_key.empty()) return;
  const auto* manager = up.definitions->find_resource(up.definition->io_manager_key);
  if (!manager || manager->format != "pickle") return;
  preview.refusals.push_back({.code = "unreadable_format",
                              .message = "asset \"" + node.key_string + "\" of code location \"" +
                                         node.definitions->code_location + "\" reads \"" + up.key_string +
                                         "\", which code location \"" + up.definitions->code_location +
                                         "\" stores as pickle (IO manager \"" + manager->key + "\"). Give \"" + up.key_string +
                                         "\" an IO manager of a format that every code location reads (CSV, Parquet, Arrow IPC, "
                                         "JSON), or the input one of its own (input_manager_key)",
                              .asset_key = node.key_string,
                              .resource = manager->key});
}

void check_upstreams(const AssetGraph& graph, storage::Reader& reader, RunPreview& preview) {
  std::set<int> selected;
  for (const auto& step : preview.steps) selected.insert(step.asset);
  std::set<std::string> missing;
  for (const auto& step : preview.steps) {
    const AssetNode& node = graph.node(step.asset);
    for (const auto& dep : node.definition->deps) {
      const int upstream = graph.find(dep.key);
      if (dep.input.empty() || upstream < 0) continue;
      const AssetNode& up = graph.node(upstream);
      refuse_pickle_of_another_location(node, up, dep, preview);
      if (selected.contains(upstream)) {
        refuse_memory_of_another_location(node, up, dep, preview);
        continue;
      }
      auto row = reader.asset(up.key_string);
      if ((!row || row->materialization == 0) && up.is_materializable()) missing.insert(up.key_string);
      const auto* manager = up.definition ? up.definitions->find_resource(up.definition->io_manager_key) : nullptr;
      if (manager && manager->in_memory && dep.input_manager_key.empty()) {
        preview.refusals.push_back({.code = "in_memory_split",
                                    .message = "asset \"" + node.key_string + "\" reads \"" + up.key_string +
                                               "\", which is kept in memory only (IO manager \"" + manager->key +
                                               "\"): select both",
                                    .asset_key = node.key_string,
                                    .resource = manager->key});
      }
    }
  }
  preview.missing_upstreams.assign(missing.begin(), missing.end());
}

void check_config(const AssetGraph& graph, const RunRequest& request, RunPreview& preview) {
  auto resources = request.config.find("resources");
  if (resources == request.config.end() || !resources->is_object()) return;
  std::set<const Definitions*> locations;
  for (const auto& step : preview.steps) locations.insert(graph.node(step.asset).definitions);
  for (const auto* definitions : locations) {
    for (const auto& resource : definitions->resources) {
      auto given = resources->find(resource.key);
      if (given == resources->end() || !given->is_object() || !given->contains("config")) continue;
      for (const auto& field : resource.config) {
        if (!field.is_secret || !(*given)["config"].is_object() || !(*given)["config"].contains(field.name)) continue;
        const auto& value = (*given)["config"][field.name];
        if (value.is_object() && value.size() == 1 && value.contains("env")) continue;
        preview.refusals.push_back(
            {.code = "secret_in_config",
             .message = "the run's config holds a literal for " + resource.key + "." + field.name +
                        ", which is a secret. Give the name of an environment variable instead: {\"env\": \"NAME\"}.",
             .resource = resource.key,
             .code_location = definitions->code_location});
      }
    }
  }
}

}  // namespace

Result<RunRequest> parse_run_request(const nlohmann::json& body) {
  RunRequest request;
  if (auto checked = check_fields(body); !checked) return tl::unexpected(checked.error());
  if (auto taken = take_targets(body, request); !taken) return tl::unexpected(taken.error());
  if (auto taken = take_object(body, "config", request.config); !taken) return tl::unexpected(taken.error());
  if (auto taken = take_object(body, "tags", request.tags); !taken) return tl::unexpected(taken.error());
  for (const auto& [name, value] : request.tags.items())
    if (!value.is_string()) return fail(ErrorCode::invalid, "tag \"" + name + "\" must be a text");
  if (auto checked = check_tags(request.tags); !checked) return tl::unexpected(checked.error());
  if (body.contains("partition") && !body["partition"].is_null())
    return fail(ErrorCode::invalid, "\"partition\": partitions are not there yet; leave it out or give null");
  if (body.contains("run_id") && !body["run_id"].is_null()) {
    if (!body["run_id"].is_string() || !is_uuid(body["run_id"].get_ref<const std::string&>()))
      return fail(ErrorCode::invalid, "\"run_id\" must be a UUID in lower case, e.g. 01890a5d-ac96-774b-bcce-b302099a8057");
    request.run_id = body["run_id"].get<std::string>();
  }
  auto hashed = body;
  hashed.erase("run_id");
  request.request_hash = hash_text(hashed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return request;
}

Result<RunPreview> preview_run(const WorkspaceSnapshot& workspace, storage::Reader& reader, const RunRequest& request) {
  RunPreview preview;
  auto chosen = select_assets(workspace, reader, request, preview);
  if (!chosen) return tl::unexpected(chosen.error());
  if (chosen->empty() && preview.refusals.empty()) refuse_empty(workspace, request, preview);
  make_steps(*workspace.graph, *chosen, preview);
  check_variables(*workspace.graph, preview);
  check_upstreams(*workspace.graph, reader, preview);
  check_config(*workspace.graph, request, preview);
  return preview;
}

}  // namespace headrace::runs
