#include <core/layout.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "layout/routing.hpp"

namespace headrace {
namespace {

using layout::Edge;
using layout::Group;
using layout::Placement;
using layout::Port;
using layout::Size;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Beyond this nobody follows single edges, and the drawing must be there at once.
constexpr std::size_t k_most_for_thorough = 2000;

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

/// The edges whose ends are both drawn, as positions in `Layout::assets`.
std::vector<Edge> edges_of(const Layout& drawing, const AssetGraph& graph) {
  std::vector<int> card_of(at(graph.size()), -1);
  for (std::size_t card = 0; card < drawing.assets.size(); ++card) card_of[at(drawing.assets[card])] = static_cast<int>(card);
  std::vector<Edge> edges;
  for (std::size_t card = 0; card < drawing.assets.size(); ++card)
    for (const int upstream : graph.node(drawing.assets[card]).upstream)
      if (card_of[at(upstream)] >= 0) edges.emplace_back(card_of[at(upstream)], static_cast<int>(card));
  return edges;
}

/// Sorts the cards and edges into their groups. Returns the edges from group to group, all to the right; those that were turned
/// round for that go through the ports for the way back.
std::vector<Edge> split(const Layout& drawing, const std::vector<Edge>& edges, std::vector<Group>& groups) {
  std::vector<int> place_in_group(drawing.assets.size());
  for (std::size_t card = 0; card < drawing.assets.size(); ++card) {
    auto& cards = groups[at(drawing.group[card])].cards;
    place_in_group[card] = static_cast<int>(cards.size());
    cards.push_back(static_cast<int>(card));
  }
  std::vector<Edge> between;
  for (const auto& [from, to] : edges) {
    const int source = drawing.group[at(from)], target = drawing.group[at(to)];
    if (source == target)
      groups[at(source)].edges.emplace_back(place_in_group[at(from)], place_in_group[at(to)]);
    else
      between.emplace_back(source, target);
  }
  between = layout::without_cycles(static_cast<int>(groups.size()), between);
  for (const auto& [from, to] : edges) {
    const int source = drawing.group[at(from)], target = drawing.group[at(to)];
    if (source == target) continue;
    const bool leads_back = !std::binary_search(between.begin(), between.end(), Edge{source, target});
    groups[at(source)].ports.emplace(place_in_group[at(from)], leads_back ? Port::back_out : Port::out);
    groups[at(target)].ports.emplace(place_in_group[at(to)], leads_back ? Port::back_in : Port::in);
  }
  return between;
}

/// Whole pixels: nothing is lost to the eye, and the answer to the page is shorter.
void put_cards(Layout& drawing, const Group& group, const GroupBox& box) {
  for (std::size_t i = 0; i < group.cards.size(); ++i) {
    if (group.is_closed) {
      drawing.x[at(group.cards[i])] = std::round(box.x + box.width / 2);
      drawing.y[at(group.cards[i])] = std::round(box.y + box.height / 2);
      continue;
    }
    drawing.x[at(group.cards[i])] = std::round(box.x + Group::k_padding + group.placement.x[i]);
    drawing.y[at(group.cards[i])] = std::round(box.y + Group::k_padding + Group::k_heading + group.placement.y[i]);
  }
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

  const auto edges = edges_of(drawing, graph);
  std::vector<Group> groups(drawing.groups.size());
  const auto between = split(drawing, edges, groups);
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
  const layout::Spacing group_spacing{
      .between_layers = 160, .between_columns = 80, .between_rows = 60, .is_thorough = card_spacing.is_thorough};
  const Placement outer = layout::place(sizes, between, group_spacing, heights);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& box = drawing.groups[i];
    box.width = std::ceil(sizes[i].width);
    box.height = std::ceil(sizes[i].height);
    box.x = std::round(outer.x[i] - sizes[i].width / 2);
    box.y = std::round(outer.y[i] - sizes[i].height / 2);
    put_cards(drawing, groups[i], box);
  }
  if (card_spacing.is_thorough) {
    layout::Routing routing(drawing, groups, outer);
    for (const auto& [from, to] : edges) routing.add(from, to);
  }
  return drawing;
}

}  // namespace headrace
