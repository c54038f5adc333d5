#include <run_progress.hpp>

#include <algorithm>

namespace headrace::cli {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The value of a metadata entry, null: there is none.
json entry_of(const json& metadata, const char* label) {
  const auto found = metadata.is_object() ? metadata.find(label) : metadata.end();
  return metadata.is_object() && found != metadata.end() && found->is_object() ? found->value("value", json()) : json();
}

std::optional<std::int64_t> whole_number(const json& value) {
  return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

/// Built-in IO managers say path or uri, rows and bytes; Dagster's own labels are understood too.
StoredValue stored_value(const Event& event, const json& payload) {
  StoredValue value{.asset_key = event.asset_key, .partition = event.partition, .place = {}, .rows = {}, .bytes = {}};
  const auto metadata = payload.value("metadata", json::object()), stored = payload.value("stored", json());
  for (const char* label : {"path", "uri"})
    if (const auto place = entry_of(metadata, label); value.place.empty() && place.is_string()) value.place = place;
  if (value.place.empty()) value.place = text_of(stored, "uri");
  for (const char* label : {"rows", "dagster/row_count"})
    if (!value.rows) value.rows = whole_number(entry_of(metadata, label));
  value.bytes = stored.is_object() ? whole_number(stored.value("bytes", json())) : std::nullopt;
  if (!value.bytes) value.bytes = whole_number(entry_of(metadata, "bytes"));
  return value;
}

}  // namespace

int RunProgress::apply(const Event& event) {
  const auto payload = json::parse(event.payload, nullptr, false);
  if (event.kind == EventKind::run_created) {
    run_id_ = text_of(payload, "run_id");
    for (const auto& step : payload.value("steps", json::array())) steps_.push_back({.step_key = text_of(step, "step_key")});
  } else if (event.kind == EventKind::run_started) {
    status_ = RunStatus::running;
    started_at_ = event.time;
  } else if (event.kind == EventKind::run_canceling) {
    status_ = RunStatus::canceling;
  } else if (event.kind == EventKind::run_ended) {
    status_ = run_status_from(text_of(payload, "status")).value_or(RunStatus::failure);
    message_ = text_of(payload, "message");
    ended_at_ = event.time;
  }
  if (event.step < 0 || event.step >= static_cast<int>(steps_.size())) return -1;
  auto& step = steps_[static_cast<std::size_t>(event.step)];
  if (event.attempt > 0) step.attempt = event.attempt;
  if (event.kind == EventKind::step_started) {
    step.status = StepStatus::running;
    step.started_at = event.time;
  } else if (event.kind == EventKind::materialized) {
    step.stored.push_back(stored_value(event, payload));
  } else if (event.kind == EventKind::step_ended) {
    step.status = step_status_from(text_of(payload, "status")).value_or(StepStatus::failure);
    step.error = payload.value("error", json());
    step.ended_at = event.time;
  }
  return event.step;
}

int RunProgress::count(StepStatus status) const {
  return static_cast<int>(std::count_if(steps_.begin(), steps_.end(), [&](const auto& step) { return step.status == status; }));
}

int RunProgress::ended() const {
  return static_cast<int>(std::count_if(steps_.begin(), steps_.end(), [](const auto& step) { return is_final(step.status); }));
}

std::string headline(const json& error) {
  const auto type = text_of(error, "type"), message = text_of(error, "message");
  return type.empty() ? message : message.empty() ? type : type + ": " + message;
}

std::string place_of(const json& error) {
  const auto file = text_of(error, "file");
  const auto line = error.is_object() ? whole_number(error.value("line", json())) : std::nullopt;
  return file.empty() || !line ? file : file + ":" + std::to_string(*line);
}

json to_json(const RunProgress& progress, std::int64_t number) {
  const auto seconds = [](std::int64_t from, std::int64_t to) {
    return from > 0 && to >= from ? json(static_cast<double>(to - from) / 1e6) : json();
  };
  json steps = json::array(), stored = json::array();
  for (const auto& step : progress.steps()) {
    steps.push_back({{"step_key", step.step_key},
                     {"status", to_string(step.status)},
                     {"attempt", step.attempt},
                     {"seconds", seconds(step.started_at, step.ended_at)},
                     {"error", step.error}});
    for (const auto& value : step.stored)
      stored.push_back({{"asset_key", value.asset_key},
                        {"partition", value.partition.empty() ? json() : json(value.partition)},
                        {"place", value.place.empty() ? json() : json(value.place)},
                        {"rows", value.rows ? json(*value.rows) : json()},
                        {"bytes", value.bytes ? json(*value.bytes) : json()}});
  }
  return {{"number", number},
          {"run_id", progress.run_id()},
          {"status", to_string(progress.status())},
          {"seconds", seconds(progress.started_at(), progress.ended_at())},
          {"message", progress.message().empty() ? json() : json(progress.message())},
          {"steps", std::move(steps)},
          {"stored", std::move(stored)}};
}

}  // namespace headrace::cli
