// A layered drawing of boxes, left to right: used for the cards within each group and then for the groups. Private to core.
#pragma once

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

/// Centers of the boxes; all boxes lie within 0..width and 0..height.
struct Placement {
  std::vector<float> x, y;
  float width = 0, height = 0;
};

/// Edges point to the right, but for those that would close a cycle. No two boxes overlap. Equal input gives equal output.
Placement place(const std::vector<Size>& boxes, const std::vector<Edge>& edges, const Spacing& spacing);

}  // namespace headrace::layout
