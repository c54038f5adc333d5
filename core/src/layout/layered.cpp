#include "layered.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "layers.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Columns of equal width within each layer, layer after layer.
std::vector<std::pair<float, float>> place_horizontally(Placement& placement, const std::vector<Size>& boxes,
                                                        const Layers& layers, const Rows& rows, const Spacing& spacing) {
  float left = 0;
  std::vector<std::pair<float, float>> sides;  // of the layers
  for (const auto& rows_here : rows.of_layer) {
    float width = 0;
    std::size_t columns = 1;
    for (const auto& row : rows_here) {
      columns = std::max(columns, row.size());
      for (const int node : row) width = std::max(width, layers.is_box(node) ? boxes[at(node)].width : 0);
    }
    for (const auto& row : rows_here) {
      for (std::size_t column = 0; column < row.size(); ++column) {
        if (!layers.is_box(row[column])) continue;
        placement.x[at(row[column])] = left + static_cast<float>(column) * (width + spacing.between_columns) + width / 2;
      }
    }
    const float right = left + static_cast<float>(columns) * (width + spacing.between_columns) - spacing.between_columns;
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
      route.push_back({left, y[at(bend)]});
      route.push_back({right, y[at(bend)]});
    }
    return route;
  };
  for (const auto& [edge, bends] : layers.bends) placement.routes.emplace(edge, route_of(bends));
  for (const auto& [box, bends] : layers.in_bends) placement.in_routes.emplace(box, route_of(bends));
  for (const auto& [box, bends] : layers.out_bends) placement.out_routes.emplace(box, route_of(bends));
  placement.left = placement.right = placement.x;
  for (const auto& layer : layers.order) {
    for (const int node : layer) {
      if (!layers.is_box(node)) continue;
      placement.left[at(node)] = sides[at(layers.layer[at(node)])].first;
      placement.right[at(node)] = sides[at(layers.layer[at(node)])].second;
    }
  }
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
void place_in_grid(Placement& placement, const std::vector<int>& loose, const std::vector<Size>& boxes, const Spacing& spacing) {
  float width = 0;
  for (const int box : loose) width = std::max(width, boxes[at(box)].width);
  const float pitch = width + spacing.between_layers;
  const auto fitting = static_cast<std::size_t>((placement.width + spacing.between_layers) / pitch);
  const auto balanced = static_cast<std::size_t>(std::sqrt(static_cast<double>(loose.size()) / 3));
  const std::size_t columns = std::max<std::size_t>({1, fitting, balanced});

  float top = placement.height > 0 ? placement.height + 2 * spacing.between_rows : 0, row_height = 0;
  for (std::size_t i = 0; i < loose.size(); ++i) {
    const std::size_t column = i % columns;
    if (column == 0 && i > 0) {
      top += row_height + spacing.between_rows;
      row_height = 0;
    }
    const Size& box = boxes[at(loose[i])];
    placement.x[at(loose[i])] = static_cast<float>(column) * pitch + width / 2;
    placement.y[at(loose[i])] = top + box.height / 2;
    row_height = std::max(row_height, box.height);
    placement.width = std::max(placement.width, static_cast<float>(column) * pitch + width);
  }
  placement.height = top + row_height;
}

}  // namespace

Placement place(const std::vector<Size>& boxes, const std::vector<Edge>& edges, const Spacing& spacing,
                const std::vector<float>& earlier, const Ports& ports) {
  Placement placement;
  placement.x.resize(boxes.size(), 0);
  placement.y.resize(boxes.size(), 0);
  const auto forward = without_cycles(static_cast<int>(boxes.size()), edges);
  Layers layers = make_layers(boxes, forward, ports);
  const auto kept = order_as_earlier(layers, earlier);
  reduce_crossings(layers, spacing.sweeps, spacing.is_thorough);
  prefer_order(layers, kept);
  const Rows rows = make_rows(layers);
  const auto sides = place_horizontally(placement, boxes, layers, rows, spacing);
  const auto y = place_vertically(placement, layers, rows, spacing);
  put_routes(placement, layers, sides, y);
  const auto loose = boxes_without_edges(boxes.size(), forward);
  if (!loose.empty()) place_in_grid(placement, loose, boxes, spacing);
  return placement;
}

}  // namespace headrace::layout
