// The run engine with everything real (SQLite, processes, journals) but HTTP; its code location is tests/locations/plain.py.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <async/asio_loop.hpp>
#include <code_locations/code_locations.hpp>
#include <runs/run_coordinator.hpp>
#include <storage/home.hpp>

#include <tests_dir.hpp>

namespace headrace::runs {

/// A folder of its own for one test, with GRAPH.json and a home in it.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "headrace-runs-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  void write_graph(const nlohmann::json& graph) const { std::ofstream(path_ / "GRAPH.json") << graph; }

 private:
  std::filesystem::path path_;
};

/// One daemon's worth of engine. Destroying it is what kill -9 is to the daemon: sockets close, nothing is said to anybody.
class Engine {
 public:
  explicit Engine(const TestFolder& folder, RunSettings settings = {}, bool recovers = true)
      : home_(storage::Home::open(folder / "home")),
        log_(storage::EventLog::open(home_.path(), {})),
        reader_(log_->open_reader()),
        reaper_(loop_),
        processes_(reaper_),
        locations_(services(), *log_),
        coordinator_(loop_, *log_, locations_, processes_, home_.path(), settings),
        graph_path_(folder / "GRAPH.json"),
        seen_(log_->last_id()) {
    log_->set_commit_listener([this](std::int64_t id) { loop_.post([this, id] { coordinator_.on_commit(id); }); });
    locations_.set_change_listener([this] { coordinator_.on_workspace_change(); });
    locations_.add({.name = "plain",
                    .argv = {"/usr/bin/env", "python3", std::string(k_tests_dir) + "/locations/plain.py", graph_path_},
                    .working_directory = folder / ""});
    if (recovers) coordinator_.recover();
  }

  /// Runs the loop until `is_done`; fails the test after a generous limit (a hang, not a wait).
  void until(const std::function<bool()>& is_done, const char* what) {
    bool late = false;
    auto limit = loop_.after(std::chrono::seconds(60), [&] { late = true; });
    while (!is_done() && !late) loop_.context().run_one();
    EXPECT_FALSE(late) << "waited in vain for: " << what;
    if (late) throw std::runtime_error(what);
  }
  void until_loaded() {
    until([this] { return locations_.snapshot()->graph->size() > 0; }, "definitions");
  }
  Result<LaunchedRun> launch(nlohmann::json body = {{"selection", "*"}}) {
    std::optional<Result<LaunchedRun>> answer;
    coordinator_.launch(*parse_run_request(body), [&](Result<LaunchedRun> result) { answer = std::move(result); });
    until([&] { return answer.has_value(); }, "answer to launch");
    return *answer;
  }
  storage::RunRow until_ended(std::int64_t run) {
    until(
        [&] {
          auto row = reader_->run(run);
          return row && is_final(row->status) && coordinator_.active_runs() == 0;
        },
        "end of the run");
    return *reader_->run(run);
  }
  std::map<std::string, std::string> statuses(std::int64_t run) {
    std::map<std::string, std::string> result;
    for (const auto& step : reader_->steps(run)) result[step.step_key] = to_string(step.status);
    return result;
  }
  std::string error_of(std::int64_t run, int step) {
    return nlohmann::json::parse(reader_->steps(run)[static_cast<std::size_t>(step)].error).value("message", "");
  }
  int count(std::int64_t run, EventKind kind, int step = -1) {
    int total = 0;
    for (const auto& event : reader_->run_events(run, 0, 100'000))
      total += event.kind == kind && (step < 0 || event.step == step);
    return total;
  }
  void until_started(std::int64_t run, int step) {
    until([&] { return count(run, EventKind::step_started, step) > 0; }, "start of the step");
  }

  async::AsioLoop& loop() { return loop_; }
  storage::Reader& reader() { return *reader_; }
  RunCoordinator& coordinator() { return coordinator_; }
  code_locations::CodeLocations& locations() { return locations_; }
  const std::filesystem::path& home() const { return home_.path(); }

 private:
  code_locations::LocationServices services() {
    code_locations::LocationServices result{.loop = loop_, .reaper = reaper_, .home = home_.path().string(), .environment = {}};
    result.environment = [](const code_locations::LocationSpec&) -> Result<code_locations::ProcessEnvironment> {
      code_locations::ProcessEnvironment environment;
      for (char** entry = environ; *entry; ++entry) environment.items.emplace_back(*entry);
      return environment;
    };
    result.first_restart_delay = std::chrono::milliseconds(1);
    return result;
  }

  async::AsioLoop loop_;
  storage::Home home_;
  std::unique_ptr<storage::EventLog> log_;
  std::unique_ptr<storage::Reader> reader_;
  code_locations::Reaper reaper_;
  code_locations::LinuxProcesses processes_;
  code_locations::CodeLocations locations_;
  RunCoordinator coordinator_;
  std::string graph_path_;
  std::int64_t seen_;
};

/// SIGCHLD is read from a descriptor: it must be blocked before any thread is made.
class EngineTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &child, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }
  TestFolder folder_;
};

}  // namespace headrace::runs
