#include <core/definitions.hpp>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <core/metadata.hpp>

#include "json_fields.hpp"
#include "text.hpp"

namespace headrace {
namespace {

ConfigField::Source source_from(const std::string& name, JsonFields& fields) {
  if (name == "value") return ConfigField::Source::value;
  if (name == "env_var") return ConfigField::Source::env_var;
  if (name == "default") return ConfigField::Source::default_value;
  fields.complain("\"source\" must be \"value\", \"env_var\" or \"default\", not " + text::quote(name));
  return ConfigField::Source::value;
}

Result<ConfigField> config_field_from(const nlohmann::json& json, const std::string& place) {
  JsonFields fields(json, place + ", a config field");
  ConfigField field;
  field.name = fields.text("name");
  field.type = fields.text_or("type", "any");
  field.description = fields.text_or("description");
  field.source = source_from(fields.text_or("source", "value"), fields);
  field.value = fields.text_if("value");
  field.env_var = fields.text_or("env_var");
  field.is_set = fields.boolean_or("is_set", true);
  field.is_secret = fields.boolean_or("is_secret", false);
  field.is_required = fields.boolean_or("is_required", false);
  if (field.source == ConfigField::Source::env_var && field.env_var.empty())
    fields.complain("\"env_var\" must name the variable");
  // The promise of the page: neither a secret nor a variable's value ever comes this far. Refused here, whatever the SDK.
  if (field.is_secret && field.value) fields.complain("a secret field must not carry its \"value\"");
  if (field.source == ConfigField::Source::env_var && field.value)
    fields.complain("a field read from the environment must not carry its \"value\"");
  if (!fields.ok()) return fields.error();
  return field;
}

std::vector<ConfigField> config_from(JsonFields& fields, const std::string& place) {
  std::vector<ConfigField> result;
  for (const auto& json : fields.list_or_empty("config")) {
    auto field = config_field_from(json, place);
    if (!field) {
      fields.complain(field.error());
      break;
    }
    result.push_back(std::move(*field));
  }
  return result;
}

/// `asset "setosa"` or, while its key is not known to be good, `asset 3` counted from 1.
std::string asset_place(const nlohmann::json& json, std::size_t index) {
  if (json.is_object() && json.contains("key")) {
    if (const auto key = AssetKey::from_json(json["key"])) return "asset " + text::quote(key->to_string());
  }
  return "asset " + std::to_string(index + 1) + " of the list";
}

Result<AssetDependency> dependency_from(const nlohmann::json& json, const std::string& place) {
  JsonFields fields(json, place + ", a dependency");
  AssetDependency dependency;
  dependency.key = fields.key("key");
  dependency.input = fields.text_or("input");
  dependency.input_manager_key = fields.text_or("input_manager_key");
  if (!fields.ok()) return fields.error();
  return dependency;
}

std::vector<AssetDependency> dependencies_from(JsonFields& fields, const std::string& place) {
  std::vector<AssetDependency> result;
  for (const auto& json : fields.list_or_empty("deps")) {
    auto dependency = dependency_from(json, place);
    if (!dependency) {
      fields.complain(dependency.error());
      break;
    }
    result.push_back(std::move(*dependency));
  }
  return result;
}

nlohmann::json tags_from(JsonFields& fields) {
  const auto& tags = fields.object_or_empty("tags");
  for (const auto& [name, value] : tags.items()) {
    if (!value.is_string()) fields.complain("the tag " + text::quote(name) + " must be a string");
  }
  return tags;
}

nlohmann::json metadata_from(JsonFields& fields) {
  const auto& metadata = fields.object_or_empty("metadata");
  if (const auto checked = check_metadata(metadata); !checked) fields.complain(checked.error().message);
  return metadata;
}

/// How an attempt of the asset's step is run.
void take_step_limits(JsonFields& fields, const std::string& place, AssetDefinition& asset) {
  auto policy = RetryPolicy::from_json(fields.any("retry_policy"));
  if (policy)
    asset.retry_policy = *policy;
  else
    fields.complain(Error{ErrorCode::invalid, place + ": " + policy.error().message, nullptr});
  asset.pool = fields.text_or("pool");
  asset.priority = static_cast<int>(std::clamp<std::int64_t>(fields.integer_or("priority", 0), -1'000'000, 1'000'000));
  const double seconds = fields.number_or("time_limit", 0);
  if (seconds < 0) fields.complain("\"time_limit\" must not be negative");
  asset.time_limit_ms = seconds > 0 ? std::max<std::int64_t>(1, std::llround(std::min(seconds, 1e9) * 1000)) : 0;
  asset.memory_limit = fields.integer_or("memory_limit", 0);
  if (asset.memory_limit < 0) fields.complain("\"memory_limit\" must not be negative");
}

Execution execution_from(JsonFields& definitions) {
  JsonFields fields(definitions.object_or_empty("execution"), "\"execution\"");
  Execution execution;
  if (const auto isolation = fields.text_or("isolation", "worker"); isolation == "step")
    execution.isolation = Execution::Isolation::step;
  else if (isolation == "in_process")
    execution.isolation = Execution::Isolation::in_process;
  else if (isolation != "worker")
    fields.complain("\"isolation\" must be \"worker\", \"step\" or \"in_process\", not " + text::quote(isolation));
  if (const auto start = fields.text_or("start"); start == "fork" || start == "spawn")
    execution.start = start == "fork" ? Execution::Start::fork : Execution::Start::spawn;
  else if (!start.empty())
    fields.complain("\"start\" must be \"fork\" or \"spawn\", not " + text::quote(start));
  execution.max_workers = static_cast<int>(std::clamp<std::int64_t>(fields.integer_or("max_workers", 0), 0, 10'000));
  execution.max_rss = fields.integer_or("max_rss", 0);
  if (!fields.ok()) definitions.complain(fields.error().value());
  return execution;
}

Result<AssetDefinition> asset_from(const nlohmann::json& json, std::size_t index) {
  const std::string place = asset_place(json, index);
  JsonFields fields(json, place);
  AssetDefinition asset;
  asset.key = fields.key("key");
  asset.is_external = fields.boolean_or("is_external", false);
  asset.step_key = asset.is_external ? fields.text_or("step_key") : fields.text("step_key");
  asset.group = fields.text_or("group", "default");
  asset.description = fields.text_or("description");
  asset.kinds = fields.texts("kinds");
  asset.tags = tags_from(fields);
  asset.owners = fields.texts("owners");
  asset.code_version = fields.text_or("code_version");
  asset.metadata = metadata_from(fields);
  asset.deps = dependencies_from(fields, place);
  asset.io_manager_key = fields.text_or("io_manager_key");
  asset.stores_output = fields.boolean_or("stores_output", true);
  asset.required_resources = fields.texts("required_resources");
  asset.config = config_from(fields, place);
  asset.partitions = fields.any("partitions");
  take_step_limits(fields, place, asset);
  JsonFields source(fields.object_or_empty("source"), place + ", its source");
  asset.source_file = source.text_or("file");
  asset.source_line = static_cast<int>(source.integer_or("line", 0));
  asset.source_last_line = static_cast<int>(source.integer_or("last_line", 0));
  if (!source.ok()) return source.error();
  if (!fields.ok()) return fields.error();
  return asset;
}

Result<ResourceDefinition> resource_from(const nlohmann::json& json, std::size_t index) {
  const bool has_key = json.is_object() && json.contains("key") && json["key"].is_string();
  const std::string place = has_key ? "resource " + text::quote(json["key"].get<std::string>())
                                    : "resource " + std::to_string(index + 1) + " of the list";
  JsonFields fields(json, place);
  ResourceDefinition resource;
  resource.key = fields.text("key");
  resource.type = fields.text_or("type");
  resource.description = fields.text_or("description");
  resource.is_io_manager = fields.boolean_or("is_io_manager", false);
  resource.in_memory = fields.boolean_or("in_memory", false);
  resource.format = fields.text_or("format");
  resource.nested = fields.texts("nested");
  resource.config = config_from(fields, place);
  if (resource.key.empty()) fields.complain("\"key\" is empty");
  if (!fields.ok()) return fields.error();
  return resource;
}

/// What a code location that names a resource it does not define is told.
Error unknown_resource(const Definitions& definitions, const AssetDefinition& asset, const std::string& key,
                       const std::string& role) {
  std::vector<std::string> known;
  for (const auto& resource : definitions.resources) known.push_back(text::quote(resource.key));
  const std::string available = known.empty() ? "none" : text::list(known);
  return Error{ErrorCode::invalid,
               "asset " + text::quote(asset.key.to_string()) + " names the " + role + " " + text::quote(key) +
                   ", which is not among the resources of code location " + text::quote(definitions.code_location) + " (" +
                   available + ")",
               nullptr};
}

Result<void> check_references(const Definitions& definitions, const AssetDefinition& asset) {
  const auto is_unknown = [&](const std::string& key) { return !key.empty() && definitions.find_resource(key) == nullptr; };
  if (is_unknown(asset.io_manager_key))
    return tl::unexpected(unknown_resource(definitions, asset, asset.io_manager_key, "IO manager"));
  for (const auto& dependency : asset.deps) {
    const auto& key = dependency.input_manager_key;
    if (is_unknown(key)) return tl::unexpected(unknown_resource(definitions, asset, key, "input manager"));
  }
  for (const auto& key : asset.required_resources) {
    if (is_unknown(key)) return tl::unexpected(unknown_resource(definitions, asset, key, "resource"));
  }
  return {};
}

}  // namespace

Result<Definitions> Definitions::from_json(std::string code_location, std::string hash, const nlohmann::json& json) {
  Definitions definitions;
  definitions.code_location = std::move(code_location);
  definitions.hash = std::move(hash);
  JsonFields fields(json, "definitions of code location " + text::quote(definitions.code_location));
  std::unordered_set<std::string> resource_keys;
  for (const auto& item : fields.list_or_empty("resources")) {
    auto resource = resource_from(item, definitions.resources.size());
    if (!resource) return tl::unexpected(resource.error());
    if (!resource_keys.insert(resource->key).second) fields.complain("two resources have the key " + text::quote(resource->key));
    definitions.resources.push_back(std::move(*resource));
  }
  for (const auto& item : fields.list_or_empty("assets")) {
    auto asset = asset_from(item, definitions.assets.size());
    if (!asset) return tl::unexpected(asset.error());
    definitions.assets.push_back(std::move(*asset));
  }
  definitions.env_vars = fields.texts("env_vars");
  definitions.execution = execution_from(fields);
  if (!fields.ok()) return fields.error();
  for (const auto& asset : definitions.assets) {
    if (auto checked = check_references(definitions, asset); !checked) return tl::unexpected(checked.error());
  }
  return definitions;
}

Result<Execution> Execution::with_tag(const std::string& value) const {
  Execution result = *this;
  if (value == "worker" || value == "step" || value == "in_process") {
    result.isolation = value == "worker" ? Isolation::worker : value == "step" ? Isolation::step : Isolation::in_process;
    return result;
  }
  if (value == "spawn") {
    result.start = Start::spawn;
    return result;
  }
  return fail(ErrorCode::invalid,
              "the tag headrace/isolation must be worker, step, in_process or spawn, not " + text::quote(value));
}

const ResourceDefinition* Definitions::find_resource(std::string_view key) const {
  const auto found = std::find_if(resources.begin(), resources.end(), [&](const auto& resource) { return resource.key == key; });
  return found == resources.end() ? nullptr : &*found;
}

std::vector<AssetKey> Definitions::used_by(std::string_view resource_key) const {
  std::vector<AssetKey> result;
  for (const auto& asset : assets) {
    const auto& needed = asset.required_resources;
    const bool uses = asset.io_manager_key == resource_key ||
                      std::find(needed.begin(), needed.end(), resource_key) != needed.end() ||
                      std::any_of(asset.deps.begin(), asset.deps.end(),
                                  [&](const auto& dependency) { return dependency.input_manager_key == resource_key; });
    if (uses) result.push_back(asset.key);
  }
  return result;
}

}  // namespace headrace
