// Pruning: what goes, what stays, and that what is left is a log like any other.
#include <fstream>

#include <storage/retention.hpp>

#include "random_run.hpp"

namespace headrace::storage::testing {
namespace {

/// A run of one step that makes `asset` and ends at `time`.
void make(EventLog& log, std::int64_t run, const std::string& asset, std::int64_t time, const std::string& partition = {}) {
  Event created = run_created(run, {{}}, time);
  auto payload = json::parse(created.payload);
  payload["steps"][0]["step_key"] = asset;
  payload["steps"][0]["asset_key"] = {asset};
  created.payload = payload.dump();
  must_append(log, {created, run_event(EventKind::run_started, run, time), step_started(run, 0, 1, time),
                    materialized(run, 0, 1, time, asset, partition), step_ended(run, 0, 1, time, "success"),
                    run_ended(run, time, "success")});
}

PruneResult prune_step(EventLog& log, const PruneRequest& request) {
  std::promise<Result<PruneResult>> answer;
  log.prune(request, [&](Result<PruneResult> result) { answer.set_value(std::move(result)); });
  auto result = answer.get_future().get();
  if (!result) throw std::runtime_error(result.error().message);
  return *result;
}

std::vector<std::int64_t> numbers(EventLog& log) {
  std::vector<std::int64_t> found;
  for (const auto& run : log.open_reader()->runs({.limit = 1000})) found.push_back(run.number);
  return found;
}
using Numbers = std::vector<std::int64_t>;

struct PruneTest : ::testing::Test {
  TemporaryFolder home;
  std::unique_ptr<EventLog> log = EventLog::open(home.path(), {});
};

TEST_F(PruneTest, WhatThePresentStateComesFromStays) {
  make(*log, 1, "a", 1000);
  make(*log, 2, "a", 2000);
  make(*log, 3, "b", 3000);
  make(*log, 4, "a", 4000);
  const auto before = log->open_reader()->latest_materialization("b", "")->id;
  EXPECT_EQ(prune_step(*log, {}).runs, (Numbers{1, 2}));
  EXPECT_EQ(numbers(*log), (Numbers{4, 3}));
  EXPECT_EQ(log->open_reader()->latest_materialization("b", "")->id, before);
  EXPECT_FALSE(log->open_reader()->run_number("run-1"));
  EXPECT_TRUE(log->open_reader()->run_events(1, 0, 10).empty());
  EXPECT_EQ(log->open_reader()->materializations("a", std::nullopt, 0, 10).size(), 1u);
  EXPECT_EQ(check_derived(home.path()), "");
}

TEST_F(PruneTest, EachPartitionKeepsItsLatest) {
  make(*log, 1, "a", 1000, "monday");
  make(*log, 2, "a", 2000, "tuesday");
  make(*log, 3, "a", 3000, "tuesday");
  EXPECT_EQ(prune_step(*log, {}).runs, (Numbers{2}));
  EXPECT_TRUE(log->open_reader()->latest_materialization("a", "monday"));
}

TEST_F(PruneTest, LimitsAreKept) {
  for (std::int64_t run = 1; run <= 6; ++run) make(*log, run, "a", run * 1000);
  EXPECT_EQ(prune_step(*log, {.ended_before = 3000}).runs, (Numbers{1, 2}));
  EXPECT_EQ(prune_step(*log, {.keep_runs = 3}).runs, (Numbers{3}));
  EXPECT_EQ(prune_step(*log, {.keep_runs = 100}).runs, Numbers{});
  EXPECT_EQ(prune_step(*log, {.after_run = 4}).runs, (Numbers{5}));
  EXPECT_EQ(numbers(*log), (Numbers{6, 4}));
}

TEST_F(PruneTest, RunsThatAreNotOverStay) {
  must_append(*log, {run_created(1, {{}, {}}), run_event(EventKind::run_started, 1, 1001), step_started(1, 0, 1, 1002)});
  Batch with_worker = batch({run_created(2, {{}}), run_event(EventKind::run_started, 2, 1001), run_ended(2, 1002, "canceled")});
  with_worker.worker_created = WorkerRow{1, 2, "my_module", 0};
  ASSERT_TRUE(append(*log, std::move(with_worker)));
  EXPECT_EQ(prune_step(*log, {}).runs, Numbers{});  // a worker of run 2 may still say something
  Batch gone;
  gone.worker_gone = 1;
  ASSERT_TRUE(append(*log, std::move(gone)));
  EXPECT_EQ(prune_step(*log, {}).runs, (Numbers{2}));
}

TEST_F(PruneTest, AStepIsSmallAndSaysWhetherThereIsMore) {
  for (std::int64_t run = 1; run <= 400; ++run) make(*log, run, "a", run * 1000);
  std::int64_t runs = 0;
  int steps = 0;
  for (bool more = true; more; ++steps) {
    const auto result = prune_step(*log, {});
    EXPECT_LE(result.events, 1'006);
    runs += static_cast<std::int64_t>(result.runs.size());
    more = result.may_go_on;
  }
  EXPECT_EQ(runs, 399);
  EXPECT_GE(steps, 3);
  EXPECT_EQ(log->pruned_through(), 399 * 6);
}

TEST_F(PruneTest, TheMarkStaysAndIdsGoOnBehindIt) {
  must_append(*log, {run_created(1, {}), run_event(EventKind::run_started, 1, 1001), run_ended(1, 1002, "success")});
  EXPECT_EQ(log->pruned_through(), 0);
  prune_step(*log, {});
  EXPECT_EQ(log->pruned_through(), 3);
  log.reset();
  log = EventLog::open(home.path(), {});
  EXPECT_EQ(log->pruned_through(), 3);
  EXPECT_EQ(log->last_id(), 3);
  EXPECT_EQ(must_append(*log, {event(EventKind::daemon_started, 1)}), 4);
  log.reset();
  rebuild(home.path());
  EXPECT_EQ(EventLog::open(home.path(), {})->pruned_through(), 3);
}

TEST_F(PruneTest, OfflineTheFileBecomesSmaller) {
  for (std::int64_t run = 1; run <= 500; ++run) make(*log, run, "a", run * 1000);
  fs::create_directories(home.path() / "runs" / "1" / "1");
  std::ofstream(home.path() / "runs" / "1" / "1" / "stdout") << std::string(1'000'000, 'x');
  log.reset();
  EXPECT_THROW(prune(home.path() / "nowhere", {.max_age = 1}, 1'000'000), StorageError);
  const auto before = fs::file_size(home.path() / "headrace.db");
  const auto result = prune(home.path(), {.max_age = 1, .keep_runs = 10}, 1'000'000);
  EXPECT_EQ(result.runs.size(), 490u);
  EXPECT_LT(fs::file_size(home.path() / "headrace.db"), before / 4);
  EXPECT_FALSE(fs::exists(home.path() / "runs" / "1"));
  EXPECT_EQ(check_derived(home.path()), "");
}

TEST_F(PruneTest, BySizeTheOldestGoUntilTheRestFits) {
  for (std::int64_t run = 1; run <= 50; ++run) {
    make(*log, run, "a", run * 1000);
    const auto folder = home.path() / "runs" / std::to_string(run) / "1";
    fs::create_directories(folder);
    std::ofstream(folder / "stdout") << std::string(100'000, 'x');
  }
  log.reset();
  EXPECT_TRUE(prune(home.path(), {.max_bytes = 1 << 30}, 1'000'000).runs.empty());
  const auto result = prune(home.path(), {.max_bytes = 3'000'000}, 1'000'000);
  EXPECT_GE(result.runs.size(), 20u);
  EXPECT_EQ(result.runs.front(), 1);
}

class PruneProperty : public ::testing::TestWithParam<unsigned> {};

TEST_P(PruneProperty, WhatIsLeftFoldsToTheRowsThatAreThere) {
  std::mt19937 random(GetParam());
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  std::vector<RandomRun> runs;
  for (std::int64_t number = 1; number <= 25; ++number) runs.emplace_back(number, random);
  while (!runs.empty()) {
    const auto run = runs.begin() + static_cast<std::ptrdiff_t>(random() % std::min<std::size_t>(runs.size(), 4));
    must_append(*log, run->take());
    if (run->done()) runs.erase(run);
    if (random() % 15 != 0) continue;
    const auto assets = log->open_reader()->assets();
    prune_step(*log, {.ended_before = static_cast<std::int64_t>(random() % 300'000),
                      .keep_runs = static_cast<std::int64_t>(random() % 5)});
    const auto after = log->open_reader()->assets();
    ASSERT_EQ(after.size(), assets.size());
    for (std::size_t i = 0; i < assets.size(); ++i) {
      ASSERT_EQ(after[i].materialization, assets[i].materialization);
      ASSERT_EQ(after[i].last_run, assets[i].last_run);
      ASSERT_EQ(after[i].last_step, assets[i].last_step);
      if (after[i].materialization > 0) {
        ASSERT_TRUE(log->open_reader()->event(after[i].materialization));
      }
    }
    ASSERT_EQ(check_derived(home.path()), "");
    if (random() % 4 == 0) log.reset(), log = EventLog::open(home.path(), {});
  }
  EXPECT_GT(log->pruned_through(), 0);
  log.reset();
  rebuild(home.path());
  EXPECT_EQ(check_derived(home.path()), "");
}

INSTANTIATE_TEST_SUITE_P(Seeds, PruneProperty, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace headrace::storage::testing
