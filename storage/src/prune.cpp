#include "prune.hpp"

#include "sqlite/statement.hpp"

namespace headrace::storage {
namespace {

// One step: so much is deleted in some 10 ms. A single run may have more; it goes whole.
constexpr std::int64_t k_step_events = 1'000;
constexpr std::int64_t k_step_runs = 100;

// Finished (3, 4, 6), behind those that are kept, read to the end of its workers' journals, and nothing of the present state is
// its doing: see retention.hpp. 22 is materialized; 23 and 24, observed and check_evaluated, may be all that is known of an
// asset.
constexpr const char* k_select_runs =
    "SELECT r.number FROM runs r WHERE r.number > ?1 AND r.status IN (3, 4, 6) AND (?2 = 0 OR r.ended_at < ?2) "
    "AND (?3 = 0 OR r.number < (SELECT number FROM runs WHERE status IN (3, 4, 6) ORDER BY number DESC LIMIT 1 OFFSET ?3 - 1)) "
    "AND r.number NOT IN (SELECT last_run FROM assets) "
    "AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.run = r.number) "
    "AND NOT EXISTS (SELECT 1 FROM events e JOIN latest l ON l.asset = e.asset AND l.partition = coalesce(e.partition, 0) AND "
    "l.event = e.id WHERE e.run = r.number AND e.kind = 22) "
    "AND NOT EXISTS (SELECT 1 FROM events e JOIN assets a ON a.asset = e.asset WHERE e.run = r.number AND e.kind IN (23, 24) AND "
    "a.materialization = 0 AND a.last_run = 0) "
    "ORDER BY r.number LIMIT ?4";

std::vector<std::int64_t> runs_that_may_go(sqlite::Connection& connection, const PruneRequest& request) {
  sqlite::Statement select(connection, k_select_runs);
  std::vector<std::int64_t> numbers;
  auto row = select.use(request.after_run, request.ended_before, request.keep_runs, k_step_runs);
  while (row.next()) numbers.push_back(row.integer(0));
  return numbers;
}

}  // namespace

PruneResult prune_some(sqlite::Connection& connection, const PruneRequest& request) {
  PruneResult result;
  const auto candidates = runs_that_may_go(connection, request);
  sqlite::Statement last_event(connection, "SELECT coalesce(max(id), 0) FROM events WHERE run = ?");
  sqlite::Statement delete_events(connection, "DELETE FROM events WHERE run = ?");
  sqlite::Statement delete_attempts(connection, "DELETE FROM attempts WHERE run = ?");
  sqlite::Statement delete_edges(connection, "DELETE FROM step_edges WHERE run = ?");
  sqlite::Statement delete_steps(connection, "DELETE FROM steps WHERE run = ?");
  sqlite::Statement delete_run(connection, "DELETE FROM runs WHERE number = ?");
  for (const auto number : candidates) {
    auto last = last_event.use(number);
    if (last.next()) result.through = std::max(result.through, last.integer(0));
    delete_events.run(number);
    result.events += sqlite3_changes64(connection.raw());
    for (auto* statement : {&delete_attempts, &delete_edges, &delete_steps, &delete_run}) statement->run(number);
    result.runs.push_back(number);
    if (result.events >= k_step_events) break;
  }
  result.may_go_on = result.runs.size() < candidates.size() || static_cast<std::int64_t>(candidates.size()) == k_step_runs;
  sqlite::Statement(connection, "UPDATE counters SET value = max(value, ?) WHERE name = 'pruned_through'").run(result.through);
  return result;
}

std::int64_t used_bytes(sqlite::Connection& connection) {
  const auto pages = connection.integer("PRAGMA page_count") - connection.integer("PRAGMA freelist_count");
  return pages * connection.integer("PRAGMA page_size");
}

}  // namespace headrace::storage
