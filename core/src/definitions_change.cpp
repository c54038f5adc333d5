#include <core/definitions_change.hpp>

#include <map>

namespace headrace {
namespace {

std::map<std::string, const AssetDefinition*> by_key(const Definitions& definitions) {
  std::map<std::string, const AssetDefinition*> result;
  for (const auto& asset : definitions.assets) result.emplace(asset.key.to_string(), &asset);
  return result;
}

bool are_alike(AssetDefinition before, const AssetDefinition& after) {
  before.source_line = after.source_line;
  before.source_last_line = after.source_last_line;
  return before == after;
}

}  // namespace

DefinitionsChange DefinitionsChange::between(const Definitions& before, const Definitions& after) {
  DefinitionsChange change;
  const auto old = by_key(before), now = by_key(after);
  for (const auto& asset : after.assets) {
    const auto found = old.find(asset.key.to_string());
    if (found == old.end())
      change.added.push_back(asset.key);
    else if (!are_alike(*found->second, asset))
      change.changed.push_back(asset.key);
  }
  for (const auto& asset : before.assets)
    if (!now.contains(asset.key.to_string())) change.removed.push_back(asset.key);
  return change;
}

}  // namespace headrace
