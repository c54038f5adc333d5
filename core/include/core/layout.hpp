// Where each asset's card lies in the drawing: a layered layout, left to right, by group first, then within each group.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <core/asset_graph.hpp>

namespace headrace {

struct GroupBox {
  std::string name;
  float x = 0, y = 0, width = 0, height = 0;  ///< top left corner and size
};

/// An edge that would pass under a card or a group on the direct way: where it goes level instead, in pairs of points, in its
/// direction. Between them it may curve.
struct EdgeRoute {
  int from = 0, to = 0;  ///< positions in `Layout::assets`
  std::vector<std::pair<float, float>> points;
};

/// Units are CSS pixels at zoom 1; x and y are the centers of the cards, in the order of `assets`.
struct Layout {
  static constexpr float k_card_width = 180, k_card_height = 44;
  static constexpr float k_closed_width = 228, k_closed_height = 76;  ///< of a closed group
  /// Edges leave on the right and arrive on the left, in the middle. Those that lead back to the left, between groups that depend
  /// on each other, do the opposite, and so much lower: nobody takes them for edges that lead there.
  static constexpr float k_lower_back = k_card_height / 4;
  std::vector<int> assets;
  std::vector<float> x, y;
  std::vector<int> group;  ///< index into `groups`, one an asset
  std::vector<GroupBox> groups;
  std::vector<EdgeRoute> routes;  ///< none where there are too many assets to follow edges
};

/// From where each thing lay in an earlier drawing, so that what people know stays where they know it.
struct EarlierHeights {
  std::map<std::string, float> assets;  ///< by key: its y
  std::map<std::string, float> groups;  ///< by name: the middle of its box
  static EarlierHeights of(const AssetGraph& graph, const Layout& layout);
};

struct LayoutWishes {
  std::set<std::string> closed;  ///< groups to draw as one small box, their cards in its middle
  EarlierHeights earlier;        ///< the order from top to bottom is kept where that costs few crossings; empty: no wish
};

/// Lays out the given assets (indices of the graph). Deterministic: equal input, equal output. 10,000 assets in about 35 ms; up
/// to 2,000 with more care for few crossings, in at most about the same time.
Layout lay_out(const AssetGraph& graph, std::span<const int> assets, const LayoutWishes& wishes = {});

}  // namespace headrace
