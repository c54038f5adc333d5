// The asset graph over all code locations: assets by index 0..n-1 (sorted by key), edges as indices. Immutable.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <core/definitions.hpp>

namespace headrace {

struct AssetNode {
  AssetKey key;
  std::string key_string;                       ///< key.to_string(), kept: it is asked for often
  const AssetDefinition* definition = nullptr;  ///< null: a stub (only referred to)
  const Definitions* definitions = nullptr;     ///< the code location's; null for a stub
  std::vector<int> upstream;                    ///< in the order of the definition's deps, no duplicates
  std::vector<int> downstream;                  ///< ascending
  bool is_materializable() const { return definition != nullptr && !definition->is_external; }
  bool is_stub() const { return definition == nullptr; }
  /// The definition's; a stub is in "default".
  std::string_view group() const {
    return definition != nullptr ? std::string_view(definition->group) : std::string_view("default");
  }
};

class AssetGraph {
 public:
  struct Options {
    /// False: an input whose upstream nobody defines is an error (with "did you mean"). True while other code
    /// locations are not loaded: the upstream becomes a stub. A dependency for ordering only may always name a stub.
    bool allow_unknown_upstreams = false;
  };

  AssetGraph() = default;

  /// Builds over the given locations. One location's external asset may be another's own: then the definition that can
  /// be materialized counts, else the first. Errors (duplicate keys or step keys, keys that differ only in case, a cycle written
  /// out as "a → b → a", unknown upstreams) carry detail {code_location, asset_key, file, line} of the asset to blame: of the
  /// later location in `locations`; file "" and line 0 where they are not known.
  static Result<AssetGraph> build(std::vector<std::shared_ptr<const Definitions>> locations, Options options);
  static Result<AssetGraph> build(std::vector<std::shared_ptr<const Definitions>> locations) {
    return build(std::move(locations), Options{});
  }

  int size() const { return static_cast<int>(nodes_.size()); }
  const AssetNode& node(int index) const { return nodes_[static_cast<std::size_t>(index)]; }
  std::span<const AssetNode> nodes() const { return nodes_; }
  /// -1: no such asset.
  int find(const AssetKey& key) const;
  int find(const std::string& key_string) const;
  /// Every asset after its upstreams.
  const std::vector<int>& topological_order() const { return order_; }
  /// Up to three existing keys that look like `text`, best first.
  std::vector<std::string> did_you_mean(std::string_view text) const;

 private:
  std::vector<std::shared_ptr<const Definitions>> locations_;  // keeps what the nodes point to alive
  std::vector<AssetNode> nodes_;
  std::unordered_map<std::string, int> index_;
  std::vector<int> order_;
};

/// The closest of `candidates` to `text` by edit distance (case-insensitive), best first, only plausible ones.
std::vector<std::string> closest_names(std::string_view text, std::span<const std::string> candidates, std::size_t most = 3);

}  // namespace headrace
