// Runs, steps, materializations and events as JSON. Payloads may come from an older or newer version: a field that is missing or
// of another type is null or empty, and only fields that the API knows go out.
#include <core/json.hpp>

#include "render.hpp"

namespace headrace::api {
namespace {

json field(const json& payload, const char* name, const json& otherwise) {
  const auto found = payload.find(name);
  return found != payload.end() && found->type() == otherwise.type() ? *found : otherwise;
}
json object_field(const json& payload, const char* name) { return field(payload, name, json::object()); }
json text_field(const json& payload, const char* name) {
  const auto found = payload.find(name);
  return found != payload.end() && found->is_string() ? *found : json(nullptr);
}
json number_field(const json& payload, const char* name) {
  const auto found = payload.find(name);
  return found != payload.end() && found->is_number() ? *found : json(nullptr);
}
json time_field(const json& payload, const char* name) {
  const auto found = payload.find(name);
  return found != payload.end() && found->is_number_integer() ? json(to_rfc3339(found->get<std::int64_t>())) : json(nullptr);
}
std::size_t count_field(const json& payload, const char* name) {
  const auto found = payload.find(name);
  return found != payload.end() && found->is_number_unsigned() ? found->get<std::size_t>()
         : found != payload.end() && found->is_array()         ? found->size()
                                                               : 0;
}

json stored_field(const json& payload) {
  const auto stored = object_field(payload, "stored");
  if (stored.empty()) return nullptr;
  return {{"uri", field(stored, "uri", "")},
          {"format", field(stored, "format", "")},
          {"schema", stored.contains("schema") ? stored["schema"] : json(nullptr)},
          {"bytes", number_field(stored, "bytes")},
          {"etag", text_field(stored, "etag")}};
}

/// `selection` and `assets` as asked for: a text, or a list of keys.
void add_targets(json& object, const json& asked) {
  object["selection"] = asked.is_string() ? asked : json(nullptr);
  object["assets"] = asked.is_array() ? asked : json(nullptr);
}

json inputs_json(const json& payload) {
  json inputs = json::array();
  for (const auto& input : field(payload, "inputs", json::array()))
    inputs.push_back({{"name", field(input, "name", "")},
                      {"asset_key", field(input, "asset_key", json::array())},
                      {"metadata", object_field(input, "metadata")},
                      {"seconds", number_field(input, "seconds")}});
  return inputs;
}

json event_data(EventKind kind, const json& payload) {
  const auto member = [&](const char* name) { return payload.contains(name) ? payload[name] : json(nullptr); };
  switch (kind) {
    case EventKind::daemon_started:
      return {{"version", field(payload, "version", "")}, {"pid", count_field(payload, "pid")}};
    case EventKind::code_location_loaded:
      return {{"name", field(payload, "name", "")},
              {"hash", field(payload, "hash", "")},
              {"language", field(payload, "language", "")},
              {"worker_start", field(payload, "worker_start", "fork")},
              {"worker_start_reason", text_field(payload, "worker_start_reason")},
              {"asset_count", count_field(payload, "asset_count")},
              {"resource_count", count_field(payload, "resource_count")}};
    case EventKind::code_location_failed:
      return {{"name", field(payload, "name", "")}, {"error", load_error_json(object_field(payload, "error"))}};
    case EventKind::run_created: {
      json data = {{"config", object_field(payload, "config")},
                   {"tags", object_field(payload, "tags")},
                   {"steps_total", count_field(payload, "steps")}};
      add_targets(data, member("selection"));
      return data;
    }
    case EventKind::run_canceling:
      return {{"by", text_field(payload, "by")}};
    case EventKind::run_ended:
      return {{"status", field(payload, "status", "failure")}, {"message", text_field(payload, "message")}};
    case EventKind::definitions_changed:
      return {{"code_location", field(payload, "code_location", "")}, {"hash", field(payload, "hash", "")}};
    case EventKind::step_started:
      return {{"worker", number_field(payload, "worker")}};
    case EventKind::inputs_loaded:
      return {{"inputs", inputs_json(payload)}};
    case EventKind::materialized:
      return {{"metadata", object_field(payload, "metadata")},
              {"stored", stored_field(payload)},
              {"data_version", text_field(payload, "data_version")},
              {"tags", object_field(payload, "tags")}};
    case EventKind::observed:
      return {{"metadata", object_field(payload, "metadata")}};
    case EventKind::step_ended:
      return {{"status", field(payload, "status", "failure")},
              {"error", step_error_json(member("error"))},
              {"seconds", number_field(payload, "seconds")},
              {"worker", number_field(payload, "worker")},
              {"retry_at", time_field(payload, "retry_at")}};
    case EventKind::run_started:
    case EventKind::check_evaluated:
      break;
  }
  return json::object();
}

json step_key_json(const Event& event, const RunName* run) {
  if (!run || event.step < 0 || static_cast<std::size_t>(event.step) >= run->step_keys.size()) return nullptr;
  return run->step_keys[static_cast<std::size_t>(event.step)];
}

}  // namespace

json materialization_json(const Event& event, const RunName* run) {
  const json payload = stored_json(event.payload, json::object());
  return {{"event_id", event.id},
          {"run_id", run ? run->run_id : ""},
          {"run_number", event.run},
          {"step_key", step_key_json(event, run)},
          {"asset_key", key_json(event.asset_key)},
          {"partition", text_or_null(event.partition)},
          {"timestamp", to_rfc3339(event.time)},
          {"metadata", object_field(payload, "metadata")},
          {"stored", stored_field(payload)}};
}

json run_json(const storage::RunRow& run) {
  json object = {{"run_id", run.run_id},
                 {"number", run.number},
                 {"status", to_string(run.status)},
                 {"created_at", to_rfc3339(run.created_at)},
                 {"started_at", time_or_null(run.started_at)},
                 {"ended_at", time_or_null(run.ended_at)},
                 {"tags", stored_json(run.tags, json::object())},
                 {"message", text_or_null(run.message)},
                 {"steps_total", run.steps_total},
                 {"steps_succeeded", run.steps_succeeded},
                 {"steps_failed", run.steps_failed},
                 {"steps_ended", run.steps_ended}};
  auto asked = parse_json(run.selection);
  add_targets(object, asked ? *asked : json(nullptr));
  return object;
}

json step_json(const storage::StepRow& step) {
  return {{"step_key", step.step_key},
          {"asset_key", key_json(step.asset_key)},
          {"partition", text_or_null(step.partition)},
          {"code_location", step.code_location},
          {"status", to_string(step.status)},
          {"attempt", step.attempt},
          {"started_at", time_or_null(step.started_at)},
          {"ended_at", time_or_null(step.ended_at)},
          {"error", step.error.empty() ? json(nullptr) : step_error_json(stored_json(step.error, json::object()))},
          {"retry_at", step.status == StepStatus::retrying ? time_or_null(step.retry_at) : json(nullptr)},
          {"waits_for", nullptr},
          {"held_by", nullptr}};
}

json event_json(const Event& event, const RunName* run) {
  const json payload = stored_json(event.payload, json::object());
  return {{"id", event.id},
          {"type", to_string(event.kind)},
          {"run_id", run ? json(run->run_id) : json(nullptr)},
          {"run_number", number_or_null(event.run)},
          {"step_key", step_key_json(event, run)},
          {"asset_key", key_or_null(event.asset_key)},
          {"partition", text_or_null(event.partition)},
          {"attempt", number_or_null(event.attempt)},
          {"timestamp", to_rfc3339(event.time)},
          {"message", message(event)},
          {"data", event_data(event.kind, payload)}};
}

}  // namespace headrace::api
