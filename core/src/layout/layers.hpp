// The working graph of a layered drawing: boxes and bends in layers, each layer in order from top to bottom. Private to core.
#pragma once

#include <map>
#include <vector>

#include "adjacency.hpp"
#include "layered.hpp"

namespace headrace::layout {

/// An edge that crosses layers is cut into pieces of one layer each by bends: nodes that take (almost) no room. Nodes below
/// `box_count` are boxes, the others bends.
struct Layers {
  int box_count = 0;
  std::vector<std::vector<int>> order;                          ///< layer by layer, the nodes from top to bottom
  std::vector<std::vector<int>> left, right;                    ///< of each node, its neighbors in the layer before and after
  std::vector<float> height;                                    ///< of each node
  std::vector<int> layer;                                       ///< of each node
  std::map<Edge, std::vector<int>> bends;                       ///< of edges that pass layers, from left to right
  std::map<std::pair<int, Port>, std::vector<int>> port_bends;  ///< from boxes to a side of the drawing, from left to right
  bool is_box(int node) const { return node < box_count; }
};

/// The layer of each box. `order`: all boxes, each after those before it.
std::vector<int> assign_layers(const std::vector<Edge>& edges, const Adjacency& graph, const std::vector<int>& order);

/// Boxes without any edge are in no layer: the caller places them apart. `edges` as without_cycles() returned them.
Layers make_layers(const std::vector<Size>& boxes, const std::vector<Edge>& edges, const Ports& ports);

/// Changes the order within layers so that fewer edges cross.
void reduce_crossings(Layers& layers, bool thorough);

/// Takes the order that the layers had in an earlier drawing, by the heights of the boxes there (NaN: new; empty: there was
/// none), if it has few more crossings than the present one: people find again what they know.
void prefer_earlier_order(Layers& layers, const std::vector<float>& heights);

/// The rows of each layer: nodes that stand side by side at one height. Layers too tall for the drawing have several columns, all
/// others one.
struct Rows {
  std::vector<std::vector<std::vector<int>>> of_layer;  ///< layer → row → its nodes from left to right
};
Rows make_rows(const Layers& layers, float rows_to_a_column);

/// Centers of all nodes, close to their neighbors' in the layers beside them, at least `gap` between rows.
std::vector<float> vertical_positions(const Layers& layers, const Rows& rows, float gap);

}  // namespace headrace::layout
