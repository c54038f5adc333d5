// One step of pruning, in the writer's transaction.
#pragma once

#include <storage/event_log.hpp>

#include "sqlite/connection.hpp"

namespace headrace::storage {

/// Some of the oldest runs that may go. No transaction of its own.
PruneResult prune_some(sqlite::Connection& connection, const PruneRequest& request);
/// Bytes of the database's pages that are in use.
std::int64_t used_bytes(sqlite::Connection& connection);

}  // namespace headrace::storage
