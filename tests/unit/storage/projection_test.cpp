// What each event does to the derived rows, as readers see them.
#include <storage/event_log.hpp>

#include "support.hpp"

namespace headrace::storage::testing {
namespace {

class Projection : public ::testing::Test {
 protected:
  /// After each test the stored rows must equal a fresh fold of the log.
  void TearDown() override { EXPECT_EQ(check_derived(home_.path()), ""); }
  RunRow run(std::int64_t number = 1) { return reader_->run(number).value(); }
  StepRow step(int index, std::int64_t run = 1) { return reader_->steps(run).at(static_cast<std::size_t>(index)); }

  TemporaryFolder home_;
  std::unique_ptr<EventLog> log_ = EventLog::open(home_.path(), {});
  std::unique_ptr<Reader> reader_ = log_->open_reader();
};

TEST_F(Projection, RunCreatedMakesAQueuedRunAndItsSteps) {
  must_append(*log_, {run_created(1, {{}, {0}, {0, 1}}, 1234)});
  const RunRow r = run();
  EXPECT_EQ(r.run_id, "run-1");
  EXPECT_EQ(r.status, RunStatus::queued);
  EXPECT_EQ(r.created_at, 1234);
  EXPECT_EQ(r.started_at, 0);
  EXPECT_EQ(r.ended_at, 0);
  EXPECT_EQ(r.selection, "\"*\"");
  EXPECT_EQ(json::parse(r.tags), json({{"team", "a"}}));
  EXPECT_EQ(r.request_hash, "hash-1");
  EXPECT_EQ(r.created_event, 1);
  EXPECT_EQ(r.steps_total, 3);
  EXPECT_EQ(reader_->run_number("run-1"), 1);
  EXPECT_FALSE(reader_->run_number("run-2"));
  EXPECT_FALSE(reader_->run(2));
  EXPECT_EQ(step(0).status, StepStatus::ready);
  EXPECT_EQ(step(0).step_key, "s0");
  EXPECT_EQ(step(0).asset_key, "s0");
  EXPECT_EQ(step(0).partition, "");
  EXPECT_EQ(step(0).code_location, "my_module");
  EXPECT_EQ(step(1).status, StepStatus::waiting);
  EXPECT_EQ(step(2).status, StepStatus::waiting);
}

TEST_F(Projection, AStepIsReadyOnceAllBeforeItSucceeded) {
  must_append(*log_, {run_created(1, {{}, {}, {0, 1}}), step_started(1, 0, 1, 1), step_ended(1, 0, 1, 2, "success")});
  EXPECT_EQ(step(2).status, StepStatus::waiting);
  must_append(*log_, {step_started(1, 1, 1, 3), step_ended(1, 1, 1, 4, "success")});
  EXPECT_EQ(step(2).status, StepStatus::ready);
}

TEST_F(Projection, NothingTakesLessThanNoTimeWhenTheClockIsSetBack) {
  must_append(*log_, {run_created(1, {{}}, 1000), run_event(EventKind::run_started, 1, 900), step_started(1, 0, 1, 800),
                      step_ended(1, 0, 1, 700, "success"), run_ended(1, 600, "success")});
  EXPECT_EQ(run().started_at, 1000);
  EXPECT_EQ(run().ended_at, 1000);
  EXPECT_EQ(step(0).started_at, 1000);
  EXPECT_EQ(step(0).ended_at, 1000);
}

TEST_F(Projection, AFailureFreesNothing) {
  must_append(
      *log_, {run_created(1, {{}, {0}}, 1), step_started(1, 0, 1, 1), step_ended(1, 0, 1, 2, "failure", {{"type", "ValueError"}}),
              step_ended(1, 1, 0, 3, "skipped"), run_ended(1, 4, "failure")});
  EXPECT_EQ(step(0).status, StepStatus::failure);
  EXPECT_EQ(json::parse(step(0).error)["type"], "ValueError");
  EXPECT_EQ(step(1).status, StepStatus::skipped);
  EXPECT_EQ(step(1).attempt, 0);
  const RunRow r = run();
  EXPECT_EQ(r.status, RunStatus::failure);
  EXPECT_EQ(r.ended_at, 4);
  EXPECT_EQ(r.message, "The run ended.");
  EXPECT_EQ(r.steps_failed, 1);
  EXPECT_EQ(r.steps_ended, 2);
  EXPECT_EQ(r.steps_succeeded, 0);
}

TEST_F(Projection, AttemptsKeepTheirRangeOfTheWorkersFiles) {
  must_append(*log_, {run_created(1, {{}}, 1), run_event(EventKind::run_started, 1, 5), step_started(1, 0, 1, 10, 7, {1, 2, 3})});
  EXPECT_EQ(run().status, RunStatus::running);
  EXPECT_EQ(run().started_at, 5);
  EXPECT_EQ(step(0).status, StepStatus::running);
  EXPECT_EQ(step(0).started_at, 10);
  auto attempt = reader_->attempt(1, 0, 1).value();
  EXPECT_EQ(attempt.worker_id, 7);
  EXPECT_EQ(attempt.begin[2], 3);
  EXPECT_EQ(attempt.end[0], -1);
  must_append(*log_, {step_ended(1, 0, 1, 20, "failure", {{"type", "E"}}, {100, 200, 300})});
  attempt = reader_->attempt(1, 0, 1).value();
  EXPECT_EQ(attempt.worker_id, 7);
  EXPECT_EQ(attempt.begin[0], 1);
  EXPECT_EQ(attempt.end[0], 100);
  EXPECT_EQ(attempt.end[2], 300);
  EXPECT_FALSE(reader_->attempt(1, 0, 2));
}

TEST_F(Projection, ARetryReopensTheStepAndTheCounts) {
  must_append(*log_, {run_created(1, {{}}), step_started(1, 0, 1, 1), step_ended(1, 0, 1, 2, "failure", {{"type", "E"}})});
  EXPECT_EQ(run().steps_failed, 1);
  must_append(*log_, {step_started(1, 0, 2, 3)});
  EXPECT_EQ(run().steps_failed, 0);
  EXPECT_EQ(run().steps_ended, 0);
  EXPECT_EQ(step(0).attempt, 2);
  EXPECT_EQ(step(0).error, "");
  EXPECT_EQ(step(0).ended_at, 0);
  must_append(*log_, {step_ended(1, 0, 2, 4, "success")});
  EXPECT_EQ(run().steps_succeeded, 1);
  EXPECT_EQ(run().steps_ended, 1);
}

TEST_F(Projection, AnEndSaidTwiceCountsOnce) {
  must_append(*log_, {run_created(1, {{}, {0}}), step_started(1, 0, 1, 1), step_ended(1, 0, 1, 2, "success"),
                      step_ended(1, 0, 1, 3, "failure")});
  EXPECT_EQ(step(0).status, StepStatus::success);
  EXPECT_EQ(step(0).ended_at, 2);
  EXPECT_EQ(run().steps_succeeded, 1);
  EXPECT_EQ(run().steps_ended, 1);
}

TEST_F(Projection, AStartThatIsOldNewsChangesNothing) {
  must_append(*log_, {run_created(1, {{}, {}}), step_started(1, 0, 1, 1), step_ended(1, 0, 1, 2, "success")});
  must_append(*log_, {step_started(1, 0, 1, 3), step_started(1, 0, 2, 4)});
  EXPECT_EQ(step(0).status, StepStatus::success);
  EXPECT_EQ(step(0).attempt, 1);
  EXPECT_EQ(run().steps_ended, 1);
  must_append(*log_, {step_started(1, 1, 2, 5), step_started(1, 1, 1, 6)});
  EXPECT_EQ(step(1).attempt, 2);
  EXPECT_EQ(step(1).started_at, 5);
}

TEST_F(Projection, AStepCanceledOnItsWayToAWorkerMayTurnOutToRun) {
  must_append(*log_, {run_created(1, {{}}), run_event(EventKind::run_canceling, 1, 1), step_ended(1, 0, 0, 2, "canceled")});
  EXPECT_EQ(run().steps_ended, 1);
  must_append(*log_, {step_started(1, 0, 1, 3)});
  EXPECT_EQ(step(0).status, StepStatus::running);
  EXPECT_EQ(run().steps_ended, 0);
  must_append(*log_, {step_ended(1, 0, 1, 4, "canceled"), run_ended(1, 5, "canceled")});
  EXPECT_EQ(run().steps_ended, 1);
}

TEST_F(Projection, CancelingGoesBeforeCanceledAndIsNotUndoneByALateStart) {
  must_append(*log_, {run_created(1, {{}}), run_event(EventKind::run_canceling, 1, 5)});
  EXPECT_EQ(run().status, RunStatus::canceling);
  must_append(*log_, {run_event(EventKind::run_started, 1, 6)});
  EXPECT_EQ(run().status, RunStatus::canceling);
  EXPECT_EQ(reader_->unfinished_runs(), std::vector<std::int64_t>{1});
  must_append(*log_, {step_ended(1, 0, 0, 7, "canceled"), run_ended(1, 8, "canceled")});
  EXPECT_EQ(run().status, RunStatus::canceled);
  EXPECT_TRUE(reader_->unfinished_runs().empty());
}

TEST_F(Projection, StepsThatNeverRanStayAsTheyWere) {
  must_append(*log_, {run_created(1, {{}, {0}}), run_ended(1, 8, "failure")});
  EXPECT_EQ(step(0).status, StepStatus::ready);
  EXPECT_EQ(step(1).status, StepStatus::waiting);
}

TEST_F(Projection, LatestMaterializationOfEachPartition) {
  must_append(*log_, {run_created(1, {{}}), step_started(1, 0, 1, 1)});
  const auto first = must_append(*log_, {materialized(1, 0, 1, 2, "s0", "a"), materialized(1, 0, 1, 3, "s0", "b"),
                                         materialized(1, 0, 1, 4, "s0", "a"), materialized(1, 0, 1, 5, "s0")});
  EXPECT_EQ(reader_->latest_materialization("s0", "a")->id, first + 2);
  EXPECT_EQ(reader_->latest_materialization("s0", "b")->id, first + 1);
  EXPECT_EQ(reader_->latest_materialization("s0", "")->id, first + 3);
  EXPECT_FALSE(reader_->latest_materialization("s0", "c"));
  EXPECT_FALSE(reader_->latest_materialization("unknown", ""));
  EXPECT_EQ(reader_->asset("s0")->materialization, first + 3);

  const auto all = reader_->materializations("s0", std::nullopt, 0, 10);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].id, first + 3);
  EXPECT_EQ(reader_->materializations("s0", std::nullopt, first + 3, 2).at(0).id, first + 2);
  const auto of_a = reader_->materializations("s0", "a", 0, 10);
  ASSERT_EQ(of_a.size(), 2u);
  EXPECT_EQ(of_a[0].id, first + 2);
  EXPECT_EQ(of_a[1].id, first);
  EXPECT_EQ(reader_->materializations("s0", "", 0, 10).size(), 1u);
  EXPECT_TRUE(reader_->materializations("s0", "c", 0, 10).empty());
}

