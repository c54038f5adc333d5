#include "layered.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "layers.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Columns of equal width within each layer, layer after layer.
void place_horizontally(Placement& placement, const std::vector<Size>& boxes, const Layers& layers, const Rows& rows,
                        const Spacing& spacing) {
  float left = 0;
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
    left += static_cast<float>(columns) * (width + spacing.between_columns) - spacing.between_columns + spacing.between_layers;
  }
  placement.width = rows.of_layer.empty() ? 0 : left - spacing.between_layers;
}

void place_vertically(Placement& placement, const Layers& layers, const Rows& rows, const Spacing& spacing) {
  const auto y = vertical_positions(layers, rows, spacing.between_rows);
  float top = std::numeric_limits<float>::max(), bottom = std::numeric_limits<float>::lowest();
  const auto for_each_box = [&](auto action) {
    for (const auto& layer : layers.order) {
      for (const int node : layer) {
        if (layers.is_box(node)) action(node);
      }
    }
  };
  for_each_box([&](int box) {
    top = std::min(top, y[at(box)] - layers.height[at(box)] / 2);
    bottom = std::max(bottom, y[at(box)] + layers.height[at(box)] / 2);
  });
  for_each_box([&](int box) { placement.y[at(box)] = y[at(box)] - top; });
  placement.height = layers.order.empty() ? 0 : bottom - top;
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

Placement place(const std::vector<Size>& boxes, const std::vector<Edge>& edges, const Spacing& spacing) {
  Placement placement;
  placement.x.resize(boxes.size(), 0);
  placement.y.resize(boxes.size(), 0);
  const auto forward = without_cycles(static_cast<int>(boxes.size()), edges);
  Layers layers = make_layers(boxes, forward);
  reduce_crossings(layers, spacing.sweeps, spacing.is_thorough);
  const Rows rows = make_rows(layers);
  place_horizontally(placement, boxes, layers, rows, spacing);
  place_vertically(placement, layers, rows, spacing);
  const auto loose = boxes_without_edges(boxes.size(), forward);
  if (!loose.empty()) place_in_grid(placement, loose, boxes, spacing);
  return placement;
}

}  // namespace headrace::layout
