// A layered drawing of boxes, left to right: used for the cards within each group and then for the groups. Private to core.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace headrace::layout {

struct Size {
  float width = 0, height = 0;
};
using Edge = std::pair<int, int>;  ///< from, to

struct Spacing {
  float between_layers = 60;   ///< room for the edges
  float between_columns = 24;  ///< of one layer that is wrapped because it would be too tall
  float between_rows = 12;
  bool is_thorough = true;  ///< take the time to leave few crossings
};

/// Where an edge goes level, no box being in its way.
struct Level {
  float left = 0, right = 0, y = 0;
};
using Route = std::vector<Level>;  ///< from left to right

/// Where edges lead out of the drawing. An edge back to the left leaves its box on the left and arrives on the right.
enum class Port { in, out, back_out, back_in };
inline bool is_on_left(Port port) { return port == Port::in || port == Port::back_out; }
using Ports = std::set<std::pair<int, Port>>;  ///< box and port: a way is kept free from it to that side of the drawing

/// A box's place among those beside it, and how its edges get past them: on a lane between two rows.
struct Slot {
  float layer_left = 0, column_left = 0, column_right = 0, layer_right = 0;
  std::optional<Level> lane_in;   ///< from the layer's left side to the room before the column; none: nothing is in the way
  std::optional<Level> lane_out;  ///< from the room behind the column to the layer's right side
};

/// Centers of the boxes; all boxes lie within 0..width and 0..height.
struct Placement {
  std::vector<float> x, y;
  float width = 0, height = 0;
  std::vector<Slot> slots;                            ///< one a box
  std::map<Edge, Route> routes;                       ///< through the layers that an edge passes
  std::map<std::pair<int, Port>, Route> port_routes;  ///< through the layers between a box and the side that its port is at
};

/// Edges point to the right, those that `without_cycles` turned round to the left. No two boxes overlap. Equal input gives equal
/// output. `earlier`: the height of each box in an earlier drawing (NaN: it was in none), whose order is kept if that costs few
/// crossings; or empty.
Placement place(const std::vector<Size>& boxes, const std::vector<Edge>& edges, const Spacing& spacing,
                const std::vector<float>& earlier = {}, const Ports& ports = {});

/// Turns edges round so that no cycle remains, as few as a simple rule finds; an edge that is there several times counts as
/// often. Loops and duplicates are left out. Sorted.
std::vector<Edge> without_cycles(int box_count, const std::vector<Edge>& edges);

}  // namespace headrace::layout
