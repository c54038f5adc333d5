// Whatever happens to runs, in whatever order and grouping: the rows written along with the events equal a fresh fold of
// the whole log, rebuilding them changes nothing, and the run
// engine came to the same end of every step.
#include <map>

#include "random_run.hpp"

namespace headrace::storage::testing {
namespace {

class FoldProperty : public ::testing::TestWithParam<unsigned> {};

TEST_P(FoldProperty, StoredRowsEqualAFreshFold) {
  std::mt19937 random(GetParam());
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  std::vector<RandomRun> runs;
  for (std::int64_t number = 1; number <= 15; ++number) runs.emplace_back(number, random);
  std::vector<Event> pending;
  std::map<std::int64_t, std::vector<StepStatus>> outcomes;  // as the run engine sees them
  while (!runs.empty()) {
    const auto run = runs.begin() + static_cast<std::ptrdiff_t>(random() % runs.size());
    auto events = run->take();
    const bool done = run->done();
    if (done) outcomes[run->number()] = run->statuses();
    pending.insert(pending.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
    if (done) runs.erase(run);
    if (random() % 3 == 0) must_append(*log, std::exchange(pending, {}));
    // Now and then the daemon stops and starts, or something that does not fit is tried and refused.
    if (random() % 50 == 0) log.reset(), log = EventLog::open(home.path(), {});
    if (random() % 20 == 0) {
      ASSERT_FALSE(append(*log, batch({event(EventKind::daemon_started, 1), step_started(99, 0, 1, 1)})));
    }
  }
  must_append(*log, std::move(pending));

  EXPECT_EQ(check_derived(home.path()), "");
  auto reader = log->open_reader();
  EXPECT_TRUE(reader->unfinished_runs().empty());
  for (const auto& run : reader->runs({})) EXPECT_EQ(run.steps_ended, run.steps_total) << run.number;
  const auto events = reader->read_after(0, 1'000'000);
  for (std::size_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].id, static_cast<std::int64_t>(i) + 1);

  const auto stored = [&](std::int64_t run) {
    std::vector<StepStatus> statuses;
    for (const auto& step : log->open_reader()->steps(run)) statuses.push_back(step.status);
    return statuses;
  };
  for (const auto& [run, statuses] : outcomes) EXPECT_EQ(stored(run), statuses) << "run " << run;
  reader.reset();
  log.reset();
  rebuild(home.path());
  EXPECT_EQ(check_derived(home.path()), "");
  log = EventLog::open(home.path(), {});
  for (const auto& [run, statuses] : outcomes) EXPECT_EQ(stored(run), statuses) << "run " << run;
  EXPECT_EQ(log->last_id(), static_cast<std::int64_t>(events.size()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, FoldProperty, ::testing::Range(1u, 13u));

}  // namespace
}  // namespace headrace::storage::testing