TEST_F(Projection, AnAssetShowsTheOutcomeOfItsLatestAttempt) {
  must_append(*log_, {run_created(1, {{}}), step_started(1, 0, 1, 1)});
  EXPECT_EQ(reader_->asset("s0")->last_step, StepStatus::running);
  EXPECT_EQ(reader_->asset("s0")->last_run, 1);
  EXPECT_EQ(reader_->asset("s0")->materialization, 0);
  must_append(*log_, {step_ended(1, 0, 1, 2, "failure", {{"type", "E"}}), run_ended(1, 3, "failure")});
  EXPECT_EQ(reader_->asset("s0")->last_step, StepStatus::failure);
  // A step that never began leaves the failure standing.
  must_append(*log_, {run_created(2, {{}}), step_ended(2, 0, 0, 4, "canceled")});
  EXPECT_EQ(reader_->asset("s0")->last_step, StepStatus::failure);
  EXPECT_EQ(reader_->asset("s0")->last_run, 1);
}

TEST_F(Projection, AnObservationMakesAnAssetKnown) {
  EXPECT_TRUE(reader_->assets().empty());
  Event observed = event(EventKind::observed, 1, {{"asset_key", {"outside"}}});
  observed.asset_key = "outside";
  must_append(*log_, {observed});
  ASSERT_EQ(reader_->assets().size(), 1u);
  EXPECT_EQ(reader_->assets()[0].asset_key, "outside");
  EXPECT_EQ(reader_->assets()[0].materialization, 0);
  EXPECT_EQ(reader_->assets()[0].last_run, 0);
}

