#include <core/event.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include <core/json.hpp>

#include "text.hpp"

namespace headrace {
namespace {

template <class Enum>
using Name = std::pair<Enum, std::string_view>;

// The names are stored in payloads and promised by the API: never change one, only add.
constexpr std::array<Name<EventKind>, 14> k_event_kinds{{
    {EventKind::daemon_started, "daemon_started"},
    {EventKind::code_location_loaded, "code_location_loaded"},
    {EventKind::code_location_failed, "code_location_failed"},
    {EventKind::run_created, "run_created"},
    {EventKind::run_started, "run_started"},
    {EventKind::run_canceling, "run_canceling"},
    {EventKind::run_ended, "run_ended"},
    {EventKind::definitions_changed, "definitions_changed"},
    {EventKind::step_started, "step_started"},
    {EventKind::inputs_loaded, "inputs_loaded"},
    {EventKind::materialized, "materialized"},
    {EventKind::observed, "observed"},
    {EventKind::check_evaluated, "check_evaluated"},
    {EventKind::step_ended, "step_ended"},
}};
constexpr std::array<Name<RunStatus>, 7> k_run_statuses{{
    {RunStatus::queued, "queued"},
    {RunStatus::starting, "starting"},
    {RunStatus::running, "running"},
    {RunStatus::success, "success"},
    {RunStatus::failure, "failure"},
    {RunStatus::canceling, "canceling"},
    {RunStatus::canceled, "canceled"},
}};
constexpr std::array<Name<StepStatus>, 8> k_step_statuses{{
    {StepStatus::waiting, "waiting"},
    {StepStatus::ready, "ready"},
    {StepStatus::running, "running"},
    {StepStatus::success, "success"},
    {StepStatus::failure, "failure"},
    {StepStatus::skipped, "skipped"},
    {StepStatus::canceled, "canceled"},
    {StepStatus::retrying, "retrying"},
}};
constexpr std::array<Name<AssetStatus>, 5> k_asset_statuses{{
    {AssetStatus::never, "never"},
    {AssetStatus::in_progress, "in_progress"},
    {AssetStatus::materialized, "materialized"},
    {AssetStatus::failed, "failed"},
    {AssetStatus::stale, "stale"},
}};

template <class Enum, std::size_t N>
std::string_view name_of(const std::array<Name<Enum>, N>& names, Enum value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  return "unknown";  // written by a newer version: shown, never interpreted
}

template <class Enum, std::size_t N>
Result<Enum> value_of(const std::array<Name<Enum>, N>& names, std::string_view text, std::string_view what) {
  std::vector<std::string> known;
  for (const auto& [value, name] : names) {
    if (name == text) return value;
    known.emplace_back(name);
  }
  return fail(ErrorCode::invalid, "unknown " + std::string(what) + " " + text::quote(text) + "; known are " + text::list(known));
}

// ---- sentences ---------------------------------------------------------------------------------------------------------
// A payload may come from an older or newer version, so that any field may be missing: sentences then say less.

std::string string_in(const nlohmann::json& json, const char* field) {
  const auto found = json.is_object() ? json.find(field) : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::size_t size_in(const nlohmann::json& json, const char* field) {
  const auto found = json.find(field);
  if (found == json.end()) return 0;
  return found->is_array() ? found->size() : found->is_number_unsigned() ? found->get<std::size_t>() : 0;
}

std::string with_detail(std::string sentence, const std::string& detail) {
  return detail.empty() ? sentence : sentence + ": " + detail;
}

/// "ValueError: bad row 17 in iris.csv (my_assets.py:21)"
std::string error_text(const nlohmann::json& payload) {
  const auto error = payload.find("error");
  if (error == payload.end()) return "";
  if (error->is_string()) return error->get<std::string>();
  if (!error->is_object()) return "";
  const std::string type = string_in(*error, "type"), what = string_in(*error, "message"), file = string_in(*error, "file");
  std::string result = type.empty() || what.empty() ? type + what : type + ": " + what;
  if (!file.empty()) {
    const auto line = size_in(*error, "line");
    result += " (" + file + (line > 0 ? ":" + std::to_string(line) : "") + ")";
  }
  return result;
}

std::string asset_of(const Event& event) {
  const std::string asset = event.asset_key.empty() ? "step " + std::to_string(event.step) : event.asset_key;
  return event.partition.empty() ? asset : asset + " (partition " + event.partition + ")";
}

std::string attempt_of(const Event& event) { return event.attempt > 1 ? " (attempt " + std::to_string(event.attempt) + ")" : ""; }

std::string loaded_message(const nlohmann::json& payload) {
  return "Loaded code location " + string_in(payload, "name") + ": " + text::count(size_in(payload, "asset_count"), "asset") +
         ", " + text::count(size_in(payload, "resource_count"), "resource");
}

std::string canceling_message(const nlohmann::json& payload) {
  const std::string by = string_in(payload, "by");
  return "Canceling the run" + (by.empty() ? "" : ", asked by " + by);
}

std::string run_ended_message(const nlohmann::json& payload) {
  const std::string status = string_in(payload, "status");
  const std::string verb = status == "success"    ? "succeeded"
                           : status == "failure"  ? "failed"
                           : status == "canceled" ? "canceled"
                                                  : "ended";
  return with_detail("Run " + verb, string_in(payload, "message"));
}

std::string inputs_message(const Event& event, const nlohmann::json& payload) {
  std::vector<std::string> names;
  if (const auto inputs = payload.find("inputs"); inputs != payload.end() && inputs->is_array()) {
    for (const auto& input : *inputs) names.push_back(string_in(input, "name"));
  }
  if (names.empty()) return asset_of(event) + " has no inputs to load";
  return "Loaded " + (names.size() <= 5 ? text::list(names) : text::count(names.size(), "input")) + " for " + asset_of(event);
}

/// "0.012 s", "3.4 s", "2 min 5 s"
std::string duration(double seconds) {
  char buffer[48];
  if (seconds < 1)
    std::snprintf(buffer, sizeof buffer, "%.3f s", seconds);
  else if (seconds < 100)
    std::snprintf(buffer, sizeof buffer, "%.1f s", seconds);
  else if (seconds < 1e12)
    std::snprintf(buffer, sizeof buffer, "%lld min %lld s", static_cast<long long>(seconds) / 60,
                  static_cast<long long>(seconds) % 60);
  else
    return "a very long time";
  return buffer;
}

std::string step_ended_message(const Event& event, const nlohmann::json& payload) {
  const std::string status = string_in(payload, "status"), who = asset_of(event) + attempt_of(event);
  if (status == "success") {
    const auto seconds = payload.find("seconds");
    return who + " succeeded" +
           (seconds != payload.end() && seconds->is_number() ? " in " + duration(seconds->get<double>()) : "");
  }
  if (status == "skipped") return with_detail("Skipped " + who, error_text(payload));
  if (status == "canceled") return with_detail("Canceled " + who, error_text(payload));
  if (status == "retrying") return with_detail(who + " failed and is tried again", error_text(payload));
  return with_detail(who + " failed", error_text(payload));
}

}  // namespace

std::string_view to_string(EventKind kind) { return name_of(k_event_kinds, kind); }
std::string_view to_string(RunStatus status) { return name_of(k_run_statuses, status); }
std::string_view to_string(StepStatus status) { return name_of(k_step_statuses, status); }
std::string_view to_string(AssetStatus status) { return name_of(k_asset_statuses, status); }
Result<EventKind> event_kind_from(std::string_view name) { return value_of(k_event_kinds, name, "event kind"); }
Result<RunStatus> run_status_from(std::string_view name) { return value_of(k_run_statuses, name, "run status"); }
Result<StepStatus> step_status_from(std::string_view name) { return value_of(k_step_statuses, name, "step status"); }

std::string message(const Event& event) {
  auto parsed = parse_json(event.payload);
  const nlohmann::json payload = parsed && parsed->is_object() ? std::move(*parsed) : nlohmann::json::object();
  switch (event.kind) {
    case EventKind::daemon_started:
      return "Headrace " + string_in(payload, "version") + " started";
    case EventKind::code_location_loaded:
      return loaded_message(payload);
    case EventKind::code_location_failed:
      return with_detail("Code location " + string_in(payload, "name") + " failed to load", error_text(payload));
    case EventKind::run_created:
      return "Created the run: " + text::count(size_in(payload, "steps"), "step");
    case EventKind::run_started:
      return "Started the run";
    case EventKind::run_canceling:
      return canceling_message(payload);
    case EventKind::run_ended:
      return run_ended_message(payload);
    case EventKind::definitions_changed:
      return "Went on with other definitions of " + string_in(payload, "code_location");
    case EventKind::step_started:
      return "Started " + asset_of(event) + attempt_of(event);
    case EventKind::inputs_loaded:
      return inputs_message(event, payload);
    case EventKind::materialized:
      return "Materialized " + asset_of(event);
    case EventKind::observed:
      return "Observed " + asset_of(event);
    case EventKind::check_evaluated:
      return "Evaluated a check of " + asset_of(event);
    case EventKind::step_ended:
      return step_ended_message(event, payload);
  }
  return "Event of kind " + std::to_string(static_cast<int>(event.kind));
}

std::string to_rfc3339(std::int64_t microseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::microseconds> time{std::chrono::microseconds{microseconds}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return buffer;
}

}  // namespace headrace
