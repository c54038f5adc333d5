// Small and random asset graphs for the tests of core.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <core/asset_graph.hpp>

namespace headrace::testing {

using Locations = std::vector<std::shared_ptr<const Definitions>>;

inline AssetKey key(const std::string& text) { return AssetKey::parse(text).value(); }

/// An asset that loads each of `inputs` ("a", "x/b").
inline AssetDefinition asset(const std::string& name, const std::vector<std::string>& inputs = {}) {
  AssetDefinition result;
  result.key = key(name);
  for (const auto& part : result.key.path()) result.step_key += (result.step_key.empty() ? "" : "__") + part;
  for (const auto& input : inputs) result.deps.push_back({key(input), key(input).path().back(), ""});
  return result;
}

inline std::shared_ptr<Definitions> location(const std::string& name, std::vector<AssetDefinition> assets) {
  auto result = std::make_shared<Definitions>();
  result->code_location = name;
  result->assets = std::move(assets);
  return result;
}

inline AssetGraph graph_of(std::vector<AssetDefinition> assets) {
  return AssetGraph::build({location("my_module", std::move(assets))}).value();
}

/// Numbers from a seed, the same with every standard library.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  /// 0 .. bound-1
  int below(int bound) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(bound)); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[static_cast<std::size_t>(below(static_cast<int>(i)))]);
  }

 private:
  std::mt19937 engine_;
};

/// upstream[i] of an acyclic graph: each node draws up to three nodes before it. Few nodes make it dense, so that chains,
/// diamonds and fans all come up.
inline std::vector<std::vector<int>> random_upstreams(Random& random, int size) {
  std::vector<std::vector<int>> upstream(static_cast<std::size_t>(size));
  for (int node = 1; node < size; ++node) {
    for (int n = random.below(4); n > 0; --n) {
      const int up = random.below(node);
      auto& mine = upstream[static_cast<std::size_t>(node)];
      if (std::find(mine.begin(), mine.end(), up) == mine.end()) mine.push_back(up);
    }
  }
  return upstream;
}

/// Names in an order that has nothing to do with the edges: the graph sorts by key.
inline std::vector<AssetDefinition> random_assets(Random& random, int size) {
  std::vector<std::string> names;
  for (int i = 0; i < size; ++i) names.push_back((i % 3 == 0 ? "raw/asset_" : "asset_") + std::to_string(i));
  random.shuffle(names);
  std::vector<AssetDefinition> assets;
  const auto upstreams = random_upstreams(random, size);
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    std::vector<std::string> inputs;
    for (const int up : upstreams[i]) inputs.push_back(names[static_cast<std::size_t>(up)]);
    assets.push_back(asset(names[i], inputs));
    assets.back().group = "group_" + std::to_string(random.below(4));
    if (random.chance(30)) assets.back().kinds = {"python"};
    if (random.chance(30)) assets.back().tags = {{"team", random.chance(50) ? "a" : "b"}};
  }
  random.shuffle(assets);
  return assets;
}

}  // namespace headrace::testing
