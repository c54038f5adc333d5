#include <core/asset_graph.hpp>

#include <algorithm>
#include <map>

#include "closest_names.hpp"
#include "cycle.hpp"
#include "text.hpp"

namespace headrace {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// One asset's definition and the position of its code location: the later location is to blame for a conflict.
struct Defined {
  const AssetDefinition* asset = nullptr;
  const Definitions* definitions = nullptr;
  std::size_t location = 0;
};
using DefinedByKey = std::map<AssetKey, Defined>;

std::string name_of(const AssetKey& key) { return text::quote(key.to_string()); }

/// `my_assets.py:10`; empty when the source is not known.
std::string position_of(const AssetDefinition& asset) {
  if (asset.source_file.empty() || asset.source_line <= 0) return asset.source_file;
  return asset.source_file + ":" + std::to_string(asset.source_line);
}

/// `code location "my_module" (my_assets.py:10)`
std::string place_of(const Defined& defined) {
  const std::string position = position_of(*defined.asset);
  return "code location " + text::quote(defined.definitions->code_location) + (position.empty() ? "" : " (" + position + ")");
}

/// `"Iris" in code location "my_module" (my_assets.py:10)`
std::string asset_at(const Defined& defined) { return name_of(defined.asset->key) + " in " + place_of(defined); }

/// Names the asset to blame with its place, so that whoever shows the error can point there.
tl::unexpected<Error> blame(const Defined& asset, std::string message) {
  return fail(ErrorCode::invalid, std::move(message),
              {{"code_location", asset.definitions->code_location},
               {"asset_key", asset.asset->key.to_string()},
               {"file", asset.asset->source_file},
               {"line", asset.asset->source_line}});
}

const Defined& later(const Defined& a, const Defined& b) { return a.location < b.location ? b : a; }

// ---- what is defined ---------------------------------------------------------------------------------------------------

/// "twice: in code location … and in code location …", or shorter where it is the same one.
std::string twice(const Defined& first, const Defined& second) {
  if (first.definitions != second.definitions) return "twice: in " + place_of(first) + " and in " + place_of(second);
  const std::string at_first = position_of(*first.asset), at_second = position_of(*second.asset);
  const std::string positions = at_first.empty() || at_second.empty() ? "" : ", at " + at_first + " and at " + at_second;
  return "twice in code location " + text::quote(first.definitions->code_location) + positions;
}

tl::unexpected<Error> defined_twice(const Defined& first, const Defined& second) {
  return blame(later(first, second),
               "asset " + name_of(first.asset->key) + " is defined " + twice(first, second) + ". Give one of them another key.");
}

/// Adds one definition. What one location only describes as external another may make: that one counts.
Result<void> add_definition(DefinedByKey& defined, const Defined& added) {
  const auto [found, is_new] = defined.try_emplace(added.asset->key, added);
  if (is_new) return {};
  Defined& first = found->second;
  const bool is_reference = first.definitions != added.definitions && (first.asset->is_external || added.asset->is_external);
  if (!is_reference) return defined_twice(first, added);
  if (first.asset->is_external && !added.asset->is_external) first = added;
  return {};
}

Result<DefinedByKey> collect_definitions(std::span<const std::shared_ptr<const Definitions>> locations) {
  DefinedByKey defined;
  for (std::size_t i = 0; i < locations.size(); ++i) {
    for (const auto& asset : locations[i]->assets) {
      if (auto added = add_definition(defined, Defined{&asset, locations[i].get(), i}); !added)
        return tl::unexpected(added.error());
    }
  }
  return defined;
}

/// A step key names a step within a run and its files, and is made of the key's parts: "a__b" and ["a", "b"] have the same.
Result<void> check_step_keys(const DefinedByKey& defined) {
  std::unordered_map<std::string_view, const Defined*> by_step_key;
  for (const auto& [key, asset] : defined) {
    if (asset.asset->is_external) continue;
    const auto [found, is_new] = by_step_key.emplace(asset.asset->step_key, &asset);
    if (is_new) continue;
    const Defined& other = *found->second;
    return blame(later(other, asset), "assets " + asset_at(other) + " and " + asset_at(asset) + " have the same step key " +
                                          text::quote(asset.asset->step_key) + ". Give one of them another key.");
  }
  return {};
}

// ---- what is only referred to ------------------------------------------------------------------------------------------

std::string did_you_mean_instead_of(const AssetKey& unknown, const DefinedByKey& defined, const AssetKey& asker) {
  std::vector<NamedKey> candidates;
  for (const auto& [key, asset] : defined) {
    if (key != asker) candidates.push_back({key.to_string(), key.path().back()});
  }
  return text::did_you_mean(closest_keys(unknown.to_string(), candidates));
}

/// The keys that dependencies name and nobody defines, each with the (last) asset that refers to it.
using Stubs = std::map<AssetKey, Defined>;

Result<Stubs> collect_stubs(const DefinedByKey& defined, bool allow_unknown_upstreams) {
  Stubs stubs;
  for (const auto& [key, asset] : defined) {
    for (const auto& dependency : asset.asset->deps) {
      if (defined.contains(dependency.key)) continue;
      const bool is_loaded = !dependency.input.empty();
      if (is_loaded && !allow_unknown_upstreams) {
        return blame(asset, "asset " + name_of(key) + " takes " + name_of(dependency.key) + ", which no asset defines." +
                                did_you_mean_instead_of(dependency.key, defined, key));
      }
      auto& referrer = stubs.try_emplace(dependency.key, asset).first->second;
      referrer = later(referrer, asset);
    }
  }
  return stubs;
}

/// Keys become file names, and on a file system that ignores case "Iris" and "iris" would overwrite each other.
Result<void> check_case(const DefinedByKey& defined, const Stubs& stubs) {
  std::unordered_map<std::string, const Defined*> by_lower_case;
  for (const auto& [key, asset] : defined) {
    const auto [found, is_new] = by_lower_case.try_emplace(text::lower(key.to_string()), &asset);
    if (is_new) continue;
    const Defined& other = *found->second;
    return blame(later(other, asset),
                 "assets " + asset_at(other) + " and " + asset_at(asset) +
                     " differ only in upper and lower case: where file names ignore case, one would overwrite the other. Give "
                     "one of them another key.");
  }
  for (const auto& [key, referrer] : stubs) {
    const auto found = by_lower_case.find(text::lower(key.to_string()));
    if (found == by_lower_case.end()) continue;
    const Defined& other = *found->second;
    return blame(later(other, referrer), "asset " + name_of(referrer.asset->key) + " depends on " + name_of(key) +
                                             ", which differs from the asset " + name_of(other.asset->key) +
                                             " only in upper and lower case." +
                                             text::did_you_mean(std::vector{other.asset->key.to_string()}));
  }
  return {};
}

// ---- nodes and edges ---------------------------------------------------------------------------------------------------

std::vector<AssetNode> make_nodes(const DefinedByKey& defined, const Stubs& stubs) {
  std::vector<AssetNode> nodes;
  nodes.reserve(defined.size() + stubs.size());
  for (const auto& [key, asset] : defined) nodes.push_back({key, key.to_string(), asset.asset, asset.definitions, {}, {}});
  for (const auto& [key, referrer] : stubs) nodes.push_back({key, key.to_string(), nullptr, nullptr, {}, {}});
  std::sort(nodes.begin(), nodes.end(), [](const AssetNode& a, const AssetNode& b) { return a.key < b.key; });
  return nodes;
}

void connect(std::vector<AssetNode>& nodes, const std::unordered_map<std::string, int>& index) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].definition == nullptr) continue;
    auto& upstream = nodes[i].upstream;
    for (const auto& dependency : nodes[i].definition->deps) {
      const int up = index.at(dependency.key.to_string());
      if (std::find(upstream.begin(), upstream.end(), up) != upstream.end()) continue;
      upstream.push_back(up);
      nodes[at(up)].downstream.push_back(static_cast<int>(i));
    }
  }
}

