// Reader on a read-only connection of its own. Statements are prepared when first used.
#pragma once

#include <storage/event_log.hpp>

#include "event_row.hpp"
#include "sqlite/transaction.hpp"

namespace headrace::storage {

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(sqlite::Connection connection) : connection_(std::move(connection)) {}

  std::int64_t as_of() override;
  std::vector<Event> read_after(std::int64_t after, int limit) override;
  std::vector<Event> run_events(std::int64_t run, std::int64_t after, int limit) override;
  std::optional<Event> event(std::int64_t id) override;

  std::optional<RunRow> run(std::int64_t number) override;
  std::optional<std::int64_t> run_number(const std::string& run_id) override;
  std::vector<RunRow> runs(const RunFilter& filter) override;
  std::vector<std::int64_t> unfinished_runs() override;
  std::map<RunStatus, std::int64_t> run_counts() override;
  std::vector<StepRow> steps(std::int64_t run) override;
  std::optional<AttemptRow> attempt(std::int64_t run, int step, int attempt) override;

  std::vector<AssetRow> assets() override;
  std::optional<AssetRow> asset(const std::string& asset_key) override;
  std::optional<Event> latest_materialization(const std::string& asset_key, const std::string& partition) override;
  std::vector<Event> materializations(const std::string& asset_key, const std::optional<std::string>& partition,
                                      std::int64_t before, int limit) override;

  std::int64_t used_bytes() override;
  std::optional<std::string> definitions(const std::string& hash) override;
  std::vector<WorkerRow> workers() override;

 private:
  /// A statement that is prepared at its first use.
  class Query {
   public:
    explicit Query(const char* sql) : sql_(sql) {}
    template <class... Values>
    sqlite::Statement::Use use(sqlite::Connection& connection, const Values&... values) {
      if (!statement_) statement_.emplace(connection, sql_);
      return statement_->use(values...);
    }

   private:
    const char* sql_;
    std::optional<sqlite::Statement> statement_;
  };

  void begin() override;
  void end() override;
  /// 0: no such name, which no row can have.
  std::int64_t name_id(const std::string& name);

  sqlite::Connection connection_;
  int snapshots_ = 0;  // open ones, all in the outermost's transaction
  std::optional<sqlite::Transaction> transaction_;

  Query as_of_{
      "SELECT max((SELECT coalesce(max(id), 0) FROM events), (SELECT value FROM counters WHERE name = 'pruned_through'))"};
  Query read_after_{HEADRACE_SELECT_EVENTS "WHERE e.id > ? ORDER BY e.id LIMIT ?"};
  Query run_events_{HEADRACE_SELECT_EVENTS "WHERE e.run = ? AND e.id > ? ORDER BY e.id LIMIT ?"};
  Query event_{HEADRACE_SELECT_EVENTS "WHERE e.id = ?"};
  Query name_{"SELECT id FROM names WHERE name = ?"};

#define HEADRACE_RUN_COLUMNS                                                                                               \
  "r.number, r.run_id, r.status, r.created_at, r.started_at, r.ended_at, r.selection, r.tags, r.request_hash, r.message, " \
  "r.created_event, r.steps_total, r.steps_succeeded, r.steps_failed, r.steps_ended"
#define HEADRACE_SELECT_RUNS "SELECT " HEADRACE_RUN_COLUMNS " FROM runs r "
  Query run_{HEADRACE_SELECT_RUNS "WHERE r.number = ?"};
  Query run_number_{"SELECT number FROM runs WHERE run_id = ?"};
  Query runs_{HEADRACE_SELECT_RUNS "WHERE r.number < ? ORDER BY r.number DESC LIMIT ?"};
  Query runs_of_status_{HEADRACE_SELECT_RUNS "WHERE r.number < ? AND r.status = ? ORDER BY r.number DESC LIMIT ?"};
  // An asset may have several steps (partitions) in a run. In the order of the index, so that a page reads no more than it shows.
  Query runs_of_asset_{
      "SELECT " HEADRACE_RUN_COLUMNS
      " FROM steps s JOIN runs r ON r.number = s.run WHERE s.asset = ?1 AND s.run < ?2 AND (?3 < 0 OR r.status = ?3) "
      "GROUP BY s.run ORDER BY s.run DESC LIMIT ?4"};
  Query unfinished_{"SELECT number FROM runs WHERE status IN (0, 1, 2, 5) ORDER BY number"};
  Query run_counts_{"SELECT status, count(*) FROM runs GROUP BY status"};
  Query steps_{
      "SELECT s.step, k.name, a.name, p.name, l.name, s.status, s.attempt, s.started_at, s.ended_at, s.error, s.retry_at FROM "
      "steps s "
      "LEFT JOIN names k ON k.id = s.step_key LEFT JOIN names a ON a.id = s.asset LEFT JOIN names p ON p.id = s.partition "
      "LEFT JOIN names l ON l.id = s.code_location WHERE s.run = ? ORDER BY s.step"};
  Query attempt_{
      "SELECT worker, stdout_begin, stderr_begin, log_begin, stdout_end, stderr_end, log_end FROM attempts "
      "WHERE run = ? AND step = ? AND attempt = ?"};

// CROSS JOIN: from the assets to their names, never through all names.
#define HEADRACE_SELECT_ASSETS \
  "SELECT n.name, s.materialization, s.last_run, s.last_step FROM assets s CROSS JOIN names n ON n.id = s.asset "
  Query assets_{HEADRACE_SELECT_ASSETS "ORDER BY n.name"};
  Query asset_{HEADRACE_SELECT_ASSETS "WHERE s.asset = ?"};
  Query latest_{HEADRACE_SELECT_EVENTS "WHERE e.id = (SELECT event FROM latest WHERE asset = ? AND partition = ?)"};
  // `kind = 22` (materialized) is written out: only so may the index be used.
  Query materializations_{HEADRACE_SELECT_EVENTS "WHERE e.kind = 22 AND e.asset = ? AND e.id < ? ORDER BY e.id DESC LIMIT ?"};
  Query materializations_of_partition_{
      HEADRACE_SELECT_EVENTS
      "WHERE e.kind = 22 AND e.asset = ? AND coalesce(e.partition, 0) = ? AND e.id < ? ORDER BY e.id DESC LIMIT ?"};

  Query definitions_{"SELECT json FROM definitions WHERE hash = ?"};
  Query workers_{"SELECT worker_id, run, code_location, journal_offset FROM workers ORDER BY worker_id"};
};

}  // namespace headrace::storage
