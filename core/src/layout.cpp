#include <core/layout.hpp>

#include <algorithm>
#include <cmath>
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
  Placement placement;
  Size size() const { return {placement.width + 2 * k_padding, placement.height + 2 * k_padding + k_heading}; }
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
  for (std::size_t card = 0; card < drawing.assets.size(); ++card) {
    for (const int upstream : graph.node(drawing.assets[card]).upstream) {
      const int from = card_of[at(upstream)];
      if (from < 0) continue;
      const int from_group = drawing.group[at(from)], to_group = drawing.group[card];
      if (from_group != to_group)
        between.emplace_back(from_group, to_group);
      else
        groups[at(to_group)].edges.emplace_back(place_in_group[at(from)], place_in_group[card]);
    }
  }
  return groups;
}

/// Whole pixels: nothing is lost to the eye, and the answer to the page is shorter.
void put_cards(Layout& drawing, const Group& group, const GroupBox& box) {
  for (std::size_t i = 0; i < group.cards.size(); ++i) {
    drawing.x[at(group.cards[i])] = std::round(box.x + k_padding + group.placement.x[i]);
    drawing.y[at(group.cards[i])] = std::round(box.y + k_padding + k_heading + group.placement.y[i]);
  }
}

}  // namespace

Layout lay_out(const AssetGraph& graph, std::span<const int> assets) {
  Layout drawing;
  drawing.assets.assign(assets.begin(), assets.end());
  drawing.x.resize(assets.size());
  drawing.y.resize(assets.size());
  assign_groups(drawing, graph);

  std::vector<Edge> between;
  auto groups = split(drawing, graph, between);
  const layout::Spacing card_spacing{.is_thorough = drawing.assets.size() <= k_most_for_thorough};
  std::vector<Size> sizes;
  for (auto& group : groups) {
    group.placement = layout::place(std::vector<Size>(group.cards.size(), {Layout::k_card_width, Layout::k_card_height}),
                                    group.edges, card_spacing);
    sizes.push_back(group.size());
  }
  const Placement outer = layout::place(sizes, between, k_group_spacing);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& box = drawing.groups[i];
    box.width = std::ceil(sizes[i].width);
    box.height = std::ceil(sizes[i].height);
    box.x = std::round(outer.x[i] - sizes[i].width / 2);
    box.y = std::round(outer.y[i] - sizes[i].height / 2);
    put_cards(drawing, groups[i], box);
  }
  return drawing;
}

}  // namespace headrace
