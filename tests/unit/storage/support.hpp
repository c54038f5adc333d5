// What the storage tests share: a home that goes with the test, short ways to say events, an append that waits.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <storage/event_log.hpp>

namespace headrace::storage::testing {

namespace fs = std::filesystem;
using nlohmann::json;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "headrace-storage-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline Event event(EventKind kind, std::int64_t time, json payload = json::object()) {
  Event e;
  e.kind = kind;
  e.time = time;
  e.payload = payload.dump();
  return e;
}

inline Event run_event(EventKind kind, std::int64_t run, std::int64_t time, json payload = json::object()) {
  Event e = event(kind, time, std::move(payload));
  e.run = run;
  return e;
}

inline Event step_event(EventKind kind, std::int64_t run, int step, int attempt, std::int64_t time,
                        json payload = json::object()) {
  Event e = run_event(kind, run, time, std::move(payload));
  e.step = step;
  e.attempt = attempt;
  return e;
}

/// One step for each entry, named and keyed s0, s1 …; the entry lists the steps it waits for.
inline Event run_created(std::int64_t run, const std::vector<std::vector<int>>& upstream, std::int64_t time = 1000) {
  json steps = json::array();
  for (std::size_t i = 0; i < upstream.size(); ++i) {
    const std::string name = "s" + std::to_string(i);
    steps.push_back({{"step_key", name},
                     {"asset_key", {name}},
                     {"partition", nullptr},
                     {"code_location", 0},
                     {"io_manager_key", "io_manager"},
                     {"upstream", upstream[i]}});
  }
  return run_event(EventKind::run_created, run, time,
                   {{"run_id", "run-" + std::to_string(run)},
                    {"request_hash", "hash-" + std::to_string(run)},
                    {"selection", "*"},
                    {"tags", {{"team", "a"}}},
                    {"config", json::object()},
                    {"code_locations", {{{"name", "my_module"}, {"hash", "abc"}}}},
                    {"steps", steps}});
}

inline Event step_started(std::int64_t run, int step, int attempt, std::int64_t time, std::int64_t worker = 1,
                          json offsets = {0, 0, 0}) {
  return step_event(EventKind::step_started, run, step, attempt, time, {{"worker", worker}, {"offsets", offsets}});
}

inline Event materialized(std::int64_t run, int step, int attempt, std::int64_t time, const std::string& asset,
                          const std::string& partition = {}) {
  Event e = step_event(
      EventKind::materialized, run, step, attempt, time,
      {{"asset_key", {asset}}, {"metadata", {{"path", {{"type", "path"}, {"value", "/data/" + asset}}}}}, {"stored", nullptr}});
  e.asset_key = asset;
  e.partition = partition;
  return e;
}

inline Event step_ended(std::int64_t run, int step, int attempt, std::int64_t time, const std::string& status,
                        json error = nullptr, json offsets = {10, 20, 30}) {
  return step_event(EventKind::step_ended, run, step, attempt, time,
                    {{"status", status}, {"error", std::move(error)}, {"seconds", 0.5}, {"worker", 1}, {"offsets", offsets}});
}

inline Event run_ended(std::int64_t run, std::int64_t time, const std::string& status) {
  return run_event(EventKind::run_ended, run, time, {{"status", status}, {"message", "The run ended."}});
}

inline Batch batch(std::vector<Event> events) {
  Batch b;
  b.events = std::move(events);
  return b;
}

/// Appends and waits for the answer.
inline Result<EventLog::Appended> append(EventLog& log, Batch b) {
  std::promise<Result<EventLog::Appended>> answer;
  log.append(std::move(b), [&](Result<EventLog::Appended> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

/// Appends events that must be taken; returns the first id.
inline std::int64_t must_append(EventLog& log, std::vector<Event> events) {
  const auto result = append(log, batch(std::move(events)));
  if (!result) throw std::runtime_error(result.error().message);
  return result->first_id;
}

}  // namespace headrace::storage::testing
