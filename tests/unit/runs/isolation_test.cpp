// How many workers a run has, how many steps each takes, how each is started.
#include "engine.hpp"

#include <fcntl.h>

namespace headrace::runs {
namespace {

using nlohmann::json;
using Statuses = std::map<std::string, std::string>;

const json k_diamond{{"a", json::array()}, {"b", {"a"}}, {"c", {"a"}}, {"d", {"b", "c"}}};

class IsolationTest : public EngineTest {
 protected:
  /// The workers of a run, by the steps they ran.
  static std::map<std::int64_t, int> steps_by_worker(Engine& engine, std::int64_t run) {
    std::map<std::int64_t, int> result;
    for (const auto& event : engine.reader().run_events(run, 0, 1000))
      if (event.kind == EventKind::step_started) ++result[json::parse(event.payload)["worker"].get<std::int64_t>()];
    return result;
  }
};

TEST_F(IsolationTest, ByStepGivesEachItsOwnWorker) {
  folder_.write_graph({{"assets", k_diamond}, {"execution", {{"isolation", "step"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(steps_by_worker(engine, 1).size(), 4u);
}

// The spare worker is born while the last step ends: such a run must end too, whichever comes first.
TEST_F(IsolationTest, AWorkerBornTooLateDoesNotHoldUpItsRun) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}}, {"execution", {{"isolation", "step"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  for (int run = 1; run <= 20; ++run) {
    engine.launch();
    EXPECT_EQ(engine.until_ended(run).status, RunStatus::success);
  }
}

TEST_F(IsolationTest, InProcessIsOneWorkerForAll) {
  folder_.write_graph({{"assets", k_diamond}, {"execution", {{"isolation", "in_process"}}}});
  Engine engine(folder_, {.most_workers_per_run = 4});
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(steps_by_worker(engine, 1).size(), 1u);
}

TEST_F(IsolationTest, ARunsTagGoesBeforeTheDefinitions) {
  folder_.write_graph({{"assets", k_diamond}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch({{"selection", "*"}, {"tags", {{"headrace/isolation", "step"}}}});
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(steps_by_worker(engine, 1).size(), 4u);
  auto wrong = parse_run_request({{"selection", "*"}, {"tags", {{"headrace/isolation", "thread"}}}});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("in_process"), std::string::npos);
  EXPECT_FALSE(parse_run_request({{"selection", "*"}, {"tags", {{"dagster/priority", "high"}}}}));
}

TEST_F(IsolationTest, SpawnedByTag) {
  folder_.write_graph({{"assets", k_diamond}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch({{"selection", "*"}, {"tags", {{"headrace/isolation", "spawn"}}}});
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
}

// The worker does not wake the daemon for the start of its second step (core/protocol/README.md, section 3).
TEST_F(IsolationTest, AStepThatWokeNobodyIsSeenToRun) {
  const std::string fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}},
                       {"behavior", {{"b", "hang:" + fifo}}},
                       {"execution", {{"isolation", "in_process"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  engine.until_started(1, 1);
  const int writer = ::open(fifo.c_str(), O_WRONLY);
  ::close(writer);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
}

TEST_F(IsolationTest, AWorkerThatRetiresIsReplaced) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}}, {"behavior", {{"a", "retire"}}}});
  Engine engine(folder_, {.most_workers_per_run = 1});
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(steps_by_worker(engine, 1).size(), 2u);
}

TEST_F(IsolationTest, AValueThatWentWithItsWorkerIsNotReadAsIfItWereThere) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", json::array()}, {"c", {"a"}}, {"d", {"b"}}}},
                       {"behavior", {{"b", "segfault"}}},
                       {"fields", {{"b", {{"priority", -1}, {"retry_policy", {{"max_retries", 1}}}}}, {"c", {{"priority", -2}}}}},
                       {"in_memory", true}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "success"}, {"b", "failure"}, {"c", "failure"}, {"d", "skipped"}}));
  const auto rows = engine.reader().steps(1);
  const auto c = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.step_key == "c"; });
  EXPECT_NE(c->error.find("kept in the memory"), std::string::npos) << c->error;
}

}  // namespace
}  // namespace headrace::runs
