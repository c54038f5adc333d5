#include <core/layout.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "layout/layered.hpp"

namespace headrace {
namespace {

using layout::Edge;
using layout::Placement;
using layout::Size;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// Room within a group's box around its cards, and for its name above them.
constexpr float k_padding = 24;
constexpr float k_heading = 36;
constexpr layout::Spacing k_group_spacing{.between_layers = 160, .between_columns = 80, .between_rows = 60};
/// Beyond this nobody follows single edges, and the drawing must be there at once.
constexpr std::size_t k_most_for_thorough = 2000;

/// One group while it is laid out: its cards by their position in `Layout::assets`.
struct Group {
  std::vector<int> cards;
  std::vector<Edge> edges;  ///< between its cards, by their position in `cards`
  layout::Ports ports;      ///< cards with edges from and to other groups
  Placement placement;
  bool is_closed = false;
  Size size() const {
    if (is_closed) return {Layout::k_closed_width, Layout::k_closed_height};
    return {placement.width + 2 * k_padding, placement.height + 2 * k_padding + k_heading};
  }
};

/// Fills `Layout::groups` (names, ascending) and `Layout::group`.
void assign_groups(Layout& drawing, const AssetGraph& graph) {
  std::map<std::string_view, int> number_of;
  for (const int asset : drawing.assets) number_of.emplace(graph.node(asset).group(), 0);
  for (auto& [name, number] : number_of) {
    number = static_cast<int>(drawing.groups.size());
    drawing.groups.push_back({std::string(name)});
  }
  for (const int asset : drawing.assets) drawing.group.push_back(number_of.at(graph.node(asset).group()));
}

/// Sorts the cards and edges into their groups; edges from group to group go to `between`.
std::vector<Group> split(const Layout& drawing, const AssetGraph& graph, std::vector<Edge>& between) {
  std::vector<Group> groups(drawing.groups.size());
  std::vector<int> card_of(at(graph.size()), -1), place_in_group(drawing.assets.size());
  for (std::size_t card = 0; card < drawing.assets.size(); ++card) {
    card_of[at(drawing.assets[card])] = static_cast<int>(card);
    auto& cards = groups[at(drawing.group[card])].cards;
    place_in_group[card] = static_cast<int>(cards.size());
    cards.push_back(static_cast<int>(card));
  }
  for (auto& group : groups) {
    group.ports.in.resize(group.cards.size());
    group.ports.out.resize(group.cards.size());
  }
  for (std::size_t card = 0; card < drawing.assets.size(); ++card) {
    for (const int upstream : graph.node(drawing.assets[card]).upstream) {
      const int from = card_of[at(upstream)];
      if (from < 0) continue;
      const int from_group = drawing.group[at(from)], to_group = drawing.group[card];
      if (from_group == to_group) {
        groups[at(to_group)].edges.emplace_back(place_in_group[at(from)], place_in_group[card]);
        continue;
      }
      between.emplace_back(from_group, to_group);
      groups[at(from_group)].ports.out[at(place_in_group[at(from)])] = true;
      groups[at(to_group)].ports.in[at(place_in_group[card])] = true;
    }
  }
  return groups;
}

/// Whole pixels: nothing is lost to the eye, and the answer to the page is shorter.
void put_cards(Layout& drawing, const Group& group, const GroupBox& box) {
  for (std::size_t i = 0; i < group.cards.size(); ++i) {
    if (group.is_closed) {
      drawing.x[at(group.cards[i])] = std::round(box.x + box.width / 2);
      drawing.y[at(group.cards[i])] = std::round(box.y + box.height / 2);
      continue;
    }
    drawing.x[at(group.cards[i])] = std::round(box.x + k_padding + group.placement.x[i]);
    drawing.y[at(group.cards[i])] = std::round(box.y + k_padding + k_heading + group.placement.y[i]);
  }
}

/// Draws each edge's way together: through its own group, between the groups, through the other one.
class Routing {
 public:
  Routing(Layout& drawing, const std::vector<Group>& groups, const Placement& outer)
      : drawing_(drawing), groups_(groups), outer_(outer), place_(drawing.assets.size()) {
    for (const auto& group : groups)
      for (std::size_t i = 0; i < group.cards.size(); ++i) place_[at(group.cards[i])] = static_cast<int>(i);
  }
  void add(int from, int to) {
    EdgeRoute route{from, to, {}};
    const int source = drawing_.group[at(from)], target = drawing_.group[at(to)];
    if (source == target)
      append(route, find(groups_[at(source)].placement.routes, Edge{place_[at(from)], place_[at(to)]}), source);
    else
      cross(route, source, target);
    if (!route.points.empty()) drawing_.routes.push_back(std::move(route));
  }

