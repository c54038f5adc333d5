#include <resolved.hpp>

#include <algorithm>
#include <checked_graph.hpp>
#include <core/json.hpp>
#include <fmt/format.h>
#include <headrace/filesystem_io_manager.hpp>
#include <set>
#include <sha256.hpp>

namespace headrace {
inline namespace sdk {
namespace {

template <class Map>
std::string keys_of(const Map& map) {
  std::string names;
  for (const auto& [key, value] : map) names += (names.empty() ? "" : ", ") + key;
  return names.empty() ? "none" : names;
}

bool can_store(const detail::ResourceInfo& manager, const Type& type) {
  if (manager.stores) return manager.stores(type);
  const auto& stored = *manager.stored_type;
  return stored.is_any || type.is_any || stored == type || (stored.from_json != nullptr && type.to_json != nullptr);
}

std::string place(const Asset& asset) { return fmt::format(" ({}:{})", asset.file, asset.line); }

}  // namespace

std::shared_ptr<const Resolved> Resolved::make(Definitions definitions) {
  return std::shared_ptr<const Resolved>(new Resolved(std::move(definitions)));
}

Resolved::Resolved(Definitions definitions) : definitions_(std::move(definitions)) {
  definitions_.resources.emplace(k_default_io_manager, FilesystemIOManager{});
  std::stable_sort(definitions_.assets.begin(), definitions_.assets.end(),
                   [](const Asset& a, const Asset& b) { return a.key < b.key; });
  assets_.reserve(definitions_.assets.size());
  for (const auto& asset : definitions_.assets) add_asset(asset);
  for (auto& asset : assets_) bind(asset);
  description_ = describe(*this);
  if (const auto complaint = checked_graph::complaint_about(description_); !complaint.empty()) throw DefinitionError(complaint);
  hash_ = sha256(dump_json(description_));
}

void Resolved::add_asset(const Asset& asset) {
  ResolvedAsset made;
  made.definition = &asset;
  made.step_key = asset.key.to_identifier();
  if (!by_key_.emplace(asset.key, assets_.size()).second) {
    const auto& first = *assets_[by_key_.at(asset.key)].definition;
    throw DefinitionError(
        fmt::format("Duplicate asset key: \"{}\" is defined twice{}{}", asset.key.to_user_string(), place(first), place(asset)));
  }
  assets_.push_back(std::move(made));
}

const ResolvedAsset* Resolved::find(const AssetKey& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &assets_[found->second];
}

void Resolved::bind(ResolvedAsset& asset) {
  const auto& definition = *asset.definition;
  if (!has_resource(definition.options.io_manager_key) && !asset.is_external()) {
    throw DefinitionError(fmt::format("Asset \"{}\" needs the IO manager \"{}\", which is not among the resources: {}{}",
                                      asset.name(), definition.options.io_manager_key, keys_of(definitions_.resources),
                                      place(definition)));
  }
  if (asset.is_external()) return;
  check_manager(asset, definition.options.io_manager_key);
  const auto& function = *definition.function;
  const auto& inputs = definition.options.inputs;
  if (inputs.size() != function.inputs.size()) {
    std::string types;
    for (const auto* type : function.inputs) types += (types.empty() ? "" : ", ") + type->name;
    throw DefinitionError(fmt::format("Asset \"{}\": its function takes {} inputs ({}), but .inputs names {}: one key for each{}",
                                      asset.name(), function.inputs.size(), types.empty() ? "none" : types, inputs.size(),
                                      place(definition)));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    ResolvedInput input{.definition = &inputs[i], .type = function.inputs[i], .manager_key = inputs[i].input_manager_key};
    input.name = inputs[i].key.path().empty() ? "" : inputs[i].key.path().back();
    for (const auto& other : asset.inputs)
      if (other.name == input.name) input.name = inputs[i].key.to_identifier();
    const auto* upstream = find(inputs[i].key);
    if (input.manager_key.empty() && upstream != nullptr && has_resource(upstream->definition->options.io_manager_key))
      input.manager_key = upstream->definition->options.io_manager_key;
    if (!input.manager_key.empty()) check_manager(asset, input.manager_key);
    asset.inputs.push_back(std::move(input));
  }
  bind_resources(asset);
}

void Resolved::check_manager(const ResolvedAsset& asset, const std::string& key) const {
  if (!has_resource(key) || !resource(key).is_io_manager) {
    throw DefinitionError(fmt::format(
        "Asset \"{}\" uses \"{}\" as an IO manager, but {}{}", asset.name(), key,
        has_resource(key) ? "it is a " + resource(key).type : "there is no such resource: " + keys_of(definitions_.resources),
        place(*asset.definition)));
  }
  if (key != asset.definition->options.io_manager_key || !asset.stores_output()) return;
  const auto& type = *asset.definition->function->output;
  if (can_store(resource(key), type)) return;
  const auto& manager = resource(key);
  throw DefinitionError(fmt::format(
      "Asset \"{}\" gives a {}, which its IO manager \"{}\" ({}) does not store{}. Name another with .io_manager_key{}",
      asset.name(), type.name, key, manager.type, manager.stored_type->is_any ? "" : ": it stores " + manager.stored_type->name,
      type == type_of<Table>() ? ", such as headrace::ParquetIOManager" : "", place(*asset.definition)));
}

/// By name where the asset names them, else by type.
void Resolved::bind_resources(ResolvedAsset& asset) {
  const auto& function = *asset.definition->function;
  const auto& names = asset.definition->options.resources;
  if (!names.empty() && names.size() != function.resources.size()) {
    throw DefinitionError(fmt::format("Asset \"{}\": its function takes {} resources, but .resources names {}{}", asset.name(),
                                      function.resources.size(), names.size(), place(*asset.definition)));
  }
  for (std::size_t i = 0; i < function.resources.size(); ++i) {
    std::vector<std::string> matching;
    for (const auto& [key, resource] : definitions_.resources)
      if (resource.info().id == function.resources[i] && (names.empty() || names[i] == key)) matching.push_back(key);
    if (matching.size() != 1) {
      throw DefinitionError(fmt::format("Asset \"{}\" takes a {}: there {} among the resources ({}){}{}", asset.name(),
                                        function.resource_types[i], matching.empty() ? "is none" : "is more than one",
                                        keys_of(definitions_.resources), matching.empty() ? "" : ". Name it with .resources",
                                        place(*asset.definition)));
    }
    asset.resource_keys.push_back(matching.front());
  }
  std::set<std::string> required(asset.resource_keys.begin(), asset.resource_keys.end());
  if (asset.stores_output()) required.insert(asset.definition->options.io_manager_key);
  for (const auto& input : asset.inputs)
    if (!input.manager_key.empty()) required.insert(input.manager_key);
  asset.required_resources.assign(required.begin(), required.end());
}

std::vector<std::string> Resolved::plan(const std::string& selection) const {
  return checked_graph::plan(description_, selection);
}

}  // namespace sdk
}  // namespace headrace
