// Attempts that follow failed ones, within a run; and runs that follow failed ones.
#include "engine.hpp"

namespace headrace::runs {
namespace {

using nlohmann::json;
using Statuses = std::map<std::string, std::string>;

class RetryTest : public EngineTest {};

json policy(int max_retries, double delay = 0) { return {{"retry_policy", {{"max_retries", max_retries}, {"delay", delay}}}}; }

TEST_F(RetryTest, AFailedAttemptIsFollowedByAnotherAsThePolicySays) {
  folder_.write_graph(
      {{"assets", {{"a", json::array()}, {"b", {"a"}}}}, {"behavior", {{"a", "fail_once"}}}, {"fields", {{"a", policy(2)}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.reader().steps(1)[0].attempt, 2);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 2);
  EXPECT_EQ(engine.count(1, EventKind::step_ended, 0), 2);
  EXPECT_EQ(engine.reader().steps(1)[0].error, "");
}

TEST_F(RetryTest, APolicyIsUsedUp) {
  folder_.write_graph(
      {{"assets", {{"a", json::array()}, {"b", {"a"}}}}, {"behavior", {{"a", "fail"}}}, {"fields", {{"a", policy(2)}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "failure"}, {"b", "skipped"}}));
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 3);
}

TEST_F(RetryTest, AWorkersDeathCountsAsAFailedAttempt) {
  folder_.write_graph({{"assets", {{"a", json::array()}}}, {"behavior", {{"a", "segfault"}}}, {"fields", {{"a", policy(1)}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 2);
}

TEST_F(RetryTest, TheAttemptsOwnWishGoesBeforeThePolicy) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", json::array()}}},
                       {"behavior", {{"a", "wish"}, {"b", "forbid"}}},
                       {"fields", {{"b", policy(5)}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "success"}, {"b", "failure"}}));
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 2);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 1), 1);
}

TEST_F(RetryTest, AWaitingRetryIsCanceledWithItsRun) {
  folder_.write_graph({{"assets", {{"a", json::array()}}}, {"behavior", {{"a", "fail"}}}, {"fields", {{"a", policy(1, 3600)}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  engine.until([&] { return engine.reader().steps(1)[0].status == StepStatus::retrying; }, "the retry");
  EXPECT_GT(engine.reader().steps(1)[0].retry_at, engine.reader().steps(1)[0].ended_at);
  engine.coordinator().cancel(1, [](Result<void>) {});
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::canceled);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "canceled"}}));
}

TEST_F(RetryTest, ADaemonThatStartsKeepsTheRetryThatWaits) {
  folder_.write_graph(
      {{"assets", {{"a", json::array()}}}, {"behavior", {{"a", "fail_once"}}}, {"fields", {{"a", policy(1, 0.3)}}}});
  {
    Engine engine(folder_);
    engine.until_loaded();
    engine.launch();
    engine.until([&] { return engine.reader().steps(1)[0].status == StepStatus::retrying; }, "the retry");
  }
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 2);
}

TEST_F(RetryTest, ADaemonThatStartsWaitsOnlyForWhatIsLeft) {
  folder_.write_graph(
      {{"assets", {{"a", json::array()}}}, {"behavior", {{"a", "failed_long_ago"}}}, {"fields", {{"a", policy(1, 3600)}}}});
  {
    Engine engine(folder_);
    engine.until_loaded();
    engine.launch();
    engine.until([&] { return engine.reader().steps(1)[0].status == StepStatus::retrying; }, "the retry");
  }
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 2);
}

class RerunTest : public EngineTest {
 protected:
  static Result<LaunchedRun> retry(Engine& engine, std::int64_t run, RetryFrom from) {
    std::optional<Result<LaunchedRun>> answer;
    engine.coordinator().retry(run, from, [&](Result<LaunchedRun> result) { answer = std::move(result); });
    engine.until([&] { return answer.has_value(); }, "answer to retry");
    return *answer;
  }
  static std::vector<std::string> keys(Engine& engine, std::int64_t run) {
    std::vector<std::string> result;
    for (const auto& step : engine.reader().steps(run)) result.push_back(step.step_key);
    return result;
  }
};

TEST_F(RerunTest, FromFailureTakesWhatDidNotSucceed) {
  folder_.write_graph(
      {{"assets", {{"a", json::array()}, {"b", {"a"}}, {"c", {"b"}}, {"d", {"a"}}}}, {"behavior", {{"b", "fail"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch({{"selection", "*"}, {"tags", {{"team", "ml"}}}});
  engine.until_ended(1);
  auto again = retry(engine, 1, RetryFrom::failure);
  ASSERT_TRUE(again) << again.error().message;
  engine.until_ended(again->number);
  EXPECT_EQ(keys(engine, again->number), (std::vector<std::string>{"b", "c"}));
  const auto tags = json::parse(engine.reader().run(again->number)->tags);
  const auto first = engine.reader().run(1)->run_id;
  EXPECT_EQ(tags, (json{{"team", "ml"}, {"dagster/parent_run_id", first}, {"dagster/root_run_id", first}}));

  auto third = retry(engine, again->number, RetryFrom::start);
  ASSERT_TRUE(third);
  engine.until_ended(third->number);
  EXPECT_EQ(keys(engine, third->number), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(json::parse(engine.reader().run(third->number)->tags)["dagster/root_run_id"], first);
}

TEST_F(RerunTest, NothingLeftToDoIsSaid) {
  folder_.write_graph({{"assets", {{"a", json::array()}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  engine.until_ended(1);
  EXPECT_EQ(retry(engine, 1, RetryFrom::failure).error().code, ErrorCode::conflict);
  EXPECT_EQ(retry(engine, 7, RetryFrom::failure).error().code, ErrorCode::not_found);
  EXPECT_TRUE(retry(engine, 1, RetryFrom::start));
  engine.until_ended(2);
}

TEST_F(RerunTest, ValuesKeptInMemoryAreMadeAgain) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}, {"c", {"b"}}, {"d", json::array()}}},
                       {"behavior", {{"c", "fail"}}},
                       {"in_memory", true}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  engine.until_ended(1);
  auto again = retry(engine, 1, RetryFrom::failure);
  ASSERT_TRUE(again) << again.error().message;
  engine.until_ended(again->number);
  EXPECT_EQ(keys(engine, again->number), (std::vector<std::string>{"a", "b", "c"}));
}

}  // namespace
}  // namespace headrace::runs
