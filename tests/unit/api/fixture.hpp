// The API on a real server and a real event log, with a code location and a run launcher that the test controls.
#pragma once

#include <api/router.hpp>
#include <core/json.hpp>
#include <filesystem>

#include "../http/raw_client.hpp"

namespace headrace::api::testing {

using nlohmann::json;

class FakeWorkspace final : public code_locations::Workspace {
 public:
  std::shared_ptr<const code_locations::WorkspaceSnapshot> snapshot() const override {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }
  Result<void> reload(const std::string& name) override {
    if (!snapshot()->find(name)) return fail(ErrorCode::not_found, "There is no code location “" + name + "”.");
    ++reloads;
    return {};
  }
  void set(const json& definitions, std::shared_ptr<const code_locations::CodeOrigin> origin = nullptr) {
    auto parsed = Definitions::from_json("here", "hash" + std::to_string(++version_), definitions);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    auto next = std::make_shared<code_locations::WorkspaceSnapshot>();
    next->version = version_;
    next->definitions_hash = parsed->hash;
    code_locations::LocationView view;
    view.name = "here";
    view.state = code_locations::LocationState::loaded;
    view.loaded_at = 1'000'000;
    view.origin = std::move(origin);
    view.definitions = std::make_shared<const Definitions>(std::move(*parsed));
    auto graph = AssetGraph::build({view.definitions});
    if (!graph) throw std::runtime_error(graph.error().message);
    next->graph = std::make_shared<const AssetGraph>(std::move(*graph));
    next->locations.push_back(std::move(view));
    const std::lock_guard lock(mutex_);
    snapshot_ = next;
  }
  std::atomic<int> reloads = 0;

 private:
  mutable std::mutex mutex_;
  std::int64_t version_ = 0;
  std::shared_ptr<const code_locations::WorkspaceSnapshot> snapshot_;
};

class FakeLauncher final : public runs::RunLauncher {
 public:
  void launch(runs::RunRequest request, std::function<void(Result<runs::LaunchedRun>)> done) override {
    launched.push_back(std::move(request));
    done(next);
  }
  void cancel(std::int64_t number, std::function<void(Result<void>)> done) override {
    canceled.push_back(number);
    done(cancel_result);
  }
  void retry(std::int64_t number, runs::RetryFrom from, std::function<void(Result<runs::LaunchedRun>)> done) override {
    retried.emplace_back(number, from);
    done(next);
  }
  std::int64_t waits_for(std::int64_t, int step) const override { return step == 1 ? 7 : 0; }
  std::string held_by(std::int64_t, int step) const override { return step == 2 ? "pool \"db\" (limit 2)" : ""; }
  std::size_t living_workers() const override { return 3; }
  std::string trouble() const override { return ""; }

  std::vector<runs::RunRequest> launched;
  std::vector<std::int64_t> canceled;
  std::vector<std::pair<std::int64_t, runs::RetryFrom>> retried;
  Result<runs::LaunchedRun> next = runs::LaunchedRun{"01900000-0000-7000-8000-000000000001", 1, true};
  Result<void> cancel_result;
};

inline json asset(const std::string& name, std::vector<std::string> deps = {}, json more = json::object()) {
  json list = json::array();
  for (const auto& dep : deps)
    list.push_back({{"key", AssetKey::parse(dep)->to_json()}, {"input", dep}, {"input_manager_key", nullptr}});
  json one = {{"key", AssetKey::parse(name)->to_json()},
              {"step_key", name},
              {"group", "default"},
              {"description", nullptr},
              {"kinds", json::array({"python"})},
              {"tags", json::object()},
              {"owners", json::array()},
              {"code_version", nullptr},
              {"metadata", json::object()},
              {"is_external", false},
              {"deps", list},
              {"io_manager_key", "io_manager"},
              {"stores_output", true},
              {"required_resources", json::array({"io_manager"})},
              {"config", json::array()},
              {"partitions", nullptr},
              {"source", {{"file", "a.py"}, {"line", 3}}}};
  one.update(more);
  return one;
}

inline json config_field(const std::string& name, const std::string& source, json value, json env_var, bool is_set,
                         bool is_secret) {
  return {{"name", name},     {"type", "string"},          {"description", nullptr},
          {"source", source}, {"value", std::move(value)}, {"env_var", std::move(env_var)},
          {"is_set", is_set}, {"is_secret", is_secret},    {"is_required", false}};
}

inline json definitions(std::vector<json> assets, std::vector<json> config = {}) {
  return {{"assets", assets},
          {"resources", json::array({{{"key", "io_manager"},
                                      {"type", "my.IOManager"},
                                      {"description", nullptr},
                                      {"is_io_manager", true},
                                      {"in_memory", false},
                                      {"nested", json::array()},
                                      {"config", config}}})},
          {"env_vars", json::array()}};
}

class Api {
 public:
  Api() : home(make_home()), log(storage::EventLog::open(home, {})), readers(*log, 2) {
    workspace.set(definitions({asset("a"), asset("b", {"a"}), asset("c/d", {"b"})}));
    http::Settings settings;
    settings.limits.drain_time = std::chrono::milliseconds(200);
    server.emplace([this](async::AsioLoop& loop) { return make(loop); }, settings);
    log->set_commit_listener(
        [this](std::int64_t last_id) { server->loop().post([this, last_id] { streams->on_commit(last_id); }); });
  }
  ~Api() {
    server->loop().post([this] { streams->stop(); });
    server->stop();
    readers.stop();
    log.reset();
    server.reset();
    std::filesystem::remove_all(home);
  }

