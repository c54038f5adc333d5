// Events: what happened, in the order of the log. Numbers of kinds and statuses are stored and never change; only add.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <core/result.hpp>

namespace headrace {

enum class EventKind : int {
  daemon_started = 1,        ///< {version, pid}
  code_location_loaded = 2,  ///< {name, hash, language, worker_start, worker_start_reason, asset_count, resource_count}
  code_location_failed = 3,  ///< {name, error}
  run_created =
      10,  ///< {run_id, request_hash, selection: text or asset keys, tags, config, code_locations: [{name, hash}], steps:
           ///< [{step_key, asset_key, partition, code_location: index, io_manager_key, upstream: [step indices]}]}
  run_started = 11,          ///< {}
  run_canceling = 12,        ///< {by}
  run_ended = 13,            ///< {status: success|failure|canceled, message}
  definitions_changed = 14,  ///< {code_location, hash}: the run goes on with another version of its definitions
  step_started = 20,         ///< {worker, offsets}
  inputs_loaded = 21,        ///< {inputs: [{name, asset_key, metadata, seconds}], offsets}
  materialized = 22,         ///< {asset_key, partition, metadata, stored, data_version, tags, offsets}
  observed = 23,             ///< {asset_key, partition, metadata, offsets}
  check_evaluated = 24,      ///< later
  step_ended = 25,  ///< {status: success|failure|skipped|canceled|retrying, error, seconds, worker, offsets, retry_at: when the
                    ///< next attempt may begin (only where the status is retrying)}
};

enum class RunStatus : int { queued = 0, starting = 1, running = 2, success = 3, failure = 4, canceling = 5, canceled = 6 };
enum class StepStatus : int {
  waiting = 0,
  ready = 1,
  running = 2,
  success = 3,
  failure = 4,
  skipped = 5,
  canceled = 6,
  retrying = 7
};
/// As the graph shows an asset.
enum class AssetStatus : int { never = 0, in_progress = 1, materialized = 2, failed = 3, stale = 4 };

/// Names as the API and the stored payloads write them ("step_started", "canceling" …).
std::string_view to_string(EventKind kind);
std::string_view to_string(RunStatus status);
std::string_view to_string(StepStatus status);
std::string_view to_string(AssetStatus status);
Result<EventKind> event_kind_from(std::string_view name);
Result<RunStatus> run_status_from(std::string_view name);
Result<StepStatus> step_status_from(std::string_view name);

constexpr bool is_final(RunStatus s) { return s == RunStatus::success || s == RunStatus::failure || s == RunStatus::canceled; }
constexpr bool is_final(StepStatus s) {
  return s == StepStatus::success || s == StepStatus::failure || s == StepStatus::skipped || s == StepStatus::canceled;
}

/// One event. Before it is written `id` is 0; the log numbers it densely at commit.
struct Event {
  std::int64_t id = 0;
  EventKind kind = EventKind::daemon_started;
  int version = 1;             ///< of this kind's payload
  std::int64_t time = 0;       ///< microseconds since 1970-01-01 UTC
  std::int64_t run = 0;        ///< run number, 0: none
  int step = -1;               ///< index in the run's plan, -1: none
  int attempt = 0;             ///< 1, 2, …; 0: none
  std::string asset_key{};     ///< AssetKey::to_string(), empty: none
  std::string partition{};     ///< empty: none
  std::string payload = "{}";  ///< a JSON object, the fields named above
};

/// One sentence for the run's log, e.g. "Materialized setosa".
std::string message(const Event& event);

/// "2026-01-02T03:04:05.000006Z"
std::string to_rfc3339(std::int64_t microseconds);

}  // namespace headrace