TEST_F(Projection, RunsAreFilteredAndPaged) {
  for (int n = 1; n <= 5; ++n)
    must_append(*log_, {run_created(n, n % 2 == 0 ? std::vector<std::vector<int>>{{}, {}} : std::vector<std::vector<int>>{{}})});
  must_append(*log_, {run_ended(2, 9, "success"), run_ended(5, 9, "success")});
  const auto numbers = [&](Reader::RunFilter filter) {
    std::vector<std::int64_t> found;
    for (const auto& r : reader_->runs(filter)) found.push_back(r.number);
    return found;
  };
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(numbers({}), (Numbers{5, 4, 3, 2, 1}));
  EXPECT_EQ(numbers({.before = 4, .limit = 2}), (Numbers{3, 2}));
  EXPECT_EQ(numbers({.status = RunStatus::success}), (Numbers{5, 2}));
  EXPECT_EQ(numbers({.asset_key = "s1"}), (Numbers{4, 2}));
  EXPECT_EQ(numbers({.status = RunStatus::queued, .asset_key = "s1"}), (Numbers{4}));
  EXPECT_EQ(numbers({.asset_key = "s0", .before = 3, .limit = 1}), (Numbers{2}));
  EXPECT_EQ(numbers({.asset_key = "unknown"}), Numbers{});
  EXPECT_EQ(reader_->unfinished_runs(), (Numbers{1, 3, 4}));
}

