#include "cycle.hpp"

#include <algorithm>

namespace headrace {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Which nodes remain when nodes without upstream are taken away again and again: those on a cycle and those after one.
std::vector<bool> nodes_behind_cycles(std::span<const AssetNode> nodes) {
  std::vector<bool> remains(nodes.size(), true);
  std::vector<std::size_t> missing(nodes.size());
  std::vector<int> free;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    missing[i] = nodes[i].upstream.size();
    if (missing[i] == 0) free.push_back(static_cast<int>(i));
  }
  while (!free.empty()) {
    const int node = free.back();
    free.pop_back();
    remains[at(node)] = false;
    for (const int down : nodes[at(node)].downstream) {
      if (--missing[at(down)] == 0) free.push_back(down);
    }
  }
  return remains;
}

/// Every node behind a cycle has an upstream behind one, so that walking up must come back to where it was.
int node_on_cycle(std::span<const AssetNode> nodes, const std::vector<bool>& behind) {
  std::vector<bool> visited(nodes.size(), false);
  int node = static_cast<int>(std::find(behind.begin(), behind.end(), true) - behind.begin());
  while (!visited[at(node)]) {
    visited[at(node)] = true;
    const auto& upstream = nodes[at(node)].upstream;
    node = *std::find_if(upstream.begin(), upstream.end(), [&](int up) { return behind[at(up)]; });
  }
  return node;
}

/// The shortest way from `start` downstream back to itself, by breadth-first search.
std::vector<int> shortest_way_back(std::span<const AssetNode> nodes, int start) {
  std::vector<int> came_from(nodes.size(), -1), queue{start};
  for (std::size_t next = 0; came_from[at(start)] < 0; ++next) {
    for (const int down : nodes[at(queue[next])].downstream) {
      if (came_from[at(down)] >= 0) continue;
      came_from[at(down)] = queue[next];
      queue.push_back(down);
    }
  }
  std::vector<int> cycle{start};
  for (int node = came_from[at(start)]; node != start; node = came_from[at(node)]) cycle.push_back(node);
  std::reverse(cycle.begin(), cycle.end());
  return cycle;
}

}  // namespace

std::vector<int> find_cycle(std::span<const AssetNode> nodes) {
  const auto behind = nodes_behind_cycles(nodes);
  if (std::find(behind.begin(), behind.end(), true) == behind.end()) return {};
  auto cycle = shortest_way_back(nodes, node_on_cycle(nodes, behind));
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  return cycle;
}

}  // namespace headrace
