#include <core/layout.hpp>

#include <algorithm>
#include <limits>

#include "drawings.hpp"

namespace headrace {
namespace {

using testing::asset;
using testing::Box;
using testing::box;
using testing::card;
using testing::lay_out_all;
using testing::overlap;
using testing::Random;

/// Sweeps over the boxes by their left sides, so that ten thousand are quick.
std::string first_overlap(const std::vector<Box>& boxes) {
  std::vector<std::size_t> order(boxes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return boxes[a].left < boxes[b].left; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size() && boxes[order[j]].left < boxes[order[i]].right; ++j) {
      if (overlap(boxes[order[i]], boxes[order[j]])) return std::to_string(order[i]) + " and " + std::to_string(order[j]);
    }
  }
  return "";
}

void check_boxes(const Layout& drawing) {
  std::vector<Box> cards, groups;
  for (std::size_t i = 0; i < drawing.assets.size(); ++i) {
    cards.push_back(card(drawing, i));
    const Box around = box(drawing.groups[static_cast<std::size_t>(drawing.group[i])]);
    ASSERT_TRUE(around.left <= cards[i].left && around.top <= cards[i].top && around.right >= cards[i].right &&
                around.bottom >= cards[i].bottom)
        << "card " << i;
    ASSERT_TRUE(std::isfinite(drawing.x[i]) && std::isfinite(drawing.y[i]));
  }
  for (const auto& group : drawing.groups) groups.push_back(box(group));
  ASSERT_EQ(first_overlap(cards), "");
  ASSERT_EQ(first_overlap(groups), "");
}

/// Within a group every edge points to the right.
void check_edges(const Layout& drawing, const AssetGraph& graph) {
  for (const auto& [from, to] : testing::edges_of(drawing, graph)) {
    if (drawing.group[from] == drawing.group[to]) {
      ASSERT_LT(card(drawing, from).right, card(drawing, to).left);
    }
  }
}

TEST(Layout, OfNothingIsEmpty) {
  const auto drawing = lay_out(AssetGraph(), {});
  EXPECT_TRUE(drawing.assets.empty());
  EXPECT_TRUE(drawing.groups.empty());
}

TEST(Layout, OneAssetInItsGroup) {
  const auto drawing = lay_out_all(testing::graph_of({asset("a")}));
  ASSERT_EQ(drawing.groups.size(), 1u);
  EXPECT_EQ(drawing.groups[0].name, "default");
  EXPECT_EQ(drawing.groups[0].x, 0);
  EXPECT_EQ(drawing.groups[0].y, 0);
  check_boxes(drawing);
}

TEST(Layout, AChainIsAStraightLine) {
  const auto graph = testing::graph_of({asset("a"), asset("b", {"a"}), asset("c", {"b"})});
  const auto drawing = lay_out_all(graph);
  EXPECT_LT(drawing.x[0], drawing.x[1]);
  EXPECT_LT(drawing.x[1], drawing.x[2]);
  EXPECT_EQ(drawing.y[0], drawing.y[1]);
  EXPECT_EQ(drawing.y[1], drawing.y[2]);
}

TEST(Layout, AFanIsCenteredOnItsSource) {
  const auto drawing = lay_out_all(testing::graph_of({asset("a"), asset("b", {"a"}), asset("c", {"a"}), asset("d", {"a"})}));
  const std::vector<float> heights{drawing.y[1], drawing.y[2], drawing.y[3]};
  const auto [top, bottom] = std::minmax_element(heights.begin(), heights.end());
  EXPECT_NEAR(drawing.y[0], (*top + *bottom) / 2, 1);
}

TEST(Layout, EqualAssetsStandInTheOrderOfTheirNames) {
  const auto drawing = lay_out_all(testing::graph_of({asset("a"), asset("b", {"a"}), asset("c", {"a"}), asset("d", {"b", "c"})}));
  EXPECT_LT(drawing.y[1], drawing.y[2]);
}

TEST(Layout, TwoChainsDoNotCross) {
  // By key, a1 stands above b1 and z_of_b above z_of_a … unless crossings are reduced.
  const auto drawing = lay_out_all(testing::graph_of({asset("a1"), asset("b1"), asset("x", {"b1"}), asset("y", {"a1"})}));
  EXPECT_EQ(drawing.y[0] < drawing.y[1], drawing.y[3] < drawing.y[2]);
}

TEST(Layout, SourcesStandBesideWhatTheyFeed) {
  // a → b → c → d, and s0 → s1 → d: the short branch is at its end, not at the beginning.
  const auto graph = testing::graph_of(
      {asset("a"), asset("b", {"a"}), asset("c", {"b"}), asset("d", {"c", "s1"}), asset("s0"), asset("s1", {"s0"})});
  const auto drawing = lay_out_all(graph);
  const auto x_of = [&](const std::string& name) { return drawing.x[static_cast<std::size_t>(graph.find(name))]; };
  EXPECT_EQ(x_of("s1"), x_of("c"));
  EXPECT_EQ(x_of("s0"), x_of("b"));
}

TEST(Layout, GroupsAreDrawnInTheDirectionOfTheirEdges) {
  auto a = asset("a"), b = asset("b", {"a"});
  a.group = "z";
  b.group = "y";
  const auto drawing = lay_out_all(testing::graph_of({a, b}));
  ASSERT_EQ(drawing.groups.size(), 2u);
  EXPECT_EQ(drawing.groups[0].name, "y");
  EXPECT_EQ(drawing.group, (std::vector<int>{1, 0}));
  EXPECT_LT(drawing.groups[1].x + drawing.groups[1].width, drawing.groups[0].x);
  check_boxes(drawing);
}

TEST(Layout, GroupsThatDependOnEachOtherAreDrawnAllTheSame) {
  auto a = asset("a"), b = asset("b", {"a"}), c = asset("c", {"b"});
  a.group = c.group = "one";
  b.group = "two";
  check_boxes(lay_out_all(testing::graph_of({a, b, c})));
}

TEST(Layout, AClosedGroupIsOneSmallBox) {
  std::vector members{asset("a"), asset("b", {"a"}), asset("c", {"b"}), asset("d", {"c"})};
  for (std::size_t i = 0; i < members.size(); ++i) members[i].group = i < 2 ? "one" : "two";
  const auto graph = testing::graph_of(members);
  std::vector<int> assets(4);
  std::iota(assets.begin(), assets.end(), 0);
  const auto drawing = lay_out(graph, assets, {.closed = {"one"}, .earlier = {}});
  const auto& closed = drawing.groups[static_cast<std::size_t>(drawing.group[0])];
  EXPECT_EQ(closed.name, "one");
  EXPECT_EQ(closed.width, Layout::k_closed_width);
  EXPECT_EQ(closed.height, Layout::k_closed_height);
  EXPECT_EQ(drawing.x[0], drawing.x[1]);
  EXPECT_EQ(drawing.y[0], closed.y + closed.height / 2);
  EXPECT_LT(closed.x + closed.width, drawing.groups[static_cast<std::size_t>(drawing.group[2])].x);
}

/// Of two assets in one column, the same is above the other as before.
TEST(Layout, WhatPeopleKnowStaysInOrderWhenAnAssetIsAdded) {
  std::vector<AssetDefinition> before;
  for (int i = 0; i < 12; ++i) before.push_back(asset("s" + std::to_string(i)));
  for (int i = 0; i < 12; ++i)
    before.push_back(
        asset("t" + std::to_string(i), {"s" + std::to_string((i * 5) % 12), "s" + std::to_string((i * 7 + 3) % 12)}));
  auto after = before;
  after.push_back(asset("t_new", {"s4", "s9"}));
  const auto first = testing::graph_of(before), second = testing::graph_of(after);
  const auto old = EarlierHeights::of(first, lay_out_all(first));
  std::vector<int> assets(static_cast<std::size_t>(second.size()));
  std::iota(assets.begin(), assets.end(), 0);
  const auto drawing = lay_out(second, assets, {.closed = {}, .earlier = old});
  for (std::size_t i = 0; i < assets.size(); ++i) {
    for (std::size_t j = 0; j < assets.size(); ++j) {
      const auto& upper = second.node(drawing.assets[i]).key_string;
      const auto& lower = second.node(drawing.assets[j]).key_string;
      if (drawing.x[i] != drawing.x[j] || upper == "t_new" || lower == "t_new") continue;
      if (old.assets.at(upper) < old.assets.at(lower)) {
        EXPECT_LT(drawing.y[i], drawing.y[j]) << upper << " and " << lower;
      }
    }
  }
}

TEST(Layout, OfASelectionHasOnlyItsAssetsAndGroups) {
  auto a = asset("a"), b = asset("b", {"a"}), c = asset("c", {"b"});
  b.group = "other";
  const auto graph = testing::graph_of({a, b, c});
  const std::vector<int> selection{2, 0};
  const auto drawing = lay_out(graph, selection);
  EXPECT_EQ(drawing.assets, selection);
  EXPECT_EQ(drawing.groups.size(), 1u);
  check_boxes(drawing);
}

TEST(Layout, AWideFanInIsWrapped) {
  std::vector<AssetDefinition> assets;
  std::vector<std::string> inputs;
  for (int i = 0; i < 500; ++i) {
    inputs.push_back("in_" + std::to_string(i));
    assets.push_back(asset(inputs.back()));
  }
  assets.push_back(asset("sum", inputs));
  const auto graph = testing::graph_of(assets);
  const auto drawing = lay_out_all(graph);
  check_boxes(drawing);
  check_edges(drawing, graph);
  EXPECT_LT(drawing.groups[0].height, 5000);  // one column would be 28,000 high
  EXPECT_LT(drawing.groups[0].width, 3500);
}

TEST(LayoutProperties, NothingOverlapsAndEdgesPointToTheRight) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const auto graph = testing::graph_of(testing::random_assets(random, 1 + random.below(120)));
    const auto drawing = lay_out_all(graph);
    ASSERT_EQ(drawing.assets.size(), static_cast<std::size_t>(graph.size()));
    check_boxes(drawing);
    check_edges(drawing, graph);
    if (HasFailure()) return;
  }
}

