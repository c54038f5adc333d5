// Edges as lists of neighbors. Private to core.
#pragma once

#include <vector>

#include "layered.hpp"

namespace headrace::layout {

struct Adjacency {
  std::vector<std::vector<int>> before, after;  ///< of each node, the other ends of its edges
  Adjacency(int count, const std::vector<Edge>& edges)
      : before(static_cast<std::size_t>(count)), after(static_cast<std::size_t>(count)) {
    for (const auto& [from, to] : edges) {
      after[static_cast<std::size_t>(from)].push_back(to);
      before[static_cast<std::size_t>(to)].push_back(from);
    }
  }
  bool is_isolated(int node) const {
    return before[static_cast<std::size_t>(node)].empty() && after[static_cast<std::size_t>(node)].empty();
  }
};

}  // namespace headrace::layout
