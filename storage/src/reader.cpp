#include "reader.hpp"

#include <limits>

#include "prune.hpp"

namespace headrace::storage {
namespace {

constexpr std::int64_t k_newest = std::numeric_limits<std::int64_t>::max();

std::vector<Event> all_events(sqlite::Statement::Use row) {
  std::vector<Event> events;
  while (row.next()) events.push_back(event_from(row));
  return events;
}

std::optional<Event> one_event(sqlite::Statement::Use row) {
  if (!row.next()) return std::nullopt;
  return event_from(row);
}

RunRow run_from(const sqlite::Statement::Use& row) {
  RunRow run;
  run.number = row.integer(0);
  run.run_id = row.text(1);
  run.status = static_cast<RunStatus>(row.small(2));
  run.created_at = row.integer(3);
  run.started_at = row.integer(4);
  run.ended_at = row.integer(5);
  run.selection = row.text(6);
  run.tags = row.text(7);
  run.request_hash = row.text(8);
  run.message = row.text(9);
  run.created_event = row.integer(10);
  run.steps_total = row.integer(11);
  run.steps_succeeded = row.integer(12);
  run.steps_failed = row.integer(13);
  run.steps_ended = row.integer(14);
  return run;
}

std::vector<RunRow> all_runs(sqlite::Statement::Use row) {
  std::vector<RunRow> runs;
  while (row.next()) runs.push_back(run_from(row));
  return runs;
}

AssetRow asset_from(const sqlite::Statement::Use& row) {
  return {row.text(0), row.integer(1), row.integer(2), static_cast<StepStatus>(row.small(3))};
}

}  // namespace

std::int64_t SqliteReader::as_of() {
  auto row = as_of_.use(connection_);
  return row.next() ? row.integer(0) : 0;
}

std::vector<Event> SqliteReader::read_after(std::int64_t after, int limit) {
  return all_events(read_after_.use(connection_, after, limit));
}

std::vector<Event> SqliteReader::run_events(std::int64_t run, std::int64_t after, int limit) {
  return all_events(run_events_.use(connection_, run, after, limit));
}

std::optional<Event> SqliteReader::event(std::int64_t id) { return one_event(event_.use(connection_, id)); }

std::optional<RunRow> SqliteReader::run(std::int64_t number) {
  auto row = run_.use(connection_, number);
  if (!row.next()) return std::nullopt;
  return run_from(row);
}

std::optional<std::int64_t> SqliteReader::run_number(const std::string& run_id) {
  auto row = run_number_.use(connection_, run_id);
  if (!row.next()) return std::nullopt;
  return row.integer(0);
}

std::vector<RunRow> SqliteReader::runs(const RunFilter& filter) {
  const std::int64_t before = filter.before > 0 ? filter.before : k_newest;
  const int status = filter.status ? static_cast<int>(*filter.status) : -1;
  if (!filter.asset_key.empty()) {
    const auto asset = name_id(filter.asset_key);
    if (asset == 0) return {};
    return all_runs(runs_of_asset_.use(connection_, asset, before, status, filter.limit));
  }
  if (filter.status) return all_runs(runs_of_status_.use(connection_, before, status, filter.limit));
  return all_runs(runs_.use(connection_, before, filter.limit));
}

std::vector<std::int64_t> SqliteReader::unfinished_runs() {
  std::vector<std::int64_t> numbers;
  auto row = unfinished_.use(connection_);
  while (row.next()) numbers.push_back(row.integer(0));
  return numbers;
}

std::map<RunStatus, std::int64_t> SqliteReader::run_counts() {
  std::map<RunStatus, std::int64_t> counts;
  auto row = run_counts_.use(connection_);
  while (row.next()) counts[static_cast<RunStatus>(row.small(0))] = row.integer(1);
  return counts;
}

std::vector<StepRow> SqliteReader::steps(std::int64_t run) {
  std::vector<StepRow> steps;
  auto row = steps_.use(connection_, run);
  while (row.next()) {
    StepRow& step = steps.emplace_back();
    step.index = row.small(0);
    step.step_key = row.text(1);
    step.asset_key = row.text(2);
    step.partition = row.text(3);
    step.code_location = row.text(4);
    step.status = static_cast<StepStatus>(row.small(5));
    step.attempt = row.small(6);
    step.started_at = row.integer(7);
    step.ended_at = row.integer(8);
    step.error = row.text(9);
    step.retry_at = row.integer(10);
  }
  return steps;
}

std::optional<AttemptRow> SqliteReader::attempt(std::int64_t run, int step, int attempt) {
  auto row = attempt_.use(connection_, run, step, attempt);
  if (!row.next()) return std::nullopt;
  AttemptRow found;
  found.step = step;
  found.attempt = attempt;
  found.worker_id = row.integer(0);
  for (int i = 0; i < 3; ++i) {
    found.begin[i] = row.integer(1 + i);
    found.end[i] = row.integer(4 + i);
  }
  return found;
}

std::vector<AssetRow> SqliteReader::assets() {
  std::vector<AssetRow> assets;
  auto row = assets_.use(connection_);
  while (row.next()) assets.push_back(asset_from(row));
  return assets;
}

std::optional<AssetRow> SqliteReader::asset(const std::string& asset_key) {
  auto row = asset_.use(connection_, name_id(asset_key));
  if (!row.next()) return std::nullopt;
  return asset_from(row);
}

std::optional<Event> SqliteReader::latest_materialization(const std::string& asset_key, const std::string& partition) {
  const auto asset = name_id(asset_key), part = name_id(partition);
  if (asset == 0 || (part == 0 && !partition.empty())) return std::nullopt;
  return one_event(latest_.use(connection_, asset, part));
}

std::vector<Event> SqliteReader::materializations(const std::string& asset_key, const std::optional<std::string>& partition,
                                                  std::int64_t before, int limit) {
  const auto asset = name_id(asset_key);
  if (asset == 0) return {};
  if (before <= 0) before = k_newest;
  if (!partition) return all_events(materializations_.use(connection_, asset, before, limit));
  const auto part = name_id(*partition);
  if (part == 0 && !partition->empty()) return {};
  return all_events(materializations_of_partition_.use(connection_, asset, part, before, limit));
}

std::int64_t SqliteReader::used_bytes() { return storage::used_bytes(connection_); }

std::optional<std::string> SqliteReader::definitions(const std::string& hash) {
  auto row = definitions_.use(connection_, hash);
  if (!row.next()) return std::nullopt;
  return row.text(0);
}

std::vector<WorkerRow> SqliteReader::workers() {
  std::vector<WorkerRow> workers;
  auto row = workers_.use(connection_);
  while (row.next()) workers.push_back({row.integer(0), row.integer(1), row.text(2), row.integer(3)});
  return workers;
}

std::int64_t SqliteReader::name_id(const std::string& name) {
  if (name.empty()) return 0;
  auto row = name_.use(connection_, name);
  return row.next() ? row.integer(0) : 0;
}

void SqliteReader::begin() {
  if (snapshots_ == 0) {
    transaction_.emplace(connection_, sqlite::Transaction::Kind::read);
    try {
      as_of();  // SQLite takes the snapshot with the first read
    } catch (...) {
      transaction_.reset();  // nobody will end what has not begun
      throw;
    }
  }
  ++snapshots_;
}

void SqliteReader::end() {
  if (--snapshots_ == 0) transaction_.reset();
}

}  // namespace headrace::storage
