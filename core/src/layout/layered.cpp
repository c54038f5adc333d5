#include "layered.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "layers.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Columns of equal width within each layer, layer after layer. Returns the sides of the layers.
std::vector<std::pair<float, float>> place_horizontally(Placement& placement, const std::vector<Size>& boxes,
                                                        const Layers& layers, const Rows& rows, const Spacing& spacing) {
  float left = 0;
  std::vector<std::pair<float, float>> sides;
  for (const auto& rows_here : rows.of_layer) {
    float width = 0;
    std::size_t columns = 1;
    for (const auto& row : rows_here) {
      columns = std::max(columns, row.size());
      for (const int node : row) width = std::max(width, layers.is_box(node) ? boxes[at(node)].width : 0);
    }
    const float right = left + static_cast<float>(columns) * (width + spacing.between_columns) - spacing.between_columns;
    for (const auto& row : rows_here) {
      for (std::size_t column = 0; column < row.size(); ++column) {
        if (!layers.is_box(row[column])) continue;
        const float column_left = left + static_cast<float>(column) * (width + spacing.between_columns);
        placement.x[at(row[column])] = column_left + width / 2;
        placement.slots[at(row[column])] = {left, column_left, column_left + width, right, {}, {}};
      }
    }
    sides.emplace_back(left, right);
    left = right + spacing.between_layers;
  }
  placement.width = rows.of_layer.empty() ? 0 : left - spacing.between_layers;
  return sides;
}

/// The heights of all nodes, bends too.
std::vector<float> place_vertically(Placement& placement, const Layers& layers, const Rows& rows, const Spacing& spacing) {
  auto y = vertical_positions(layers, rows, spacing.between_rows);
  float top = std::numeric_limits<float>::max(), bottom = std::numeric_limits<float>::lowest();
  for (const auto& layer : layers.order) {
    for (const int node : layer) {
      top = std::min(top, y[at(node)] - layers.height[at(node)] / 2);
      bottom = std::max(bottom, y[at(node)] + layers.height[at(node)] / 2);
    }
  }
  for (const auto& layer : layers.order) {
    for (const int node : layer) {
      y[at(node)] -= top;
      if (layers.is_box(node)) placement.y[at(node)] = y[at(node)];
    }
  }
  placement.height = layers.order.empty() ? 0 : bottom - top;
  return y;
}

/// Where the edges that pass layers go through these.
void put_routes(Placement& placement, const Layers& layers, const std::vector<std::pair<float, float>>& sides,
                const std::vector<float>& y) {
  const auto route_of = [&](const std::vector<int>& bends) {
    Route route;
    for (const int bend : bends) {
      const auto [left, right] = sides[at(layers.layer[at(bend)])];
      route.push_back({left, right, y[at(bend)]});
    }
    return route;
  };
  for (const auto& [edge, bends] : layers.bends) placement.routes.emplace(edge, route_of(bends));
  for (const auto& [port, bends] : layers.port_bends) placement.port_routes.emplace(port, route_of(bends));
}

/// Which boxes have edges on which side.
struct Sides {
  std::vector<bool> left, right;
};

/// Gives the boxes of a row whose edges would pass others lanes in the room below it: the nearer a box is to the side, the nearer
/// is its lane to the row, so that none crosses another.
void put_lanes(Placement& placement, const std::vector<int>& row, const Sides& used, float bottom, float gap, float room) {
  std::vector<Level*> lanes;
  for (std::size_t i = row.size(); i-- > 0;) {
    auto& slot = placement.slots[at(row[i])];
    if (i + 1 == row.size() || !used.right[at(row[i])]) continue;
    lanes.push_back(&slot.lane_out.emplace(Level{slot.column_right + gap, slot.layer_right}));
  }
  for (std::size_t i = 1; i < row.size(); ++i) {
    auto& slot = placement.slots[at(row[i])];
    if (used.left[at(row[i])]) lanes.push_back(&slot.lane_in.emplace(Level{slot.layer_left, slot.column_left - gap}));
  }
  constexpr float k_margin = 2;  // rounding must not bring a lane to the rim of a box
  const float step = (room - 2 * k_margin) / static_cast<float>(lanes.size() + 1);
  for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i]->y = bottom + k_margin + static_cast<float>(i + 1) * step;
}