  std::filesystem::path home;
  FakeWorkspace workspace;
  FakeLauncher launcher;
  std::unique_ptr<storage::EventLog> log;
  live::ReaderPool readers;
  std::optional<live::EventStreams> streams;
  std::optional<Context> context;
  std::optional<http::testing::RunningServer> server;

  http::testing::RawAnswer ask(const std::string& bytes) {
    http::testing::RawClient client(server->port());
    return client.ask(bytes);
  }
  http::testing::RawAnswer get_raw(const std::string& target, const std::string& headers = "") {
    return ask(http::testing::request("GET", target, headers));
  }
  json get(const std::string& target, int status = 200) { return body(get_raw(target), status, target); }
  json post(const std::string& target, const std::string& bytes, int status) {
    return body(ask(http::testing::post_request(target, bytes)), status, target);
  }

  /// Commits and waits for it.
  void commit(std::vector<Event> events, std::optional<storage::WorkerRow> worker = {}) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<storage::EventLog::Appended>> done;
    storage::Batch batch;
    batch.events = std::move(events);
    batch.worker_created = std::move(worker);
    log->append(std::move(batch), [&](Result<storage::EventLog::Appended> result) {
      const std::lock_guard lock(mutex);
      done = std::move(result);
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done.has_value(); });
    if (!*done) throw std::runtime_error(done->error().message);
  }

  static std::string run_id(std::int64_t number) {
    char text[40];
    std::snprintf(text, sizeof text, "01900000-0000-7000-8000-%012d", static_cast<int>(number));
    return text;
  }
  /// A run of a, b and c/d (in this order, one after another), created.
  static Event created(std::int64_t number, std::vector<std::string> assets = {"a", "b", "c/d"}) {
    json steps = json::array();
    for (std::size_t i = 0; i < assets.size(); ++i)
      steps.push_back({{"step_key", assets[i]},
                       {"asset_key", AssetKey::parse(assets[i])->to_json()},
                       {"partition", nullptr},
                       {"code_location", 0},
                       {"io_manager_key", "io_manager"},
                       {"upstream", i == 0 ? json::array() : json::array({i - 1})}});
    return event(EventKind::run_created, number, -1, "",
                 {{"run_id", run_id(number)},
                  {"request_hash", "h"},
                  {"selection", "*"},
                  {"tags", {{"team", "x"}}},
                  {"config", json::object()},
                  {"code_locations", json::array({{{"name", "here"}, {"hash", "h"}}})},
                  {"steps", steps}});
  }
  static Event event(EventKind kind, std::int64_t run, int step, const std::string& asset_key, const json& payload) {
    Event one;
    one.kind = kind;
    one.time = 1'700'000'000'000'000;
    one.run = run;
    one.step = step;
    one.attempt = step >= 0 ? 1 : 0;
    one.asset_key = asset_key;
    one.payload = payload.dump();
    return one;
  }
  static Event started(std::int64_t run, int step, const std::string& key, json offsets = {0, 0, 0}) {
    return event(EventKind::step_started, run, step, key, {{"worker", 5}, {"offsets", offsets}});
  }
  static Event materialized(std::int64_t run, int step, const std::string& key) {
    return event(EventKind::materialized, run, step, key,
                 {{"asset_key", AssetKey::parse(key)->to_json()},
                  {"metadata", {{"nrows", {{"type", "int"}, {"value", 3}}}}},
                  {"stored", nullptr},
                  {"tags", json::object()}});
  }
  static Event ended(std::int64_t run, int step, const std::string& key, const std::string& status, json offsets = {10, 0, 0}) {
    json error = nullptr;
    if (status == "failure")
      error = {{"type", "ValueError"}, {"message", "bad row"}, {"stack", "…"}, {"file", "a.py"}, {"line", 7}, {"phase", "asset"}};
    return event(EventKind::step_ended, run, step, key,
                 {{"status", status}, {"error", error}, {"seconds", 0.5}, {"worker", 5}, {"offsets", offsets}});
  }
  /// A whole step that succeeds.
  static std::vector<Event> success(std::int64_t run, int step, const std::string& key) {
    return {started(run, step, key), materialized(run, step, key), ended(run, step, key, "success")};
  }

 private:
  static std::filesystem::path make_home() {
    std::string name = (std::filesystem::temp_directory_path() / "headrace-api-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    return name;
  }
  http::Router make(async::AsioLoop& loop) {
    streams.emplace(loop, *log, readers, event_renderer());
    context.emplace(Context{loop, *log, workspace, launcher, readers, *streams, home, "0.0", 1'000'000, {}, {}});
    return make_router(*context);
  }
  static json body(const http::testing::RawAnswer& answer, int status, const std::string& target) {
    EXPECT_EQ(answer.status, status) << target << "\n" << answer.body;
    EXPECT_TRUE(answer.has(status < 400 ? "Content-Type: application/json\r\n" : "Content-Type: application/problem+json\r\n"))
        << answer.head;
    auto parsed = parse_json(answer.body);
    EXPECT_TRUE(parsed) << answer.body;
    return parsed ? *parsed : json();
  }
};

}  // namespace headrace::api::testing