TEST(LayoutProperties, EqualInputGivesEqualOutput) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    auto assets = testing::random_assets(random, 80);
    const auto first = lay_out_all(testing::graph_of(assets));
    random.shuffle(assets);  // the order of definitions does not matter either
    const auto second = lay_out_all(testing::graph_of(assets));
    ASSERT_EQ(first.x, second.x);
    ASSERT_EQ(first.y, second.y);
    ASSERT_EQ(first.group, second.group);
  }
}

/// An asset more hardly changes what stands above what, also where the search for few crossings has much to choose from.
TEST(LayoutProperties, WhatPeopleKnowStaysInOrder) {
  int kept = 0, turned = 0;
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    const auto upstreams = testing::random_upstreams(random, 40 + random.below(120));
    std::vector<AssetDefinition> assets;
    for (std::size_t i = 0; i < upstreams.size(); ++i) {
      std::vector<std::string> inputs;
      for (const int up : upstreams[i])
        if (static_cast<int>(i) - up < 30) inputs.push_back("a" + std::to_string(up));
      assets.push_back(asset("a" + std::to_string(i), inputs));
    }
    const auto after = testing::graph_of(assets);
    assets.pop_back();
    const auto before = testing::graph_of(assets);
    const auto old = EarlierHeights::of(before, lay_out_all(before));
    const auto drawing = lay_out_all(after, {.closed = {}, .earlier = old});
    for (std::size_t i = 0; i < drawing.assets.size(); ++i) {
      for (std::size_t j = 0; j < drawing.assets.size(); ++j) {
        const auto upper = old.assets.find(after.node(drawing.assets[i]).key_string);
        const auto lower = old.assets.find(after.node(drawing.assets[j]).key_string);
        if (drawing.x[i] != drawing.x[j] || upper == old.assets.end() || lower == old.assets.end()) continue;
        if (upper->second < lower->second) ++(drawing.y[i] < drawing.y[j] ? kept : turned);
      }
    }
  }
  EXPECT_LT(turned, kept / 50) << kept;
}

