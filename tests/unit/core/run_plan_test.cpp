#include <core/run_plan.hpp>

#include <gtest/gtest.h>

#include "graphs.hpp"

namespace headrace {
namespace {

using testing::Random;
using Steps = std::vector<int>;

RunPlan plan_of(std::vector<Steps> upstream) { return RunPlan(std::move(upstream)); }

// 0 → 1 → 3, 0 → 2 → 3
RunPlan diamond() { return plan_of({{}, {0}, {0}, {1, 2}}); }

TEST(RunPlan, MakesStepsReadyAfterTheirUpstreams) {
  auto plan = diamond();
  EXPECT_EQ(plan.begin().ready, Steps{0});
  plan.started(0, 1);
  EXPECT_EQ(plan.status(0), StepStatus::running);
  EXPECT_EQ(plan.attempt(0), 1);
  EXPECT_EQ(plan.ended(0, StepStatus::success).ready, (Steps{1, 2}));
  EXPECT_EQ(plan.ended(2, StepStatus::success).ready, Steps{});
  EXPECT_FALSE(plan.finished());
  EXPECT_EQ(plan.ended(1, StepStatus::success).ready, Steps{3});
  plan.ended(3, StepStatus::success);
  EXPECT_TRUE(plan.finished());
  EXPECT_EQ(plan.outcome(), RunStatus::success);
}

TEST(RunPlan, FailureSkipsWhatIsBehindAndNothingElse) {
  auto plan = plan_of({{}, {}, {0}, {2}, {1}, {3, 4}});
  plan.begin();
  const auto change = plan.ended(0, StepStatus::failure);
  EXPECT_EQ(change.skipped, (Steps{2, 3, 5}));
  EXPECT_EQ(change.ready, Steps{});
  EXPECT_EQ(plan.ended(1, StepStatus::success).ready, Steps{4});
  plan.ended(4, StepStatus::success);
  EXPECT_TRUE(plan.finished());
  EXPECT_EQ(plan.status(5), StepStatus::skipped);
  EXPECT_EQ(plan.outcome(), RunStatus::failure);
}

TEST(RunPlan, EndsAreIdempotent) {
  auto plan = diamond();
  plan.begin();
  plan.ended(0, StepStatus::success);
  const auto again = plan.ended(0, StepStatus::failure);
  EXPECT_TRUE(again.ready.empty() && again.skipped.empty());
  EXPECT_EQ(plan.status(0), StepStatus::success);
  plan.ended(1, StepStatus::success);
  plan.ended(1, StepStatus::success);
  EXPECT_EQ(plan.status(3), StepStatus::waiting);
}

TEST(RunPlan, OneUpstreamNamedTwiceIsWaitedForOnce) {
  auto plan = plan_of({{}, {0, 0}});
  plan.begin();
  EXPECT_EQ(plan.ended(0, StepStatus::success).ready, Steps{1});
}

TEST(RunPlan, RetriesKeepDownstreamWaiting) {
  auto plan = diamond();
  plan.begin();
  plan.started(0, 1);
  plan.retrying(0);
  EXPECT_EQ(plan.status(0), StepStatus::retrying);
  EXPECT_FALSE(plan.finished());
  EXPECT_EQ(plan.retry(0).ready, Steps{0});
  EXPECT_EQ(plan.retry(0).ready, Steps{});
  plan.started(0, 2);
  EXPECT_EQ(plan.attempt(0), 2);
  EXPECT_EQ(plan.ended(0, StepStatus::success).ready, (Steps{1, 2}));
}

TEST(RunPlan, CancelStopsAllButRunningSteps) {
  auto plan = diamond();
  plan.begin();
  plan.started(0, 1);
  plan.ended(0, StepStatus::success);
  plan.started(1, 1);
  EXPECT_EQ(plan.cancel().skipped, (Steps{2, 3}));
  EXPECT_EQ(plan.status(2), StepStatus::canceled);
  EXPECT_FALSE(plan.finished());
  EXPECT_EQ(plan.cancel().skipped, Steps{});
  const auto last = plan.ended(1, StepStatus::success);
  EXPECT_TRUE(last.ready.empty() && last.skipped.empty());
  EXPECT_TRUE(plan.finished());
  EXPECT_EQ(plan.outcome(), RunStatus::canceled);
}

TEST(RunPlan, CancelBeforeTheBeginning) {
  auto plan = diamond();
  EXPECT_EQ(plan.cancel().skipped, (Steps{0, 1, 2, 3}));
  EXPECT_TRUE(plan.begin().ready.empty());
  EXPECT_EQ(plan.outcome(), RunStatus::canceled);
}

TEST(RunPlan, CancelThatComesTooLateChangesNothing) {
  auto plan = plan_of({Steps{}});
  plan.begin();
  plan.started(0, 1);
  plan.cancel();
  plan.ended(0, StepStatus::success);
  EXPECT_EQ(plan.outcome(), RunStatus::success);
}

TEST(RunPlan, NoAttemptFollowsInACanceledRun) {
  auto plan = diamond();
  plan.begin();
  plan.started(0, 1);
  plan.cancel();
  plan.retrying(0);
  EXPECT_TRUE(plan.finished());
  EXPECT_TRUE(plan.retry(0).ready.empty());
  EXPECT_EQ(plan.outcome(), RunStatus::canceled);
}

TEST(RunPlan, AStepOnItsWayToAWorkerIsFollowedThroughACancellation) {
  auto plan = diamond();
  plan.begin();
  plan.cancel();       // as the log has it: canceled first …
  plan.started(0, 1);  // … and then the start that was on its way
  EXPECT_EQ(plan.status(0), StepStatus::running);
  EXPECT_FALSE(plan.finished());
  plan.ended(0, StepStatus::canceled);
  EXPECT_TRUE(plan.finished());
  EXPECT_EQ(plan.outcome(), RunStatus::canceled);
}

TEST(RunPlan, AStepThatWaitsMayBeGivenAhead) {
  auto plan = plan_of({{}, {0}, {1}});
  plan.begin();
  plan.started(0, 1);
  plan.given_ahead(1, 1);
  plan.given_ahead(2, 1);
  EXPECT_TRUE(plan.ended(0, StepStatus::success).ready.empty());  // its worker has it already
  EXPECT_EQ(plan.missing(1), 0);
  EXPECT_TRUE(plan.ended(1, StepStatus::success).ready.empty());
  plan.ended(2, StepStatus::success);
  EXPECT_EQ(plan.outcome(), RunStatus::success);
}

TEST(RunPlan, WhatWasGivenAheadAndComesBackWaitsOrIsReady) {
  auto plan = plan_of({{}, {0}, {1}});
  plan.begin();
  plan.started(0, 1);
  plan.given_ahead(1, 1);
  plan.given_ahead(2, 1);
  EXPECT_FALSE(plan.put_back(2));
  EXPECT_FALSE(plan.put_back(1));
  EXPECT_EQ(plan.status(1), StepStatus::waiting);
  EXPECT_EQ(plan.ended(0, StepStatus::success).ready, Steps{1});
  plan.started(1, 1);
  EXPECT_TRUE(plan.put_back(1));
  EXPECT_EQ(plan.status(1), StepStatus::ready);
  EXPECT_EQ(plan.ended(1, StepStatus::failure).skipped, Steps{2});
  EXPECT_FALSE(plan.put_back(2));
}

TEST(RunPlan, WhatComesBackInACanceledRunIsCanceled) {
  auto plan = plan_of({{}, {0}});
  plan.begin();
  plan.started(0, 1);
  plan.given_ahead(1, 1);
  plan.cancel();
  EXPECT_FALSE(plan.put_back(1));
  plan.ended(0, StepStatus::canceled);
  EXPECT_TRUE(plan.finished());
  EXPECT_EQ(plan.outcome(), RunStatus::canceled);
}

TEST(RunPlan, AStepCanceledByItselfSkipsAndCancelsTheRun) {
  auto plan = plan_of({{}, {0}});
  plan.begin();
  EXPECT_EQ(plan.ended(0, StepStatus::canceled).skipped, Steps{1});
  EXPECT_EQ(plan.outcome(), RunStatus::canceled);
}

TEST(RunPlan, NothingToDoIsSuccess) {
  auto plan = plan_of(std::vector<Steps>{});
  EXPECT_TRUE(plan.begin().ready.empty());
  EXPECT_TRUE(plan.finished());
  EXPECT_EQ(plan.outcome(), RunStatus::success);
}

TEST(RunPlan, AVeryDeepChainIsNoProblem) {
  std::vector<Steps> chain(100'000);
  for (int i = 1; i < 100'000; ++i) chain[static_cast<std::size_t>(i)] = {i - 1};
  RunPlan plan(std::move(chain));
  plan.begin();
  EXPECT_EQ(plan.ended(0, StepStatus::failure).skipped.size(), 99'999u);
  EXPECT_TRUE(plan.finished());
}

// ---- random graphs, random ends --------------------------------------------------------------------------------------------

/// What happened to a plan, to do it again to another.
struct Log {
  enum class Kind { started, ended, retrying, retry, cancel } kind;
  int step = 0, attempt = 0;
  StepStatus status = StepStatus::success;
};

void apply(RunPlan& plan, const Log& entry) {
  switch (entry.kind) {
    case Log::Kind::started:
      return plan.started(entry.step, entry.attempt);
    case Log::Kind::ended:
      plan.ended(entry.step, entry.status);
      return;
    case Log::Kind::retrying:
      return plan.retrying(entry.step);
    case Log::Kind::retry:
      plan.retry(entry.step);
      return;
    case Log::Kind::cancel:
      plan.cancel();
      return;
  }
}

/// Drives a plan to its end by random choices and checks every promise on the way.
class Drive {
 public:
  explicit Drive(std::uint32_t seed)
      : random_(seed), upstream_(testing::random_upstreams(random_, 1 + random_.below(40))), plan_(upstream_) {}

  void run() {
    take(plan_.begin());
    const bool cancels = random_.chance(20);
    for (int turn = 0; !plan_.finished(); ++turn) {
      ASSERT_LT(turn, 10'000) << "no progress";
      if (cancels && !canceled_ && random_.chance(10))
        cancel();
      else if (!ready_.empty() && (running_.empty() || random_.chance(50)))
        start();
      else if (!running_.empty())
        end();
      else if (!retrying_.empty())
        retry();
    }
    check_ends();
    check_replay();
  }

 private:
  void take(const RunPlan::Change& change) {
    for (const int step : change.ready) {
      EXPECT_FALSE(canceled_) << "became ready in a canceled run";
      EXPECT_EQ(plan_.status(step), StepStatus::ready);
      for (const int up : upstream_[static_cast<std::size_t>(step)])
        EXPECT_EQ(plan_.status(up), StepStatus::success) << "ready before its upstream";
      ready_.push_back(step);
    }
  }
  int pick(Steps& from) {
    const auto i = static_cast<std::size_t>(random_.below(static_cast<int>(from.size())));
    const int step = from[i];
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
    return step;
  }
  void note(Log entry) { log_.push_back(entry); }

  void start() {
    const int step = pick(ready_);
    plan_.started(step, plan_.attempt(step) + 1);
    note({Log::Kind::started, step, plan_.attempt(step)});
    running_.push_back(step);
  }
  void end() {
    const int step = pick(running_);
    if (random_.chance(15)) {
      plan_.retrying(step);
      note({Log::Kind::retrying, step});
      if (!canceled_) retrying_.push_back(step);
      return;
    }
    const StepStatus status = random_.chance(80)   ? StepStatus::success
                              : random_.chance(80) ? StepStatus::failure
                                                   : StepStatus::canceled;
    note({Log::Kind::ended, step, 0, status});
    take(plan_.ended(step, status));
  }
  void retry() {
    const int step = pick(retrying_);
    note({Log::Kind::retry, step});
    take(plan_.retry(step));
  }
  void cancel() {
    canceled_ = true;
    note({Log::Kind::cancel});
    take(plan_.cancel());
    ready_.clear();
    retrying_.clear();
  }

  void check_ends() {
    EXPECT_TRUE(ready_.empty() && running_.empty() && retrying_.empty());
    bool all_succeeded = true;
    for (int step = 0; step < plan_.size(); ++step) {
      const auto status = plan_.status(step);
      EXPECT_TRUE(is_final(status));
      all_succeeded = all_succeeded && status == StepStatus::success;
      const auto& ups = upstream_[static_cast<std::size_t>(step)];
      const bool all_before_succeeded =
          std::all_of(ups.begin(), ups.end(), [&](int up) { return plan_.status(up) == StepStatus::success; });
      // Skipped exactly when something before it did not succeed (a cancellation may have been first).
      EXPECT_TRUE(status != StepStatus::skipped || !all_before_succeeded);
      EXPECT_TRUE(canceled_ || status == StepStatus::skipped || all_before_succeeded);
    }
    EXPECT_EQ(plan_.outcome() == RunStatus::success, all_succeeded);
    EXPECT_TRUE(all_succeeded || !canceled_ || plan_.outcome() == RunStatus::canceled);
  }

  /// A restart folds the log: at every prefix it must arrive at the same state, and be able to go on from there.
  void check_replay() {
    RunPlan again(upstream_);
    again.begin();
    for (const auto& entry : log_) apply(again, entry);
    EXPECT_TRUE(again.finished());
    for (int step = 0; step < plan_.size(); ++step) {
      EXPECT_EQ(again.status(step), plan_.status(step));
      EXPECT_EQ(again.attempt(step), plan_.attempt(step));
    }
    EXPECT_EQ(again.outcome(), plan_.outcome());
  }

  Random random_;
  std::vector<Steps> upstream_;
  RunPlan plan_;
  Steps ready_, running_, retrying_;
  std::vector<Log> log_;
  bool canceled_ = false;
};

TEST(RunPlanProperties, AnyOrderOfEndsKeepsThePromises) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Drive(seed).run();
    if (HasFailure()) return;
  }
}

/// Ends in any order: the set of skipped steps depends on what failed, not on when.
TEST(RunPlanProperties, TheSameFailuresSkipTheSameStepsInAnyOrder) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto upstream = testing::random_upstreams(random, 30);
    std::vector<bool> fails(30);
    for (std::size_t i = 0; i < fails.size(); ++i) fails[i] = random.chance(15);
    const auto finish = [&](std::uint32_t order_seed) {
      Random order(order_seed);
      RunPlan plan(upstream);
      auto ready = plan.begin().ready;
      while (!ready.empty()) {
        order.shuffle(ready);
        const int step = ready.back();
        ready.pop_back();
        plan.started(step, 1);
        const auto change = plan.ended(step, fails[static_cast<std::size_t>(step)] ? StepStatus::failure : StepStatus::success);
        ready.insert(ready.end(), change.ready.begin(), change.ready.end());
      }
      EXPECT_TRUE(plan.finished());
      std::vector<StepStatus> result;
      for (int step = 0; step < plan.size(); ++step) result.push_back(plan.status(step));
      return result;
    };
    ASSERT_EQ(finish(1), finish(2)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace headrace
