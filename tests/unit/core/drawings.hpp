// What is asked of a drawn graph in the tests of its layout.
#pragma once

#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <core/layout.hpp>
#include <gtest/gtest.h>

#include "graphs.hpp"

namespace headrace::testing {

inline Layout lay_out_all(const AssetGraph& graph, const LayoutWishes& wishes = {}) {
  std::vector<int> assets(static_cast<std::size_t>(graph.size()));
  std::iota(assets.begin(), assets.end(), 0);
  return lay_out(graph, assets, wishes);
}

struct Box {
  float left, top, right, bottom;
};
inline bool overlap(const Box& a, const Box& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
inline Box card(const Layout& drawing, std::size_t i) {
  constexpr float k_half_width = Layout::k_card_width / 2, k_half_height = Layout::k_card_height / 2;
  return {drawing.x[i] - k_half_width, drawing.y[i] - k_half_height, drawing.x[i] + k_half_width, drawing.y[i] + k_half_height};
}
inline Box box(const GroupBox& group) { return {group.x, group.y, group.x + group.width, group.y + group.height}; }

/// Positions in `Layout::assets` of the two ends of every edge of the drawing.
inline std::vector<std::pair<std::size_t, std::size_t>> edges_of(const Layout& drawing, const AssetGraph& graph) {
  std::vector<int> place(static_cast<std::size_t>(graph.size()), -1);
  for (std::size_t i = 0; i < drawing.assets.size(); ++i)
    place[static_cast<std::size_t>(drawing.assets[i])] = static_cast<int>(i);
  std::vector<std::pair<std::size_t, std::size_t>> edges;
  for (std::size_t i = 0; i < drawing.assets.size(); ++i)
    for (const int up : graph.node(drawing.assets[i]).upstream)
      if (const int from = place[static_cast<std::size_t>(up)]; from >= 0) edges.emplace_back(static_cast<std::size_t>(from), i);
  return edges;
}

/// The points of an edge as the page draws it: from side to side, along its route.
class DrawnEdges {
 public:
  DrawnEdges(const Layout& drawing, std::set<std::string> closed) : drawing_(drawing), closed_(std::move(closed)) {
    for (const auto& route : drawing.routes) routes_[{route.from, route.to}] = &route.points;
  }
  bool is_closed(std::size_t card) const { return closed_.contains(group_of(card).name); }
  const GroupBox& group_of(std::size_t card) const { return drawing_.groups[static_cast<std::size_t>(drawing_.group[card])]; }
  std::vector<std::pair<float, float>> points(std::size_t from, std::size_t to) const {
    const float turn = drawing_.x[to] < drawing_.x[from] ? -1 : 1, lower = turn < 0 ? Layout::k_lower_back : 0;
    std::vector<std::pair<float, float>> points{{drawing_.x[from] + turn * half(from), drawing_.y[from] + lower}};
    const auto route = routes_.find({static_cast<int>(from), static_cast<int>(to)});
    if (route != routes_.end()) points.insert(points.end(), route->second->begin(), route->second->end());
    points.emplace_back(drawing_.x[to] - turn * half(to), drawing_.y[to] + lower);
    return points;
  }

 private:
  float half(std::size_t card) const { return (is_closed(card) ? Layout::k_closed_width : Layout::k_card_width) / 2; }

  const Layout& drawing_;
  const std::set<std::string> closed_;
  std::map<std::pair<int, int>, const std::vector<std::pair<float, float>>*> routes_;
};

}  // namespace headrace::testing
