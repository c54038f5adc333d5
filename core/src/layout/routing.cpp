#include "routing.hpp"

#include <algorithm>
#include <cmath>

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

template <typename Map, typename Key>
const Route& find(const Map& map, const Key& key) {
  static const Route k_none;
  const auto found = map.find(key);
  return found == map.end() ? k_none : found->second;
}

/// From a box to its layer's right side.
Route way_out(const Slot& slot, float side, float y) {
  if (slot.lane_out) return {{side, slot.column_right, y}, *slot.lane_out};
  return {{side, slot.layer_right, y}};
}
/// From the layer's left side to a box.
Route way_in(const Slot& slot, float side, float y) {
  if (slot.lane_in) return {*slot.lane_in, {slot.column_left, side, y}};
  return {{slot.layer_left, side, y}};
}

}  // namespace

void Way::go_level(float left, float right, float y) {
  const float from = std::round(left), to = std::round(right), height = std::round(y);
  if (to <= from) return;
  if (!points_.empty() && points_.back().second == height)
    points_.back().first = to;
  else
    points_.insert(points_.end(), {{from, height}, {to, height}});
}

Routing::Routing(Layout& drawing, const std::vector<Group>& groups, const Placement& outer)
    : drawing_(drawing), groups_(groups), outer_(outer), place_(drawing.assets.size()) {
  for (const auto& group : groups)
    for (std::size_t i = 0; i < group.cards.size(); ++i) place_[at(group.cards[i])] = static_cast<int>(i);
}

void Routing::add(int from, int to) {
  const int source = drawing_.group[at(from)], target = drawing_.group[at(to)];
  const bool leads_back = drawing_.groups[at(source)].x > drawing_.groups[at(target)].x;
  Way way;
  if (source == target) {
    if (groups_[at(source)].is_closed) return;
    within(way, end_of(from, Port::out), end_of(to, Port::in));
  } else if (leads_back) {
    across(way, end_of(to, Port::back_in), end_of(from, Port::back_out));
  } else {
    across(way, end_of(from, Port::out), end_of(to, Port::in));
  }
  auto points = way.take();
  if (leads_back) std::reverse(points.begin(), points.end());
  if (!points.empty()) drawing_.routes.push_back({from, to, std::move(points)});
}

Routing::End Routing::end_of(int card, Port port) const {
  const bool leads_back = port == Port::back_in || port == Port::back_out;
  return {drawing_.group[at(card)], place_[at(card)], port, drawing_.y[at(card)] + (leads_back ? Layout::k_lower_back : 0)};
}

void Routing::within(Way& way, const End& from, const End& to) const {
  const auto& placement = groups_[at(from.group)].placement;
  const auto &out = placement.slots[at(from.place)], &in = placement.slots[at(to.place)];
  follow(way, from.group, way_out(out, out.column_right, from.y - origin_y(from.group)));
  follow(way, from.group, find(placement.routes, Edge{from.place, to.place}));
  follow(way, from.group, way_in(in, in.column_left, to.y - origin_y(to.group)));
}

void Routing::across(Way& way, const End& left, const End& right) const {
  leave_group(way, left);
  for (const auto& piece : find(outer_.routes, Edge{left.group, right.group})) way.go_level(piece.left, piece.right, piece.y);
  enter_group(way, right);
}

void Routing::leave_group(Way& way, const End& end) const {
  const auto& group = groups_[at(end.group)];
  const auto& box = drawing_.groups[at(end.group)];
  float side = box.x + box.width;
  if (!group.is_closed) {
    const auto& slot = group.placement.slots[at(end.place)];
    follow(way, end.group, way_out(slot, slot.column_right, end.y - origin_y(end.group)));
    follow(way, end.group, find(group.placement.port_routes, std::pair{end.place, end.port}));
    side = box.x + Group::k_padding + group.placement.width;
  }
  for (const auto& piece : way_out(outer_.slots[at(end.group)], side, way.height(end.y)))
    way.go_level(piece.left, piece.right, piece.y);
}

void Routing::enter_group(Way& way, const End& end) const {
  const auto& group = groups_[at(end.group)];
  const auto& box = drawing_.groups[at(end.group)];
  Way inside;  // how high the edge enters the group is known from its way there
  float side = box.x;
  if (!group.is_closed) {
    const auto& slot = group.placement.slots[at(end.place)];
    follow(inside, end.group, find(group.placement.port_routes, std::pair{end.place, end.port}));
    follow(inside, end.group, way_in(slot, slot.column_left, end.y - origin_y(end.group)));
    side += Group::k_padding;
  }
  const auto points = inside.take();
  for (const auto& piece : way_in(outer_.slots[at(end.group)], side, points.empty() ? end.y : points.front().second))
    way.go_level(piece.left, piece.right, piece.y);
  for (std::size_t i = 0; i < points.size(); i += 2) way.go_level(points[i].first, points[i + 1].first, points[i].second);
}

float Routing::origin_y(int group) const { return drawing_.groups[at(group)].y + Group::k_padding + Group::k_heading; }

void Routing::follow(Way& way, int group, const Route& route) const {
  const float x = drawing_.groups[at(group)].x + Group::k_padding, y = origin_y(group);
  for (const auto& piece : route) way.go_level(x + piece.left, x + piece.right, y + piece.y);
}

}  // namespace headrace::layout
