#include "layers.hpp"

#include <algorithm>

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

std::vector<int> topological_order(const Adjacency& graph) {
  std::vector<std::size_t> missing;
  std::vector<int> order;
  for (const auto& before : graph.before) {
    if (before.empty()) order.push_back(static_cast<int>(missing.size()));
    missing.push_back(before.size());
  }
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (const int target : graph.after[at(order[next])]) {
      if (--missing[at(target)] == 0) order.push_back(target);
    }
  }
  return order;
}

/// Depth first in both directions, so that what belongs together begins side by side.
void put_into_layers(Layers& layers, const Adjacency& graph, const std::vector<int>& order, const std::vector<int>& layer) {
  std::vector<bool> placed(order.size(), false);
  std::vector<int> open;
  for (const int start : order) {
    if (graph.is_isolated(start)) continue;
    open.push_back(start);
    while (!open.empty()) {
      const int node = open.back();
      open.pop_back();
      if (placed[at(node)]) continue;
      placed[at(node)] = true;
      layers.order[at(layer[at(node)])].push_back(node);
      for (const auto* neighbors : {&graph.after[at(node)], &graph.before[at(node)]}) {
        std::copy_if(neighbors->begin(), neighbors->end(), std::back_inserter(open),
                     [&](int other) { return !placed[at(other)]; });
      }
    }
  }
}

int add_bend(Layers& layers, int layer) {
  constexpr float k_bend_height = 2;
  const int bend = static_cast<int>(layers.height.size());
  layers.height.push_back(k_bend_height);
  layers.layer.push_back(layer);
  layers.left.emplace_back();
  layers.right.emplace_back();
  layers.order[at(layer)].push_back(bend);
  return bend;
}

void join(Layers& layers, int from, int to) {
  layers.right[at(from)].push_back(to);
  layers.left[at(to)].push_back(from);
}

/// Bends in the layers from `first` to before `end`, joined in a line.
std::vector<int> add_bends(Layers& layers, int first, int end) {
  std::vector<int> bends;
  for (int layer = first; layer < end; ++layer) {
    bends.push_back(add_bend(layers, layer));
    if (bends.size() > 1) join(layers, bends[bends.size() - 2], bends.back());
  }
  return bends;
}

void add_edges(Layers& layers, const std::vector<Edge>& edges) {
  for (const auto& [from, to] : edges) {
    auto bends = add_bends(layers, layers.layer[at(from)] + 1, layers.layer[at(to)]);
    join(layers, from, bends.empty() ? to : bends.front());
    if (bends.empty()) continue;
    join(layers, bends.back(), to);
    layers.bends.emplace(Edge{from, to}, std::move(bends));
  }
}

/// A way to the side of the drawing for each box whose edges lead out there.
void add_ports(Layers& layers, const Adjacency& graph, const Ports& ports) {
  const int end = static_cast<int>(layers.order.size());
  for (const auto& [box, port] : ports) {
    if (graph.is_isolated(box)) continue;
    const int layer = layers.layer[at(box)];
    auto bends = is_on_left(port) ? add_bends(layers, 0, layer) : add_bends(layers, layer + 1, end);
    if (bends.empty()) continue;
    if (is_on_left(port))
      join(layers, bends.back(), box);
    else
      join(layers, box, bends.front());
    layers.port_bends.emplace(std::pair{box, port}, std::move(bends));
  }
}

std::size_t count_boxes(const Layers& layers, const std::vector<int>& layer) {
  const auto is_box = [&](int node) { return layers.is_box(node); };
  return static_cast<std::size_t>(std::count_if(layer.begin(), layer.end(), is_box));
}

/// Whether there is about one edge to each node.
bool is_fan(const Layers& layers, const std::vector<int>& layer) {
  std::size_t edges = 0;
  for (const int node : layer) edges += layers.left[at(node)].size() + layers.right[at(node)].size();
  return edges <= layer.size() + layer.size() / 8;
}

/// Boxes that follow each other in the layer's order share a row of at most `columns`; a bend has a row of its own.
std::vector<std::vector<int>> rows_of(const Layers& layers, const std::vector<int>& layer, std::size_t columns) {
  std::vector<std::vector<int>> rows;
  bool row_is_open = false;
  for (const int node : layer) {
    const bool joins_row = row_is_open && layers.is_box(node) && rows.back().size() < columns;
    if (!joins_row) rows.emplace_back();
    rows.back().push_back(node);
    row_is_open = layers.is_box(node);
  }
  return rows;
}

}  // namespace

Layers make_layers(const std::vector<Size>& boxes, const std::vector<Edge>& edges, const Ports& ports) {
  const int count = static_cast<int>(boxes.size());
  const Adjacency graph(count, edges);
  const auto order = topological_order(graph);
  Layers layers;
  layers.layer = assign_layers(edges, graph, order);
  layers.box_count = count;
  layers.left.resize(boxes.size());
  layers.right.resize(boxes.size());
  for (const auto& box : boxes) layers.height.push_back(box.height);
  int layer_count = 0;
  for (int node = 0; node < count; ++node) {
    if (!graph.is_isolated(node)) layer_count = std::max(layer_count, layers.layer[at(node)] + 1);
  }
  layers.order.resize(at(layer_count));
  put_into_layers(layers, graph, order, layers.layer);
  add_edges(layers, edges);
  add_ports(layers, graph, ports);
  return layers;
}

Rows make_rows(const Layers& layers, float rows_to_a_column) {
  std::vector<std::size_t> boxes;
  for (const auto& layer : layers.order) boxes.push_back(count_boxes(layers, layer));
  const auto columns_of = [](std::size_t count, std::size_t most_rows) { return (count + most_rows - 1) / most_rows; };
  /// As many as leave the drawing at most so many times as high as wide.
  const auto most_rows_for = [&](float shape) {
    std::size_t most = boxes.empty() ? 1 : std::max<std::size_t>(1, *std::max_element(boxes.begin(), boxes.end()));
    const auto is_too_high = [&] {
      std::size_t columns = 0;
      for (const auto count : boxes) columns += columns_of(count, most);
      return static_cast<float>(most) > shape * rows_to_a_column * static_cast<float>(columns);
    };
    while (most > 1 && is_too_high()) most = most * 9 / 10;
    return most;
  };
  // Edges have to go around the columns of a layer and cross there, but for those of a fan, which all lead to one side.
  const std::size_t most_rows = most_rows_for(3), most_rows_of_fan = most_rows_for(1);

  Rows rows;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto most = is_fan(layers, layers.order[i]) ? most_rows_of_fan : most_rows;
    rows.of_layer.push_back(rows_of(layers, layers.order[i], columns_of(boxes[i], most)));
  }
  return rows;
}

}  // namespace headrace::layout
