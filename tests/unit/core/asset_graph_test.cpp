#include <core/asset_graph.hpp>

#include <gtest/gtest.h>

#include "graphs.hpp"

namespace headrace {
namespace {

using testing::asset;
using testing::location;
using testing::Random;

Error error_of(testing::Locations locations, AssetGraph::Options options = {}) {
  const auto graph = AssetGraph::build(std::move(locations), options);
  return graph ? Error{ErrorCode::internal, "no error", nullptr} : graph.error();
}
std::string blamed(const Error& error) { return error.detail.is_object() ? error.detail.value("code_location", "") : ""; }

AssetDefinition at_source(AssetDefinition definition, const std::string& file, int line) {
  definition.source_file = file;
  definition.source_line = line;
  return definition;
}

TEST(AssetGraph, SortsByKeyAndConnects) {
  const auto graph =
      testing::graph_of({asset("setosa", {"iris_data"}), asset("iris_data"), asset("a/x", {"setosa", "iris_data"})});
  ASSERT_EQ(graph.size(), 3);
  EXPECT_EQ(graph.node(0).key_string, "a/x");
  EXPECT_EQ(graph.node(1).key_string, "iris_data");
  EXPECT_EQ(graph.node(0).upstream, (std::vector<int>{2, 1}));  // in the order of the definition
  EXPECT_EQ(graph.node(1).downstream, (std::vector<int>{0, 2}));
  EXPECT_EQ(graph.topological_order(), (std::vector<int>{1, 2, 0}));
  EXPECT_EQ(graph.find("setosa"), 2);
  EXPECT_EQ(graph.find(AssetKey({"a", "x"})), 0);
  EXPECT_EQ(graph.find("nobody"), -1);
  EXPECT_TRUE(graph.node(0).is_materializable());
}

TEST(AssetGraph, IsEmptyForNoLocations) { EXPECT_EQ(AssetGraph::build({}).value().size(), 0); }

TEST(AssetGraph, OneDependencyWrittenTwiceIsOneEdge) {
  auto setosa = asset("setosa", {"iris_data"});
  setosa.deps.push_back({AssetKey({"iris_data"}), "", ""});
  const auto graph = testing::graph_of({setosa, asset("iris_data")});
  EXPECT_EQ(graph.node(1).upstream.size(), 1u);
  EXPECT_EQ(graph.node(0).downstream.size(), 1u);
}

TEST(AssetGraph, SpansCodeLocations) {
  const auto graph = AssetGraph::build({location("a", {asset("x")}), location("b", {asset("y", {"x"})})}).value();
  EXPECT_EQ(graph.node(graph.find("y")).upstream, std::vector<int>{graph.find("x")});
  EXPECT_EQ(graph.node(graph.find("x")).definitions->code_location, "a");
}

TEST(AssetGraph, KeepsItsDefinitionsAlive) {
  AssetGraph graph;
  {
    auto definitions = location("a", {asset("x")});
    graph = AssetGraph::build({definitions}).value();
  }
  EXPECT_EQ(graph.node(0).definition->key, AssetKey({"x"}));
}

TEST(AssetGraph, OrderingDependenciesMayNameStubs) {
  auto setosa = asset("setosa");
  setosa.deps.push_back({AssetKey({"calendar"}), "", ""});
  const auto graph = testing::graph_of({setosa});
  const auto& stub = graph.node(graph.find("calendar"));
  EXPECT_TRUE(stub.is_stub());
  EXPECT_FALSE(stub.is_materializable());
  EXPECT_EQ(stub.group(), "default");
  EXPECT_EQ(graph.node(graph.find("setosa")).upstream, std::vector<int>{graph.find("calendar")});
}

TEST(AssetGraph, DefinitionBeatsStubWhateverTheOrder) {
  auto user = asset("user");
  user.deps.push_back({AssetKey({"x"}), "", ""});
  for (const auto& locations : {testing::Locations{location("a", {user}), location("b", {asset("x")})},
                                testing::Locations{location("b", {asset("x")}), location("a", {user})}}) {
    const auto graph = AssetGraph::build(locations).value();
    EXPECT_FALSE(graph.node(graph.find("x")).is_stub());
  }
}

TEST(AssetGraph, OneLocationsExternalAssetMayBeAnothersOwn) {
  auto external = asset("x");
  external.is_external = true;
  for (const auto& locations : {testing::Locations{location("a", {external}), location("b", {asset("x")})},
                                testing::Locations{location("b", {asset("x")}), location("a", {external})}}) {
    const auto graph = AssetGraph::build(locations).value();
    EXPECT_EQ(graph.node(0).definitions->code_location, "b");
  }
  EXPECT_EQ(AssetGraph::build({location("a", {external}), location("b", {external})}).value().node(0).definitions->code_location,
            "a");
  EXPECT_NE(error_of({location("a", {external, asset("x")})}).message, "no error");  // within one location it is a mistake
}

TEST(AssetGraphErrors, DuplicateKeysNameLocationsAndFiles) {
  const auto error = error_of({location("first", {at_source(asset("iris"), "assets.py", 10)}),
                               location("second", {at_source(asset("iris"), "more.py", 3)})});
  EXPECT_EQ(
      error.message,
      "asset \"iris\" is defined twice: in code location \"first\" (assets.py:10) and in code location \"second\" (more.py:3). "
      "Give one of them another key.");
  EXPECT_EQ(blamed(error), "second");
  EXPECT_EQ(error.code, ErrorCode::invalid);
}

TEST(AssetGraphErrors, DuplicateKeysWithinOneLocation) {
  EXPECT_EQ(error_of({location("m", {at_source(asset("iris"), "a.py", 1), at_source(asset("iris"), "b.py", 2)})}).message,
            "asset \"iris\" is defined twice in code location \"m\", at a.py:1 and at b.py:2. Give one of them another key.");
  EXPECT_EQ(error_of({location("m", {asset("iris"), asset("iris")})}).message,
            "asset \"iris\" is defined twice in code location \"m\". Give one of them another key.");
}

TEST(AssetGraphErrors, DuplicateStepKeys) {
  const auto error = error_of({location("m", {at_source(asset("a/b"), "x.py", 1), at_source(asset("a__b"), "x.py", 5)})});
  EXPECT_EQ(error.message,
            "assets \"a/b\" in code location \"m\" (x.py:1) and \"a__b\" in code location \"m\" (x.py:5) have the same step key "
            "\"a__b\". "
            "Give one of them another key.");
}

TEST(AssetGraphErrors, KeysThatDifferOnlyInCase) {
  const auto error = error_of({location("m", {asset("Iris")}), location("n", {asset("iris")})});
  EXPECT_EQ(error.message,
            "assets \"Iris\" in code location \"m\" and \"iris\" in code location \"n\" differ only in upper and lower case: "
            "where file names ignore "
            "case, one would overwrite the other. Give one of them another key.");
  EXPECT_EQ(blamed(error), "n");
}

TEST(AssetGraphErrors, StubsThatDifferOnlyInCase) {
  auto setosa = asset("setosa");
  setosa.deps.push_back({AssetKey({"Iris"}), "", ""});
  EXPECT_EQ(error_of({location("m", {setosa, asset("iris")})}).message,
            "asset \"setosa\" depends on \"Iris\", which differs from the asset \"iris\" only in upper and lower case. Did you "
            "mean \"iris\"?");
}

TEST(AssetGraphErrors, UnknownUpstream) {
  const auto error = error_of({location("m", {asset("setosa", {"iris_dta"}), asset("iris_data")})});
  EXPECT_EQ(error.message, "asset \"setosa\" takes \"iris_dta\", which no asset defines. Did you mean \"iris_data\"?");
  EXPECT_EQ(blamed(error), "m");
  EXPECT_EQ(error_of({location("m", {asset("setosa", {"weather"}), asset("iris_data")})}).message,
            "asset \"setosa\" takes \"weather\", which no asset defines.");
}

TEST(AssetGraphErrors, UnknownUpstreamMayBeAKeysLastPart) {
  EXPECT_EQ(error_of({location("m", {asset("setosa", {"iris_data"}), asset("raw/iris_data")})}).message,
            "asset \"setosa\" takes \"iris_data\", which no asset defines. Did you mean \"raw/iris_data\"?");
}

TEST(AssetGraph, UnknownUpstreamsAreStubsWhileOthersLoad) {
  const auto graph =
      AssetGraph::build({location("m", {asset("setosa", {"iris_data"})})}, {.allow_unknown_upstreams = true}).value();
  EXPECT_TRUE(graph.node(graph.find("iris_data")).is_stub());
}

TEST(AssetGraphErrors, CycleIsWrittenOut) {
  const auto error = error_of({location("m", {asset("b", {"a"}), asset("c", {"b"})}),
                               location("n", {asset("a", {"c"}), asset("free"), asset("after", {"c"})})});
  EXPECT_EQ(error.message, "assets depend on each other in a cycle: a → b → c → a. Remove one of these dependencies.");
  EXPECT_EQ(blamed(error), "n");
  EXPECT_EQ(error_of({location("m", {asset("a", {"a"})})}).message,
            "assets depend on each other in a cycle: a → a. Remove one of these dependencies.");
}

TEST(AssetGraphErrors, LongCyclesAreCut) {
  std::vector<AssetDefinition> ring;
  for (int i = 0; i < 1000; ++i) ring.push_back(asset("a" + std::to_string(i), {"a" + std::to_string((i + 999) % 1000)}));
  const auto message = error_of({location("m", ring)}).message;
  EXPECT_LT(message.size(), 500u);
  EXPECT_NE(message.find("a0 → a1 → "), std::string::npos) << message;
  EXPECT_NE(message.find("… (970 more) → a0"), std::string::npos) << message;
}

TEST(AssetGraph, DidYouMeanNeverNamesStubs) {
  auto setosa = asset("setosa");
  setosa.deps.push_back({AssetKey({"iris_dat"}), "", ""});
  const auto graph = testing::graph_of({setosa, asset("iris_data")});
  EXPECT_EQ(graph.did_you_mean("iris_da"), std::vector<std::string>{"iris_data"});
}

// ---- random graphs -------------------------------------------------------------------------------------------------------

/// Whether a cycle can be reached, by the definition: repeatedly take away nodes without upstream.
bool has_cycle(const std::vector<AssetDefinition>& assets) {
  std::vector<AssetDefinition> left = assets;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const bool is_free = std::none_of(left[i].deps.begin(), left[i].deps.end(), [&](const auto& dep) {
        return std::any_of(left.begin(), left.end(), [&](const auto& other) { return other.key == dep.key; });
      });
      if (!is_free) continue;
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
      changed = true;
      break;
    }
  }
  return !left.empty();
}

