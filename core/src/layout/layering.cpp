// Which layer each box is in: every edge leads at least one layer to the right, and all edges together are as short as possible.
// Short edges are what makes a drawing small and clear: each layer that an edge passes costs room and crossings.
//
// The method is the network simplex on trees of Gansner, Koutsofios, North and Vo ("A technique for drawing directed graphs").
// A tight tree joins all nodes of a component by edges of length one. Cutting a tree edge splits the nodes in two parts; when
// more edges lead from the right part to the left one than the other way, the edges become shorter in sum if the parts move
// apart, until another edge is tight, which takes the cut one's place in the tree.
#include <algorithm>
#include <limits>

#include "adjacency.hpp"
#include "layers.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

class ShortestLayering {
 public:
  ShortestLayering(const std::vector<Edge>& edges, std::vector<int>& layer)
      : edges_(edges), layer_(layer), edges_of_(layer.size()), tree_edges_of_(layer.size()), pull_(layer.size(), 0) {
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const auto [from, to] = edges_[i];
      edges_of_[at(from)].push_back(static_cast<int>(i));
      edges_of_[at(to)].push_back(static_cast<int>(i));
      ++pull_[at(from)];
      --pull_[at(to)];
    }
    is_in_tree_.resize(layer.size(), false);
    parent_edge_.resize(layer.size(), -1);
    begin_.resize(layer.size(), 0);
    end_.resize(layer.size(), 0);
    pull_of_subtree_.resize(layer.size(), 0);
  }

  bool has_placed(int node) const { return is_in_tree_[at(node)]; }

  /// Shortens the edges of the component that `start` is in.
  void run(int start) {
    grow_tight_tree(start);
    number_tree(start);
    search_from_ = 0;
    // Pivots that move nothing could go round in circles for ever. And a pivot takes time with the size of the tree, so that
    // large ones get fewer: the layers are good after each.
    constexpr std::size_t k_most_work = 1'500'000;
    for (std::size_t pivots = std::min(2 * order_.size(), k_most_work / order_.size()); pivots > 0; --pivots) {
      const int child = find_cut();
      if (child < 0) break;
      replace(child);
      number_tree(start);
    }
    align_left();
  }

 private:
  int slack(int edge) const { return layer_[at(edges_[at(edge)].second)] - layer_[at(edges_[at(edge)].first)] - 1; }
  int other_end(int edge, int node) const {
    return edges_[at(edge)].first == node ? edges_[at(edge)].second : edges_[at(edge)].first;
  }

  // ---- the first tree ----------------------------------------------------------------------------------------------------

  /// Moves the whole tree by the smallest slack of an edge that leaves it, until it reaches every node of the component.
  void grow_tight_tree(int start) {
    std::vector<int> members{start};
    is_in_tree_[at(start)] = true;
    for (std::size_t next = 0;;) {
      for (; next < members.size(); ++next) take_tight_neighbors(members[next], members);
      const int nearest = nearest_edge_out_of(members);
      if (nearest < 0) return;
      const bool leads_out = is_in_tree_[at(edges_[at(nearest)].first)];
      const int shift = leads_out ? slack(nearest) : -slack(nearest);
      for (const int node : members) layer_[at(node)] += shift;
      take(nearest, members);
    }
  }
  void take_tight_neighbors(int node, std::vector<int>& members) {
    for (const int edge : edges_of_[at(node)]) {
      if (!is_in_tree_[at(other_end(edge, node))] && slack(edge) == 0) take(edge, members);
    }
  }
  void take(int edge, std::vector<int>& members) {
    const auto [from, to] = edges_[at(edge)];
    const int added = is_in_tree_[at(from)] ? to : from;
    is_in_tree_[at(added)] = true;
    members.push_back(added);
    tree_edges_of_[at(from)].push_back(edge);
    tree_edges_of_[at(to)].push_back(edge);
  }
  int nearest_edge_out_of(const std::vector<int>& members) const {
    int nearest = -1;
    for (const int node : members) {
      for (const int edge : edges_of_[at(node)]) {
        if (is_in_tree_[at(other_end(edge, node))]) continue;
        if (nearest < 0 || slack(edge) < slack(nearest)) nearest = edge;
      }
    }
    return nearest;
  }

  // ---- pivots --------------------------------------------------------------------------------------------------------------

  /// Writes the tree's nodes depth first into order_: a subtree is then a range, and its pull a sum.
  void number_tree(int root) {
    order_.clear();
    open_.assign(1, root);
    parent_edge_[at(root)] = -1;
    while (!open_.empty()) {
      const int node = open_.back();
      open_.pop_back();
      begin_[at(node)] = order_.size();
      order_.push_back(node);
      pull_of_subtree_[at(node)] = pull_[at(node)];
      end_[at(node)] = begin_[at(node)] + 1;
      for (const int edge : tree_edges_of_[at(node)]) {
        if (edge == parent_edge_[at(node)]) continue;
        parent_edge_[at(other_end(edge, node))] = edge;
        open_.push_back(other_end(edge, node));
      }
    }
    for (std::size_t i = order_.size(); i-- > 1;) {
      const int node = order_[i], parent = other_end(parent_edge_[at(node)], node);
      pull_of_subtree_[at(parent)] += pull_of_subtree_[at(node)];
      end_[at(parent)] = std::max(end_[at(parent)], end_[at(node)]);
    }
  }

  /// A child whose tree edge is worth cutting, searched from where the last one was found; -1: the edges are as short as can be.
  ///
  /// The pull of a subtree is the number of edges that leave it less those that enter it (edges within cancel out). A subtree at
  /// the left end of its tree edge is held by it; it should move left when its pull is negative. And the other way round.
  int find_cut() {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      search_from_ = search_from_ + 1 < order_.size() ? search_from_ + 1 : 0;
      const int child = order_[search_from_];
      const int pull = pull_of_subtree_[at(child)];
      if (parent_edge_[at(child)] >= 0 && (is_left_of_parent(child) ? pull < 0 : pull > 0)) return child;
    }
    return -1;
  }
  bool is_left_of_parent(int child) const { return edges_[at(parent_edge_[at(child)])].first == child; }

  /// Moves the child's subtree away from its parent until an edge between the two parts is tight; that one joins them now.
  void replace(int child) {
    const bool moves_left = is_left_of_parent(child);
    const auto is_below = [&](int node) { return begin_[at(node)] >= begin_[at(child)] && begin_[at(node)] < end_[at(child)]; };
    int joining = -1;
    for (std::size_t i = begin_[at(child)]; i < end_[at(child)]; ++i) {
      for (const int edge : edges_of_[at(order_[i])]) {
        const auto [from, to] = edges_[at(edge)];
        const bool resists = moves_left ? to == order_[i] && !is_below(from) : from == order_[i] && !is_below(to);
        if (resists && (joining < 0 || slack(edge) < slack(joining))) joining = edge;
      }
    }
    const int shift = moves_left ? -slack(joining) : slack(joining);
    for (std::size_t i = begin_[at(child)]; i < end_[at(child)]; ++i) layer_[at(order_[i])] += shift;
    const int cut = parent_edge_[at(child)];
    for (const int node : {edges_[at(cut)].first, edges_[at(cut)].second}) std::erase(tree_edges_of_[at(node)], cut);
    for (const int node : {edges_[at(joining)].first, edges_[at(joining)].second}) tree_edges_of_[at(node)].push_back(joining);
  }

  void align_left() {
    int first = std::numeric_limits<int>::max();
    for (const int node : order_) first = std::min(first, layer_[at(node)]);
    for (const int node : order_) layer_[at(node)] -= first;
  }

  const std::vector<Edge>& edges_;
  std::vector<int>& layer_;
  std::vector<std::vector<int>> edges_of_, tree_edges_of_;  // of each node, indices of edges
  std::vector<int> pull_, pull_of_subtree_;
  std::vector<bool> is_in_tree_;
  std::vector<int> parent_edge_;
  std::vector<std::size_t> begin_, end_;  // of each node's subtree in order_
  std::vector<int> order_, open_;
  std::size_t search_from_ = 0;
};

