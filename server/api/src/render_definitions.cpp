// Code locations, resources and assets as JSON.
#include "render.hpp"

#include <algorithm>

namespace headrace::api {
namespace {

std::string_view state_name(code_locations::LocationState state) {
  switch (state) {
    case code_locations::LocationState::loading:
      return "loading";
    case code_locations::LocationState::loaded:
      return "loaded";
    case code_locations::LocationState::failed:
      return "failed";
  }
  return "failed";
}

std::string_view source_name(ConfigField::Source source) {
  switch (source) {
    case ConfigField::Source::value:
      return "value";
    case ConfigField::Source::env_var:
      return "env_var";
    case ConfigField::Source::default_value:
      return "default";
  }
  return "value";
}

void add_unset(const std::vector<ConfigField>& config, std::vector<std::string>& variables) {
  for (const auto& field : config)
    if (field.source == ConfigField::Source::env_var && !field.is_set &&
        std::find(variables.begin(), variables.end(), field.env_var) == variables.end())
      variables.push_back(field.env_var);
}

/// Environment variables that the asset needs, by its own config and its resources', and that are missing.
std::vector<std::string> unset_variables(const AssetNode& node) {
  std::vector<std::string> variables;
  if (!node.definition) return variables;
  add_unset(node.definition->config, variables);
  for (const auto& key : node.definition->required_resources)
    if (const auto* resource = node.definitions->find_resource(key)) add_unset(resource->config, variables);
  return variables;
}

json keys_json(const AssetGraph& graph, const std::vector<int>& assets) {
  json keys = json::array();
  for (const int asset : assets) keys.push_back(graph.node(asset).key.to_json());
  return keys;
}

}  // namespace

namespace {

/// Where a variable's value comes from; null: it is not set, or it is none.
json set_by(const ConfigField& field, const code_locations::LocationView* location) {
  if (field.env_var.empty() || !field.is_set || !location) return nullptr;
  const auto& names = location->dotenv.names;
  return std::find(names.begin(), names.end(), field.env_var) != names.end() ? location->dotenv.file : "environment";
}

json keys_of(const std::vector<AssetKey>& keys) {
  constexpr std::size_t k_most = 20;
  json first = json::array();
  for (std::size_t i = 0; i < std::min(k_most, keys.size()); ++i) first.push_back(keys[i].to_json());
  return {{"count", keys.size()}, {"first", std::move(first)}};
}

json change_json(const DefinitionsChange* change) {
  if (!change) return nullptr;
  return {{"added", keys_of(change->added)}, {"removed", keys_of(change->removed)}, {"changed", keys_of(change->changed)}};
}

}  // namespace

json location_json(const code_locations::LocationView& location) {
  const auto* definitions = location.definitions.get();
  return {{"name", location.name},
          {"language", location.language},
          {"state", state_name(location.state)},
          {"reloading", location.reloading},
          {"loaded_at", time_or_null(location.loaded_at)},
          {"error", load_error_json(location.error)},
          {"worker_start", location.fork_workers ? "fork" : "spawn"},
          {"worker_start_reason", text_or_null(location.worker_start_reason)},
          {"warnings", location.warnings},
          {"last_change", change_json(location.change.get())},
          {"asset_count", definitions ? definitions->assets.size() : 0},
          {"resource_count", definitions ? definitions->resources.size() : 0}};
}

json config_json(const std::vector<ConfigField>& config, const code_locations::LocationView* location) {
  json fields = json::array();
  for (const auto& field : config) {
    // Secrets and values of environment variables never reach the daemon; should one ever, it goes no further.
    const bool shown = field.value && !field.is_secret && field.source != ConfigField::Source::env_var;
    fields.push_back({{"name", field.name},
                      {"type", field.type},
                      {"description", text_or_null(field.description)},
                      {"source", source_name(field.source)},
                      {"value", shown ? json(*field.value) : json(nullptr)},
                      {"env_var", text_or_null(field.env_var)},
                      {"is_set", field.is_set},
                      {"set_by", set_by(field, location)},
                      {"is_secret", field.is_secret}});
  }
  return fields;
}

json resource_json(const code_locations::LocationView& location, const ResourceDefinition& resource) {
  const auto& definitions = *location.definitions;
  json used_by = json::array();
  for (const auto& key : definitions.used_by(resource.key)) used_by.push_back(key.to_json());
  return {{"key", resource.key},
          {"type", resource.type},
          {"description", text_or_null(resource.description)},
          {"is_io_manager", resource.is_io_manager},
          {"config", config_json(resource.config, &location)},
          {"used_by", std::move(used_by)}};
}

json asset_json(const AssetGraph& graph, const AssetNode& node, AssetStatus status, json latest) {
  static const AssetDefinition stub;
  const auto& definition = node.definition ? *node.definition : stub;
  json source = nullptr;
  if (!definition.source_file.empty()) source = {{"file", definition.source_file}, {"line", definition.source_line}};
  return {{"key", node.key.to_json()},
          {"code_location", node.definitions ? json(node.definitions->code_location) : json(nullptr)},
          {"group", definition.group},
          {"description", text_or_null(definition.description)},
          {"kinds", definition.kinds},
          {"tags", definition.tags},
          {"owners", definition.owners},
          {"code_version", text_or_null(definition.code_version)},
          {"is_external", !node.is_materializable()},
          {"deps", keys_json(graph, node.upstream)},
          {"dependents", keys_json(graph, node.downstream)},
          {"io_manager_key", text_or_null(definition.io_manager_key)},
          {"required_resources", definition.required_resources},
          {"unset_variables", unset_variables(node)},
          {"partitions", definition.partitions},
          {"source", std::move(source)},
          {"status", to_string(status)},
          {"latest_materialization", std::move(latest)}};
}

}  // namespace headrace::api