/// Every node after its upstreams; shorter than `nodes` exactly when there is a cycle.
std::vector<int> sort_topologically(const std::vector<AssetNode>& nodes) {
  std::vector<std::size_t> missing(nodes.size());
  std::vector<int> order;
  order.reserve(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    missing[i] = nodes[i].upstream.size();
    if (missing[i] == 0) order.push_back(static_cast<int>(i));
  }
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (const int down : nodes[at(order[next])].downstream) {
      if (--missing[at(down)] == 0) order.push_back(down);
    }
  }
  return order;
}

tl::unexpected<Error> cycle_error(const std::vector<AssetNode>& nodes, const DefinedByKey& defined) {
  const std::vector<int> cycle = find_cycle(nodes);
  constexpr std::size_t k_most_shown = 30;
  std::string written;
  const Defined* to_blame = nullptr;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const AssetNode& node = nodes[at(cycle[i])];
    const Defined& asset = defined.at(node.key);
    to_blame = to_blame == nullptr ? &asset : &later(*to_blame, asset);
    if (i < k_most_shown)
      written += node.key_string + " → ";
    else if (i == k_most_shown)
      written += "… (" + std::to_string(cycle.size() - k_most_shown) + " more) → ";
  }
  written += nodes[at(cycle.front())].key_string;
  return blame(*to_blame, "assets depend on each other in a cycle: " + written + ". Remove one of these dependencies.");
}

}  // namespace

Result<AssetGraph> AssetGraph::build(std::vector<std::shared_ptr<const Definitions>> locations, Options options) {
  auto defined = collect_definitions(locations);
  if (!defined) return tl::unexpected(defined.error());
  if (auto checked = check_step_keys(*defined); !checked) return tl::unexpected(checked.error());
  auto stubs = collect_stubs(*defined, options.allow_unknown_upstreams);
  if (!stubs) return tl::unexpected(stubs.error());
  if (auto checked = check_case(*defined, *stubs); !checked) return tl::unexpected(checked.error());

  AssetGraph graph;
  graph.nodes_ = make_nodes(*defined, *stubs);
  for (std::size_t i = 0; i < graph.nodes_.size(); ++i) graph.index_.emplace(graph.nodes_[i].key_string, static_cast<int>(i));
  connect(graph.nodes_, graph.index_);
  graph.order_ = sort_topologically(graph.nodes_);
  if (graph.order_.size() < graph.nodes_.size()) return cycle_error(graph.nodes_, *defined);
  graph.locations_ = std::move(locations);
  return graph;
}

int AssetGraph::find(const AssetKey& key) const { return find(key.to_string()); }

int AssetGraph::find(const std::string& key_string) const {
  const auto found = index_.find(key_string);
  return found == index_.end() ? -1 : found->second;
}

std::vector<std::string> AssetGraph::did_you_mean(std::string_view text) const {
  std::vector<NamedKey> candidates;
  for (const auto& node : nodes_) {
    if (!node.is_stub()) candidates.push_back({node.key_string, node.key.path().back()});
  }
  return closest_keys(text, candidates);
}

}  // namespace headrace
