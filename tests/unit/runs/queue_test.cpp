// Limits, priorities and the queue of runs.
#include "engine.hpp"

namespace headrace::runs {
namespace {

using nlohmann::json;

class QueueTest : public EngineTest {
 protected:
  /// Steps that hang until their gate is opened: each asset has a FIFO of its own.
  json gated(const std::vector<std::string>& names) {
    json graph{{"assets", json::object()}, {"behavior", json::object()}, {"fields", json::object()}};
    for (const auto& name : names) {
      const std::string path = folder_ / ("gate-" + name);
      ::mkfifo(path.c_str(), 0600);
      graph["assets"][name] = json::array();
      graph["behavior"][name] = "hang:" + path;
    }
    return graph;
  }
  /// Lets the asset's running step go on. Opening waits for the step, so the loop must have given it out.
  void open_gate(const std::string& name) { std::ofstream(folder_ / ("gate-" + name)); }
  static json only(const std::string& name, json tags = json::object()) {
    return {{"assets", json::array({json::array({name})})}, {"tags", std::move(tags)}};
  }
};

TEST_F(QueueTest, RunsWaitForTheLimitInTheOrderOfTheirPriority) {
  folder_.write_graph(gated({"a", "b", "c", "d"}));
  Engine engine(folder_, {.limits = {.runs = 1}});
  engine.until_loaded();
  engine.launch(only("a"));
  engine.launch(only("b"));
  engine.launch(only("c"));
  engine.launch(only("d", {{"dagster/priority", "5"}}));
  engine.until_started(1, 0);
  for (int run : {2, 3, 4}) {
    EXPECT_EQ(engine.reader().run(run)->status, RunStatus::queued);
    EXPECT_EQ(engine.coordinator().held_by(run, -1), "runs (limit 1)");
  }
  const std::pair<int, const char*> order[] = {{1, "a"}, {4, "d"}, {2, "b"}, {3, "c"}};
  std::int64_t last_start = 0;
  for (auto [run, name] : order) {
    engine.until_started(run, 0);
    EXPECT_GE(engine.reader().run(run)->started_at, last_start);
    last_start = engine.reader().run(run)->started_at;
    open_gate(name);
    engine.until([&, r = run] { return is_final(engine.reader().run(r)->status); }, "end of the run");
  }
  engine.until_ended(3);
}

TEST_F(QueueTest, TheQueueSurvivesARestart) {
  folder_.write_graph(gated({"a", "b"}));
  {
    Engine engine(folder_, {.limits = {.runs = 1}});
    engine.until_loaded();
    engine.launch(only("a"));
    engine.launch(only("b"));
    engine.until_started(1, 0);
  }
  Engine engine(folder_, {.limits = {.runs = 1}});
  engine.until_loaded();
  EXPECT_EQ(engine.coordinator().held_by(2, -1), "runs (limit 1)");
  open_gate("a");
  engine.until_started(2, 0);
  open_gate("b");
  EXPECT_EQ(engine.until_ended(2).status, RunStatus::success);
  EXPECT_EQ(engine.reader().run(1)->status, RunStatus::success);
}

TEST_F(QueueTest, TheQueuesOrderSurvivesARestart) {
  folder_.write_graph(gated({"a", "b", "c"}));
  {
    Engine engine(folder_, {.limits = {.runs = 1}});
    engine.until_loaded();
    engine.launch(only("a"));
    engine.launch(only("b"));
    engine.launch(only("c", {{"dagster/priority", "5"}}));
    engine.until_started(1, 0);
  }
  Engine engine(folder_, {.limits = {.runs = 1}});
  engine.until_loaded();
  open_gate("a");
  engine.until_started(3, 0);
  EXPECT_EQ(engine.reader().run(2)->status, RunStatus::queued);
  open_gate("c");
  engine.until_started(2, 0);
  open_gate("b");
  EXPECT_EQ(engine.until_ended(2).status, RunStatus::success);
}

TEST_F(QueueTest, OneAssetIsWrittenByOneRunAtATimeAlsoAfterARestart) {
  folder_.write_graph(gated({"a"}));
  {
    Engine engine(folder_);
    engine.until_loaded();
    engine.launch(only("a"));
    engine.launch(only("a"));
    engine.until_started(1, 0);
  }
  Engine engine(folder_);
  engine.until_loaded();
  engine.until([&] { return engine.coordinator().waits_for(2, 0) == 1; }, "the second run's turn to wait");
  EXPECT_EQ(engine.count(2, EventKind::step_started), 0);
  open_gate("a");
  engine.until_started(2, 0);
  EXPECT_TRUE(is_final(engine.reader().steps(1)[0].status));
  open_gate("a");
  EXPECT_EQ(engine.until_ended(2).status, RunStatus::success);
}

TEST_F(QueueTest, ACanceledRunLeavesTheQueueAtOnce) {
  folder_.write_graph(gated({"a", "b"}));
  Engine engine(folder_, {.limits = {.runs = 1}});
  engine.until_loaded();
  engine.launch(only("a"));
  engine.launch(only("b"));
  engine.until_started(1, 0);
  engine.coordinator().cancel(2, [](Result<void>) {});
  engine.until([&] { return engine.reader().run(2)->status == RunStatus::canceled; }, "the cancellation");
  open_gate("a");
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
}

TEST_F(QueueTest, APoolIsNeverMoreThanFull) {
  auto graph = gated({"a", "b", "c"});
  for (const char* name : {"a", "b"}) graph["fields"][name] = {{"pool", "db"}};
  folder_.write_graph(graph);
  Engine engine(folder_, {.most_workers_per_run = 3, .limits = {.pools = {{"db", 1}}}});
  engine.until_loaded();
  engine.launch();
  engine.until_started(1, 0);
  engine.until_started(1, 2);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 1), 0);
  EXPECT_EQ(engine.coordinator().held_by(1, 1), "pool \"db\" (limit 1)");
  open_gate("a");
  engine.until_started(1, 1);
  open_gate("b");
  open_gate("c");
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
}

