// Finds a cycle in a graph that has one. Private to core.
#pragma once

#include <span>
#include <vector>

#include <core/asset_graph.hpp>

namespace headrace {

/// The nodes of one short cycle, each before its downstream, beginning with the lowest index; empty when there is no cycle.
std::vector<int> find_cycle(std::span<const AssetNode> nodes);

}  // namespace headrace
