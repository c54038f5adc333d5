// A layered drawing of boxes, left to right: used for the cards within each group and then for the groups. Private to core.
#pragma once

#include <map>
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
  int sweeps = 24;          ///< at most so many attempts to have fewer crossings
};

struct Point {
  float x = 0, y = 0;
};
using Route = std::vector<Point>;  ///< where an edge goes level through a layer: its left side, its right side, layer after layer

/// Boxes from which edges lead out of the drawing to the right, or into it from the left. A lane is kept free for them.
struct Ports {
  std::vector<bool> in, out;  ///< one a box, or empty: none
};

/// Centers of the boxes; all boxes lie within 0..width and 0..height.
struct Placement {
  std::vector<float> x, y;
  float width = 0, height = 0;
  std::vector<float> left, right;              ///< of the layer that each box is in; both its center's x for those in none
  std::map<Edge, Route> routes;                ///< of edges that pass layers
  std::map<int, Route> in_routes, out_routes;  ///< of boxes with ports, from the drawing's left side and to its right side
};

/// Edges point to the right, but for those that would close a cycle. No two boxes overlap. Equal input gives equal output.
/// `earlier`: the height of each box in an earlier drawing (NaN: it was in none), whose order is kept if that costs few
/// crossings; or empty.
Placement place(const std::vector<Size>& boxes, const std::vector<Edge>& edges, const Spacing& spacing,
                const std::vector<float>& earlier = {}, const Ports& ports = {});

}  // namespace headrace::layout