TEST_F(QueueTest, AFreedPoolGoesToTheOtherRunThatWaits) {
  auto graph = gated({"a", "b"});
  for (const char* name : {"a", "b"}) graph["fields"][name] = {{"pool", "db"}};
  folder_.write_graph(graph);
  Engine engine(folder_, {.limits = {.pools = {{"db", 1}}}});
  engine.until_loaded();
  engine.launch(only("a"));
  engine.until_started(1, 0);
  engine.launch(only("b"));
  EXPECT_EQ(engine.coordinator().held_by(2, 0), "pool \"db\" (limit 1)");
  open_gate("a");
  engine.until_started(2, 0);
  open_gate("b");
  engine.until_ended(2);
}

TEST_F(QueueTest, OneAssetIsWrittenByOneRunAtATime) {
  folder_.write_graph(gated({"a"}));
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch(only("a"));
  engine.until_started(1, 0);
  engine.launch(only("a"));
  EXPECT_EQ(engine.coordinator().waits_for(2, 0), 1);
  open_gate("a");
  engine.until_started(2, 0);
  EXPECT_TRUE(is_final(engine.reader().steps(1)[0].status));
  open_gate("a");
  engine.until_ended(2);
}

TEST_F(QueueTest, StepsOfHigherPriorityGoFirst) {
  auto graph = gated({});
  for (const char* name : {"a", "b", "c"}) graph["assets"][name] = json::array();
  graph["fields"]["c"] = {{"priority", 3}};
  graph["fields"]["b"] = {{"priority", 1}};
  folder_.write_graph(graph);
  Engine engine(folder_, {.most_workers_per_run = 1});
  engine.until_loaded();
  engine.launch();
  engine.until_ended(1);
  std::vector<int> order;
  for (const auto& event : engine.reader().run_events(1, 0, 1000))
    if (event.kind == EventKind::step_started) order.push_back(event.step);
  EXPECT_EQ(order, (std::vector<int>{2, 1, 0}));
}

}  // namespace
}  // namespace headrace::runs
