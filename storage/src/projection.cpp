#include "projection.hpp"

#include <array>

#include <core/asset_key.hpp>
#include <fmt/core.h>

namespace headrace::storage {
namespace {

using nlohmann::json;

[[noreturn]] void invalid(const Event& event, const std::string& why) {
  throw InvalidEvent(fmt::format("event {} (run {}, step {}, attempt {}): {}", to_string(event.kind), event.run, event.step,
                                 event.attempt, why));
}

json parse_payload(const Event& event) {
  json payload = json::parse(event.payload, nullptr, false);
  if (!payload.is_object()) invalid(event, "the payload is not a JSON object");
  return payload;
}

/// A string field; "" when absent or null.
std::string text_of(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The JSON text of a field; `absent` when absent or null.
std::string json_of(const json& object, const char* field, const char* absent) {
  const auto found = object.find(field);
  return found != object.end() && !found->is_null() ? found->dump() : std::string(absent);
}

std::int64_t integer_of(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

/// `offsets`: the sizes of stdout, stderr and log; `absent` for each that is missing.
std::array<std::int64_t, 3> offsets_of(const json& payload, std::int64_t absent) {
  std::array<std::int64_t, 3> offsets{absent, absent, absent};
  const auto found = payload.find("offsets");
  if (found == payload.end() || !found->is_array()) return offsets;
  for (std::size_t i = 0; i < offsets.size() && i < found->size(); ++i) {
    if ((*found)[i].is_number_integer()) offsets[i] = (*found)[i].get<std::int64_t>();
  }
  return offsets;
}

}  // namespace

Projection::Projection(sqlite::Connection& c, Names& names)
    : connection_(c),
      names_(names),
      insert_run_(
          c,
          "INSERT INTO runs (number, run_id, status, created_at, selection, tags, request_hash, created_event, steps_total) "
          "VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?)"),
      insert_step_(c,
                   "INSERT INTO steps (run, step, step_key, asset, partition, code_location, status, missing) VALUES (?, ?, ?, "
                   "?, ?, ?, ?, ?)"),
      insert_edge_(c, "INSERT OR IGNORE INTO step_edges VALUES (?, ?, ?)"),
      // The wall clock may be set back meanwhile: what follows something is never told as before it.
      start_run_(c,
                 "UPDATE runs SET started_at = max(?2, created_at), status = CASE WHEN status IN (0, 1) THEN 2 ELSE status END "
                 "WHERE number = ?1"),
      cancel_run_(c, "UPDATE runs SET status = CASE WHEN status IN (0, 1, 2) THEN 5 ELSE status END WHERE number = ?"),
      end_run_(c, "UPDATE runs SET status = ?2, ended_at = max(?3, started_at, created_at), message = ?4 WHERE number = ?1"),
      delete_edges_(c, "DELETE FROM step_edges WHERE run = ?"),
      select_step_(c, "SELECT status, attempt, asset FROM steps WHERE run = ? AND step = ?"),
      start_step_(c,
                  "UPDATE steps SET status = 2, attempt = ?3, started_at = max(?4, (SELECT started_at FROM runs WHERE number = "
                  "?1)), ended_at = 0, error = '', retry_at = 0 WHERE run = ?1 AND step = ?2"),
      start_attempt_(
          c,
          "INSERT INTO attempts (run, step, attempt, worker, stdout_begin, stderr_begin, log_begin) VALUES (?, ?, ?, ?, ?, ?, ?) "
          "ON CONFLICT DO NOTHING"),
      end_step_(c,
                "UPDATE steps SET status = ?3, attempt = ?4, ended_at = max(?5, started_at), error = ?6, retry_at = ?7 WHERE run "
                "= ?1 AND step = ?2"),
      end_attempt_(c,
                   "INSERT INTO attempts VALUES (?1, ?2, ?3, ?4, 0, 0, 0, ?5, ?6, ?7) "
                   "ON CONFLICT DO UPDATE SET stdout_end = ?5, stderr_end = ?6, log_end = ?7"),
      count_steps_(c,
                   "UPDATE runs SET steps_succeeded = steps_succeeded + ?2, steps_failed = steps_failed + ?3, steps_ended = "
                   "steps_ended + ?4 "
                   "WHERE number = ?1"),
      lower_missing_(c,
                     "UPDATE steps SET missing = missing - 1 "
                     "WHERE run = ?1 AND step IN (SELECT downstream FROM step_edges WHERE run = ?1 AND upstream = ?2)"),
      make_ready_(c,
                  "UPDATE steps SET status = 1 WHERE run = ?1 AND missing = 0 AND status = 0 "
                  "AND step IN (SELECT downstream FROM step_edges WHERE run = ?1 AND upstream = ?2)"),
      asset_seen_(c, "INSERT OR IGNORE INTO assets (asset) VALUES (?)"),
      asset_step_(c,
                  "INSERT INTO assets (asset, last_run, last_step) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET last_run = ?2, "
                  "last_step = ?3"),
      asset_materialized_(
          c, "INSERT INTO assets (asset, materialization) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET materialization = ?2"),
      set_latest_(c, "INSERT INTO latest VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET event = ?3") {}

void Projection::apply(const Event& event, std::int64_t asset, std::int64_t partition) {
  switch (event.kind) {
    case EventKind::run_created:
      return run_created(event);
    case EventKind::run_started:
      start_run_.run(event.run, event.time);
      return must_have_changed(event);
    case EventKind::run_canceling:
      cancel_run_.run(event.run);
      return must_have_changed(event);
    case EventKind::run_ended:
      return run_ended(event);
    case EventKind::step_started:
      return step_started(event);
    case EventKind::step_ended:
      return step_ended(event);
    case EventKind::materialized:
      return materialized(event, asset, partition);
    case EventKind::observed:
    case EventKind::check_evaluated:
      if (asset != 0) asset_seen_.run(asset);
      return;
    case EventKind::inputs_loaded:
    case EventKind::daemon_started:
    case EventKind::code_location_loaded:
    case EventKind::code_location_failed:
    case EventKind::definitions_changed:
      return;
  }
}

void Projection::run_created(const Event& event) {
  const json payload = parse_payload(event);
  const auto steps = payload.find("steps");
  if (steps == payload.end() || !steps->is_array()) invalid(event, "the payload has no list of steps");
  const std::string run_id = text_of(payload, "run_id");
  if (event.run <= 0 || run_id.empty()) invalid(event, "the run has no number or no run_id");
  insert_run_.run(event.run, run_id, event.time, json_of(payload, "selection", "null"), json_of(payload, "tags", "{}"),
                  text_of(payload, "request_hash"), event.id, steps->size());

  const json locations = payload.value("code_locations", json::array());
  const auto size = static_cast<std::int64_t>(steps->size());
  for (std::int64_t index = 0; index < size; ++index) {
    const json& step = (*steps)[static_cast<std::size_t>(index)];
    if (!step.is_object()) invalid(event, fmt::format("step {} is not an object", index));
    std::int64_t missing = 0;
    for (const json& upstream : step.value("upstream", json::array())) {
      const std::int64_t from = upstream.is_number_integer() ? upstream.get<std::int64_t>() : -1;
      if (from < 0 || from >= size || from == index)
        invalid(event, fmt::format("step {} waits for step {}, which is not in the run", index, upstream.dump()));
      insert_edge_.run(event.run, from, index);
      missing += sqlite3_changes64(connection_.raw());
    }
    const auto key = step.find("asset_key");
    const bool has_asset = key != step.end() && key->is_array();
    const std::string asset = has_asset ? AssetKey(key->get<std::vector<std::string>>()).to_string() : text_of(step, "asset_key");
    const auto place = static_cast<std::size_t>(integer_of(step, "code_location"));
    const std::string location = place < locations.size() ? text_of(locations[place], "name") : std::string();
    insert_step_.run(event.run, index, names_.intern(text_of(step, "step_key")), names_.intern(asset),
                     names_.intern(text_of(step, "partition")), names_.intern(location),
                     static_cast<int>(missing == 0 ? StepStatus::ready : StepStatus::waiting), missing);
  }
}

void Projection::run_ended(const Event& event) {
  const json payload = parse_payload(event);
  const auto status = run_status_from(text_of(payload, "status"));
  if (!status || !is_final(*status)) invalid(event, "the status must be success, failure or canceled");
  end_run_.run(event.run, static_cast<int>(*status), event.time, text_of(payload, "message"));
  must_have_changed(event);
  delete_edges_.run(event.run);
}

void Projection::step_started(const Event& event) {
  const Step step = find_step(event);
  if (event.attempt < 1) invalid(event, "attempts count from 1");
  // Old news changes nothing: a start from before the present attempt, or of a step that has its end. Only a failed step may be
  // tried again, and one that was canceled on its way to a worker turns out to run.
  const bool may_reopen = step.status == StepStatus::failure || step.status == StepStatus::canceled;
  if (event.attempt < step.attempt || (is_final(step.status) && (!may_reopen || event.attempt == step.attempt))) return;
  const json payload = parse_payload(event);
  const auto begin = offsets_of(payload, 0);
  start_step_.run(event.run, event.step, event.attempt, event.time);
  start_attempt_.run(event.run, event.step, event.attempt, integer_of(payload, "worker"), begin[0], begin[1], begin[2]);
  count(event.run, step.status, StepStatus::running);
  if (step.asset != 0) asset_step_.run(step.asset, event.run, static_cast<int>(StepStatus::running));
}

void Projection::step_ended(const Event& event) {
  const json payload = parse_payload(event);
  const auto status = step_status_from(text_of(payload, "status"));
  if (!status || !(is_final(*status) || *status == StepStatus::retrying))
    invalid(event, "the status must be success, failure, skipped, canceled or retrying");
  const Step step = find_step(event);
  if (is_final(step.status) && event.attempt <= step.attempt) return;  // said twice: the first counts
  end_step_.run(event.run, event.step, static_cast<int>(*status), std::max(step.attempt, event.attempt), event.time,
                json_of(payload, "error", ""), *status == StepStatus::retrying ? integer_of(payload, "retry_at") : 0);
  if (event.attempt >= 1) {
    const auto end = offsets_of(payload, -1);
    end_attempt_.run(event.run, event.step, event.attempt, integer_of(payload, "worker"), end[0], end[1], end[2]);
    // A step that never began says nothing about its asset: the outcome of the last attempt stays.
    if (step.asset != 0) asset_step_.run(step.asset, event.run, static_cast<int>(*status));
  }
  count(event.run, step.status, *status);
  if (*status == StepStatus::success) set_free(event.run, event.step);
}

void Projection::materialized(const Event& event, std::int64_t asset, std::int64_t partition) {
  if (asset == 0) invalid(event, "no asset is named");
  asset_materialized_.run(asset, event.id);
  set_latest_.run(asset, partition, event.id);
}

Projection::Step Projection::find_step(const Event& event) {
  auto row = select_step_.use(event.run, event.step);
  if (!row.next()) invalid(event, "no such step in this run");
  return {static_cast<StepStatus>(row.small(0)), row.small(1), row.integer(2)};
}

void Projection::count(std::int64_t run, StepStatus before, StepStatus after) {
  const auto change = [&](auto is) { return static_cast<int>(is(after)) - static_cast<int>(is(before)); };
  const int succeeded = change([](StepStatus s) { return s == StepStatus::success; });
  const int failed = change([](StepStatus s) { return s == StepStatus::failure; });
  const int ended = change([](StepStatus s) { return is_final(s); });
  if (succeeded != 0 || failed != 0 || ended != 0) count_steps_.run(run, succeeded, failed, ended);
}

void Projection::set_free(std::int64_t run, int upstream) {
  lower_missing_.run(run, upstream);
  if (sqlite3_changes64(connection_.raw()) > 0) make_ready_.run(run, upstream);
}

void Projection::must_have_changed(const Event& event) {
  if (sqlite3_changes64(connection_.raw()) == 0) invalid(event, "no such run");
}

}  // namespace headrace::storage
