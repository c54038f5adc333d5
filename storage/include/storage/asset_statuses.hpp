// The status of every asset of a graph, from what the log says of each.
#pragma once

#include <core/asset_graph.hpp>
#include <storage/event_log.hpp>

namespace headrace::storage {

/// The rows of the graph's assets, by their index; empty rows for assets without events.
std::vector<AssetRow> rows_of(const AssetGraph& graph, Reader& reader);

/// Pure. An asset is stale when one of its upstreams was materialized after it, or is stale itself.
std::vector<AssetStatus> statuses_of(const AssetGraph& graph, const std::vector<AssetRow>& rows_by_index);

}  // namespace headrace::storage
