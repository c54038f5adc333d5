// No edge passes under a card that it does not belong to, nor under a group that none of its ends is in.
#include "drawings.hpp"

namespace headrace {
namespace {

using testing::asset;
using testing::Box;
using testing::DrawnEdges;
using testing::lay_out_all;
using testing::Random;

/// A curve stays within the rectangle of its ends, since it leaves and arrives level; and so does a level line. Empty: all is
/// well.
std::string first_hidden_edge(const Layout& drawing, const AssetGraph& graph, const std::set<std::string>& closed = {}) {
  const DrawnEdges drawn(drawing, closed);
  std::vector<std::pair<Box, std::string>> cards;
  for (std::size_t i = 0; i < drawing.assets.size(); ++i)
    if (!drawn.is_closed(i)) cards.emplace_back(testing::card(drawing, i), graph.node(drawing.assets[i]).key_string);
  for (const auto& [from, to] : testing::edges_of(drawing, graph)) {
    if (drawing.group[from] == drawing.group[to] && drawn.is_closed(from)) continue;
    const auto points = drawn.points(from, to);
    const auto name = graph.node(drawing.assets[from]).key_string + " -> " + graph.node(drawing.assets[to]).key_string;
    const bool leads_back = drawing.x[to] < drawing.x[from];
    for (std::size_t i = 0; i + 1 < points.size(); ++i) {
      const auto [ax, ay] = points[i];
      const auto [bx, by] = points[i + 1];
      if (leads_back ? bx > ax : bx < ax) return name + " turns round";
      if (i % 2 == 1 && ay != by) return name + " is not level between two points";
      const Box piece{std::min(ax, bx), std::min(ay, by) - 0.01F, std::max(ax, bx), std::max(ay, by) + 0.01F};
      for (const auto& [obstacle, key] : cards)
        if (testing::overlap(piece, obstacle)) return name + " passes under " + key;
      for (const auto& group : drawing.groups)
        if (&group != &drawn.group_of(from) && &group != &drawn.group_of(to) && testing::overlap(piece, testing::box(group)))
          return name + " passes under group " + group.name;
    }
  }
  return "";
}

TEST(LayoutRoutes, AnEdgeGoesAroundTheCardInItsWay) {
  const auto graph = testing::graph_of({asset("a"), asset("b", {"a"}), asset("c", {"a", "b"})});
  const auto drawing = lay_out_all(graph);
  ASSERT_EQ(drawing.routes.size(), 1u);
  EXPECT_EQ(drawing.routes[0].points.size(), 2u);
  EXPECT_EQ(first_hidden_edge(drawing, graph), "");
}

TEST(LayoutRoutes, AnEdgeFromAnotherGroupGoesAroundTheCardsOfBoth) {
  std::vector members{asset("a"), asset("b", {"a"}), asset("c"), asset("d", {"c", "a", "b"})};
  for (std::size_t i = 0; i < members.size(); ++i) members[i].group = i < 2 ? "one" : "two";
  const auto graph = testing::graph_of(members);
  const auto drawing = lay_out_all(graph);
  EXPECT_EQ(drawing.routes.size(), 2u);
  EXPECT_EQ(first_hidden_edge(drawing, graph), "");
}

/// one/a -> two/b -> one/c: the way back leaves on the left, and lower than an edge that arrives there.
TEST(LayoutRoutes, AnEdgeBackLeavesOnTheLeft) {
  std::vector members{asset("a"), asset("b", {"a"}), asset("c", {"b"})};
  members[1].group = "two";
  const auto graph = testing::graph_of(members);
  const auto drawing = lay_out_all(graph);
  EXPECT_EQ(first_hidden_edge(drawing, graph), "");
  const auto points = DrawnEdges(drawing, {}).points(1, 2);
  EXPECT_EQ(points.front().first, testing::card(drawing, 1).left);
  EXPECT_EQ(points.front().second, drawing.y[1] + Layout::k_lower_back);
  EXPECT_EQ(points.back().first, testing::card(drawing, 2).right);
}

TEST(LayoutRoutes, FewEdgesLeadBack) {
  // Nine edges from "z" to "a", one back: by name "a" would come first.
  std::vector<AssetDefinition> members{asset("up")};
  members[0].group = "z";
  for (int i = 0; i < 9; ++i) {
    members.push_back(asset("down" + std::to_string(i), {"up"}));
    members.back().group = "a";
  }
  members.push_back(asset("again", {"down3"}));
  members.back().group = "z";
  const auto drawing = lay_out_all(testing::graph_of(members));
  EXPECT_LT(drawing.groups[1].x, drawing.groups[0].x);
}

TEST(LayoutRoutes, EdgesPassBetweenTheRowsOfAWrappedLayer) {
  std::vector<AssetDefinition> members;
  std::vector<std::string> inputs;
  for (int i = 0; i < 90; ++i) {
    members.push_back(asset("in_" + std::to_string(i)));
    inputs.push_back("in_" + std::to_string(i));
  }
  members.push_back(asset("sum", inputs));
  const auto graph = testing::graph_of(members);
  const auto drawing = lay_out_all(graph);
  EXPECT_GT(drawing.routes.size(), 20u);
  EXPECT_EQ(first_hidden_edge(drawing, graph), "");
}

/// Cards that only other groups know of stand in a grid.
TEST(LayoutRoutes, EdgesPassBetweenTheRowsOfAGrid) {
  std::vector<AssetDefinition> members;
  for (int i = 0; i < 40; ++i) {
    members.push_back(asset("raw_" + std::to_string(i)));
    members.push_back(asset("clean_" + std::to_string(i), {"raw_" + std::to_string(i)}));
    members.back().group = "clean";
  }
  const auto graph = testing::graph_of(members);
  EXPECT_EQ(first_hidden_edge(lay_out_all(graph), graph), "");
}

/// Some of all that makes ways hard: fans wide enough to wrap a layer, loose cards, groups in circles, many groups side by side.
AssetGraph any_graph(Random& random) {
  const int size = 1 + random.below(120), groups = 1 + random.below(random.chance(30) ? 50 : 6);
  const bool in_blocks = random.chance(50);  // else every group depends on every other
  std::vector<AssetDefinition> members;
  for (int i = 0; i < size; ++i) {
    std::set<std::string> inputs;
    const int wanted = i == 0 ? 0 : random.chance(4) ? random.below(90) : random.below(3);
    for (int n = 0; n < wanted; ++n) inputs.insert("a" + std::to_string(random.below(i)));
    members.push_back(asset("a" + std::to_string(i), {inputs.begin(), inputs.end()}));
    members.back().group = "group_" + std::to_string(in_blocks && random.chance(90) ? i * groups / size : random.below(groups));
  }
  return testing::graph_of(members);
}

TEST(LayoutRoutesProperties, NoEdgePassesUnderACard) {
  std::size_t back = 0, closed_drawings = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    const auto graph = any_graph(random);
    LayoutWishes wishes;
    for (const auto& node : graph.nodes())
      if (seed % 3 == 0 && random.chance(5)) wishes.closed.emplace(node.group());
    const auto drawing = lay_out_all(graph, wishes);
    ASSERT_EQ(first_hidden_edge(drawing, graph, wishes.closed), "") << "seed " << seed;
    for (const auto& [from, to] : testing::edges_of(drawing, graph)) back += drawing.x[to] < drawing.x[from];
    closed_drawings += !wishes.closed.empty();
  }
  EXPECT_GT(back, 100u);  // else the graphs have become too simple
  EXPECT_GT(closed_drawings, 50u);
}

}  // namespace
}  // namespace headrace