TEST_F(Projection, RunEventsAreThatRunsAlone) {
  must_append(*log_, {run_created(1, {{}}), run_created(2, {{}}), run_event(EventKind::run_started, 1, 3),
                      event(EventKind::daemon_started, 4)});
  const auto events = reader_->run_events(1, 0, 10);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].id, 1);
  EXPECT_EQ(events[1].id, 3);
  EXPECT_EQ(reader_->run_events(1, 1, 10).size(), 1u);
  EXPECT_EQ(reader_->run_events(1, 0, 1).size(), 1u);
}

TEST_F(Projection, RefusesWhatDoesNotFit) {
  must_append(*log_, {run_created(1, {{}}), step_started(1, 0, 2, 1)});
  const auto message = [&](Event e) { return append(*log_, batch({std::move(e)})).error().message; };
  EXPECT_NE(message(step_started(1, 0, 0, 2)).find("count from 1"), std::string::npos);
  EXPECT_NE(message(step_started(9, 0, 1, 2)).find("no such step"), std::string::npos);
  EXPECT_NE(message(run_ended(9, 2, "success")).find("no such run"), std::string::npos);
  EXPECT_NE(message(run_ended(1, 2, "running")).find("status"), std::string::npos);
  EXPECT_NE(message(step_ended(1, 0, 2, 2, "fine")).find("status"), std::string::npos);
  EXPECT_NE(message(run_created(3, {{1}})).find("step 1"), std::string::npos);
  EXPECT_NE(message(run_event(EventKind::run_created, 3, 1)).find("steps"), std::string::npos);
  Event broken = run_ended(1, 2, "success");
  broken.payload = "{";
  EXPECT_NE(message(broken).find("JSON"), std::string::npos);
  Event twice = run_created(3, {{}});
  twice.payload = run_created(1, {{}}).payload;  // another number, the same run_id
  EXPECT_EQ(append(*log_, batch({twice})).error().code, ErrorCode::conflict);
  EXPECT_EQ(log_->last_id(), 2);
}

}  // namespace
}  // namespace headrace::storage::testing