TEST(AssetGraphProperties, EveryAssetComesAfterItsUpstreams) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto assets = testing::random_assets(random, 1 + random.below(60));
    const auto graph = testing::graph_of(assets);
    ASSERT_EQ(graph.size(), static_cast<int>(assets.size()));
    std::vector<int> position(assets.size(), -1);
    for (std::size_t i = 0; i < assets.size(); ++i)
      position[static_cast<std::size_t>(graph.topological_order()[i])] = static_cast<int>(i);
    for (int node = 0; node < graph.size(); ++node) {
      ASSERT_TRUE(node == 0 || graph.node(node - 1).key < graph.node(node).key);
      ASSERT_TRUE(std::is_sorted(graph.node(node).downstream.begin(), graph.node(node).downstream.end()));
      for (const int up : graph.node(node).upstream) {
        ASSERT_LT(position[static_cast<std::size_t>(up)], position[static_cast<std::size_t>(node)]) << "seed " << seed;
        const auto& back = graph.node(up).downstream;
        ASSERT_TRUE(std::find(back.begin(), back.end(), node) != back.end());
      }
    }
  }
}

TEST(AssetGraphProperties, ReportsACycleExactlyWhenThereIsOne) {
  int cycles = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    auto assets = testing::random_assets(random, 2 + random.below(20));
    const int count = static_cast<int>(assets.size());
    for (int n = random.below(4); n > 0; --n) {  // edges in any direction
      auto& from = assets[static_cast<std::size_t>(random.below(count))];
      from.deps.push_back({assets[static_cast<std::size_t>(random.below(count))].key, "x", ""});
    }
    const auto graph = AssetGraph::build({location("m", assets)});
    ASSERT_EQ(!graph, has_cycle(assets)) << "seed " << seed;
    if (graph) continue;
    ++cycles;
    // Each arrow of the sentence is an edge, and it ends where it began.
    std::string text = graph.error().message.substr(std::string("assets depend on each other in a cycle: ").size());
    text = text.substr(0, text.find(". Remove"));
    std::vector<std::string> names;
    for (std::size_t arrow; (arrow = text.find(" → ")) != std::string::npos;
         text = text.substr(arrow + std::string(" → ").size()))
      names.push_back(text.substr(0, arrow));
    ASSERT_EQ(text, names.front());
    names.push_back(text);
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
      const auto to =
          std::find_if(assets.begin(), assets.end(), [&](const auto& a) { return a.key == testing::key(names[i + 1]); });
      ASSERT_TRUE(
          std::any_of(to->deps.begin(), to->deps.end(), [&](const auto& dep) { return dep.key == testing::key(names[i]); }))
          << "seed " << seed;
    }
  }
  EXPECT_GT(cycles, 50);
  EXPECT_LT(cycles, 250);
}

TEST(AssetGraphProperties, DoesNotDependOnTheOrderOfDefinitions) {
  Random random(7);
  auto assets = testing::random_assets(random, 40);
  const auto one = testing::graph_of(assets);
  random.shuffle(assets);
  const auto other = testing::graph_of(assets);
  EXPECT_EQ(one.topological_order(), other.topological_order());
  for (int i = 0; i < one.size(); ++i) EXPECT_EQ(one.node(i).downstream, other.node(i).downstream);
}

}  // namespace
}  // namespace headrace