Sides used_sides(const Layers& layers, const Ports& ports) {
  Sides used;
  for (const auto& neighbors : layers.left) used.left.push_back(!neighbors.empty());
  for (const auto& neighbors : layers.right) used.right.push_back(!neighbors.empty());
  for (const auto& [box, port] : ports) (is_on_left(port) ? used.left : used.right)[at(box)] = true;
  return used;
}

void put_lanes(Placement& placement, const std::vector<Size>& boxes, const Rows& rows, const Sides& used,
               const Spacing& spacing) {
  for (const auto& layer : rows.of_layer) {
    for (const auto& row : layer) {
      if (row.size() < 2) continue;
      float bottom = 0;
      for (const int box : row) bottom = std::max(bottom, placement.y[at(box)] + boxes[at(box)].height / 2);
      put_lanes(placement, row, used, bottom, spacing.between_columns, spacing.between_rows);
    }
  }
}

/// How many rows to each column make a drawing as high as wide.
float rows_to_a_column(const std::vector<Size>& boxes, const Spacing& spacing) {
  float width = 0, height = 0;
  for (const auto& box : boxes) {
    width += box.width + spacing.between_layers;
    height += box.height + spacing.between_rows;
  }
  return boxes.empty() ? 1 : width / height;
}

std::vector<int> boxes_without_edges(std::size_t count, const std::vector<Edge>& edges) {
  std::vector<bool> has_edge(count, false);
  for (const auto& [from, to] : edges) has_edge[at(from)] = has_edge[at(to)] = true;
  std::vector<int> result;
  for (std::size_t i = 0; i < count; ++i) {
    if (!has_edge[i]) result.push_back(static_cast<int>(i));
  }
  return result;
}

/// Boxes without edges stand in a grid below all others, as wide as these, or about three times as high as wide in boxes.
void place_in_grid(Placement& placement, const std::vector<int>& loose, const std::vector<Size>& boxes, const Spacing& spacing,
                   const Sides& used) {
  float width = 0;
  for (const int box : loose) width = std::max(width, boxes[at(box)].width);
  const float pitch = width + spacing.between_layers;
  const auto fitting = static_cast<std::size_t>((placement.width + spacing.between_layers) / pitch);
  const auto balanced = static_cast<std::size_t>(std::sqrt(static_cast<double>(loose.size()) / 3));
  const std::size_t columns = std::min(loose.size(), std::max<std::size_t>({1, fitting, balanced}));

  float top = placement.height > 0 ? placement.height + 2 * spacing.between_rows : 0;
  placement.width = std::max(placement.width, static_cast<float>(columns) * pitch - spacing.between_layers);
  for (std::size_t first = 0; first < loose.size(); first += columns) {
    const std::vector<int> row(loose.begin() + static_cast<std::ptrdiff_t>(first),
                               loose.begin() + static_cast<std::ptrdiff_t>(std::min(loose.size(), first + columns)));
    float row_height = 0, left = 0;
    for (const int box : row) {
      placement.x[at(box)] = left + width / 2;
      placement.y[at(box)] = top + boxes[at(box)].height / 2;
      placement.slots[at(box)] = {0, left, left + width, placement.width, {}, {}};
      row_height = std::max(row_height, boxes[at(box)].height);
      left += pitch;
    }
    put_lanes(placement, row, used, top + row_height, spacing.between_layers, spacing.between_rows);
    placement.height = top + row_height;
    top = placement.height + spacing.between_rows;
  }
}

}  // namespace

Placement place(const std::vector<Size>& boxes, const std::vector<Edge>& edges, const Spacing& spacing,
                const std::vector<float>& earlier, const Ports& ports) {
  Placement placement;
  placement.x.resize(boxes.size(), 0);
  placement.y.resize(boxes.size(), 0);
  placement.slots.resize(boxes.size());
  const auto forward = without_cycles(static_cast<int>(boxes.size()), edges);
  Layers layers = make_layers(boxes, forward, ports);
  reduce_crossings(layers, spacing.is_thorough);
  prefer_earlier_order(layers, earlier);
  const Rows rows = make_rows(layers, rows_to_a_column(boxes, spacing));
  const auto sides = place_horizontally(placement, boxes, layers, rows, spacing);
  const auto y = place_vertically(placement, layers, rows, spacing);
  put_routes(placement, layers, sides, y);
  const auto used = used_sides(layers, ports);
  put_lanes(placement, boxes, rows, used, spacing);
  const auto loose = boxes_without_edges(boxes.size(), forward);
  if (!loose.empty()) place_in_grid(placement, loose, boxes, spacing, used);
  return placement;
}

}  // namespace headrace::layout