 private:
  template <typename Map, typename Key>
  static const layout::Route* find(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
  }
  void cross(EdgeRoute& route, int source, int target) {
    const auto &from = drawing_.groups[at(source)], &to = drawing_.groups[at(target)];
    if (from.x + from.width >= to.x) return;  // groups in a circle: there is no way from left to right
    append(route, find(groups_[at(source)].placement.out_routes, place_[at(route.from)]), source);
    leave(route, from.x + from.width, outer_.right[at(source)], drawing_.y[at(route.from)]);
    if (const auto* between = find(outer_.routes, Edge{source, target}))
      for (const auto& point : *between) route.points.emplace_back(std::round(point.x), std::round(point.y));
    const auto* inside = find(groups_[at(target)].placement.in_routes, place_[at(route.to)]);
    const float height = inside ? offset_y(target) + inside->front().y : drawing_.y[at(route.to)];
    if (outer_.left[at(target)] + 1 < to.x) {
      route.points.emplace_back(std::round(outer_.left[at(target)]), std::round(height));
      route.points.emplace_back(std::round(to.x), std::round(height));
    }
    append(route, inside, target);
  }
  /// Level from the group's side to that of its layer, in which wider groups may lie above and below.
  static void leave(EdgeRoute& route, float side, float end, float height) {
    if (end <= side + 1) return;
    const float y = route.points.empty() ? height : route.points.back().second;
    route.points.emplace_back(std::round(side), y);
    route.points.emplace_back(std::round(end), y);
  }
  void append(EdgeRoute& route, const layout::Route* way, int group) const {
    if (!way || groups_[at(group)].is_closed) return;
    const auto& box = drawing_.groups[at(group)];
    for (const auto& point : *way)
      route.points.emplace_back(std::round(box.x + k_padding + point.x), std::round(offset_y(group) + point.y));
  }
  float offset_y(int group) const { return drawing_.groups[at(group)].y + k_padding + k_heading; }

  Layout& drawing_;
  const std::vector<Group>& groups_;
  const Placement& outer_;
  std::vector<int> place_;  // of each card in its group
};

void put_routes(Layout& drawing, const AssetGraph& graph, const std::vector<Group>& groups, const Placement& outer) {
  std::vector<int> card_of(at(graph.size()), -1);
  for (std::size_t card = 0; card < drawing.assets.size(); ++card) card_of[at(drawing.assets[card])] = static_cast<int>(card);
  Routing routing(drawing, groups, outer);
  for (std::size_t card = 0; card < drawing.assets.size(); ++card)
    for (const int upstream : graph.node(drawing.assets[card]).upstream)
      if (card_of[at(upstream)] >= 0) routing.add(card_of[at(upstream)], static_cast<int>(card));
}

/// Of each of `count` boxes, by its name: its height in an earlier drawing; NaN where it was in none. Empty: all of them.
template <typename NameOf>
std::vector<float> earlier_heights(const std::map<std::string, float>& earlier, std::size_t count, NameOf name_of) {
  if (earlier.empty()) return {};
  std::vector<float> result;
  for (std::size_t i = 0; i < count; ++i) {
    const auto found = earlier.find(name_of(i));
    result.push_back(found == earlier.end() ? std::numeric_limits<float>::quiet_NaN() : found->second);
  }
  return result;
}

}  // namespace

EarlierHeights EarlierHeights::of(const AssetGraph& graph, const Layout& layout) {
  EarlierHeights heights;
  for (std::size_t i = 0; i < layout.assets.size(); ++i) heights.assets[graph.node(layout.assets[i]).key_string] = layout.y[i];
  for (const auto& group : layout.groups) heights.groups[group.name] = group.y + group.height / 2;
  return heights;
}

Layout lay_out(const AssetGraph& graph, std::span<const int> assets, const LayoutWishes& wishes) {
  Layout drawing;
  drawing.assets.assign(assets.begin(), assets.end());
  drawing.x.resize(assets.size());
  drawing.y.resize(assets.size());
  assign_groups(drawing, graph);

  std::vector<Edge> between;
  auto groups = split(drawing, graph, between);
  const layout::Spacing card_spacing{.is_thorough = drawing.assets.size() <= k_most_for_thorough};
  std::vector<Size> sizes;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& group = groups[i];
    group.is_closed = wishes.closed.contains(drawing.groups[i].name);
    if (!group.is_closed) {
      const auto heights = earlier_heights(wishes.earlier.assets, group.cards.size(), [&](std::size_t card) {
        return graph.node(drawing.assets[at(group.cards[card])]).key_string;
      });
      group.placement =
          layout::place(std::vector<Size>(group.cards.size(), {Layout::k_card_width, Layout::k_card_height}), group.edges,
                        card_spacing, heights, card_spacing.is_thorough ? group.ports : layout::Ports{});
    }
    sizes.push_back(group.size());
  }
  const auto heights =
      earlier_heights(wishes.earlier.groups, groups.size(), [&](std::size_t group) { return drawing.groups[group].name; });
  const Placement outer = layout::place(sizes, between, k_group_spacing, heights);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& box = drawing.groups[i];
    box.width = std::ceil(sizes[i].width);
    box.height = std::ceil(sizes[i].height);
    box.x = std::round(outer.x[i] - sizes[i].width / 2);
    box.y = std::round(outer.y[i] - sizes[i].height / 2);
    put_cards(drawing, groups[i], box);
  }
  if (card_spacing.is_thorough) put_routes(drawing, graph, groups, outer);
  return drawing;
}

}  // namespace headrace