/// The sum of all edges' lengths in layers, when every node's layer is given.
int total_length(const std::vector<std::vector<int>>& upstream, const std::vector<int>& layer) {
  int total = 0;
  for (std::size_t node = 0; node < upstream.size(); ++node) {
    for (const int up : upstream[node]) {
      const int length = layer[node] - layer[static_cast<std::size_t>(up)];
      if (length < 1) return std::numeric_limits<int>::max();
      total += length;
    }
  }
  return total;
}
/// Tries all layers for all nodes.
int shortest_total_length(const std::vector<std::vector<int>>& upstream) {
  std::vector<int> layer(upstream.size(), 0);
  int best = std::numeric_limits<int>::max();
  while (true) {
    best = std::min(best, total_length(upstream, layer));
    std::size_t digit = 0;
    while (digit < layer.size() && ++layer[digit] == static_cast<int>(layer.size())) layer[digit++] = 0;
    if (digit == layer.size()) return best;
  }
}

TEST(LayoutProperties, EdgesAreAsShortAsTheyCanBe) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const auto upstream = testing::random_upstreams(random, 2 + random.below(5));
    std::vector<AssetDefinition> assets;
    for (std::size_t i = 0; i < upstream.size(); ++i) {
      std::vector<std::string> inputs;
      for (const int up : upstream[i]) inputs.push_back("a" + std::to_string(up));
      assets.push_back(asset("a" + std::to_string(i), inputs));
    }
    const auto drawing = lay_out_all(testing::graph_of(assets));
    std::vector<int> layer;
    for (const float x : drawing.x)
      layer.push_back(static_cast<int>(std::round((x - drawing.groups[0].x) / (Layout::k_card_width + 60))));
    ASSERT_EQ(total_length(upstream, layer), shortest_total_length(upstream)) << "seed " << seed;
  }
}