/// As far left as the edges allow.
std::vector<int> leftmost_layers(const Adjacency& graph, const std::vector<int>& order) {
  std::vector<int> layer(order.size(), 0);
  for (const int node : order) {
    for (const int target : graph.after[at(node)]) layer[at(target)] = std::max(layer[at(target)], layer[at(node)] + 1);
  }
  return layer;
}

/// Where all edges together cannot become shorter, at least those of the sources can.
void pull_sources_right(const Adjacency& graph, const std::vector<int>& order, std::vector<int>& layer) {
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    const auto& targets = graph.after[at(*node)];
    if (graph.before[at(*node)].size() >= targets.size()) continue;  // would make as many edges longer as shorter
    int nearest = std::numeric_limits<int>::max();
    for (const int target : targets) nearest = std::min(nearest, layer[at(target)]);
    layer[at(*node)] = std::max(layer[at(*node)], nearest - 1);
  }
}

}  // namespace

std::vector<int> assign_layers(const std::vector<Edge>& edges, const Adjacency& graph, const std::vector<int>& order) {
  auto layer = leftmost_layers(graph, order);
  // The simplex takes time with the square of the number; such large groups are looked at from afar anyway.
  constexpr std::size_t k_most_for_simplex = 2000;
  if (order.size() > k_most_for_simplex) {
    pull_sources_right(graph, order, layer);
    return layer;
  }
  ShortestLayering layering(edges, layer);
  for (const int node : order) {
    if (!graph.is_isolated(node) && !layering.has_placed(node)) layering.run(node);
  }
  return layer;
}

}  // namespace headrace::layout