/// As large as the page promises. Runs on every machine: it proves that nothing grows with the square of the size (that would be
/// minutes), while the milliseconds are the benchmark's business.
TEST(LayoutProperties, TenThousandAssets) {
  Random random(1);
  std::vector<AssetDefinition> assets;
  for (int i = 0; i < 10'000; ++i) {
    std::vector<std::string> inputs;
    for (int n = random.below(4); n > 0 && i > 0; --n)
      inputs.push_back("asset_" + std::to_string(std::max(0, i - 1 - random.below(300))));
    assets.push_back(asset("asset_" + std::to_string(i), inputs));
    assets.back().group = "group_" + std::to_string(i / 200);
  }
  const auto graph = testing::graph_of(assets);
  const auto drawing = lay_out_all(graph);
  check_boxes(drawing);
  check_edges(drawing, graph);
}

TEST(LayoutProperties, ExtremeShapes) {
  const auto check = [](const std::vector<AssetDefinition>& assets) {
    const auto graph = testing::graph_of(assets);
    const auto drawing = lay_out_all(graph);
    check_boxes(drawing);
    check_edges(drawing, graph);
  };
  std::vector<AssetDefinition> chain, loose, complete;
  for (int i = 0; i < 2000; ++i) {
    const std::string name = "a" + std::to_string(i);
    chain.push_back(i == 0 ? asset(name) : asset(name, {"a" + std::to_string(i - 1)}));
    loose.push_back(asset(name));
  }
  for (int i = 0; i < 60; ++i) {
    std::vector<std::string> before;
    for (int j = 0; j < i; ++j) before.push_back("a" + std::to_string(j));
    complete.push_back(asset("a" + std::to_string(i), before));
  }
  check(chain);
  check(loose);
  check(complete);
}

}  // namespace
}  // namespace headrace
