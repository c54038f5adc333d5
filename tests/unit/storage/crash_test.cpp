// A child process appends and is killed at a random count of acknowledged batches. Whatever it had been told was written
// is there afterwards, ids have no hole, and a worker's journal offset stands exactly where its events end.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include <storage/event_log.hpp>

#include "support.hpp"

namespace headrace::storage::testing {
namespace {

constexpr int k_events_in_a_batch = 3;
constexpr std::int64_t k_line_bytes = 50;  // what each event stands for in the worker's journal

struct Acknowledged {
  std::int64_t last_event = 0;
};

/// Appends until it is killed; never returns. Each acknowledgement goes into the pipe.
[[noreturn]] void append_forever(const fs::path& home, Options options, int acknowledgements) {
  auto log = EventLog::open(home, options);
  const std::int64_t worker = log->last_worker_id() + 1, run = log->last_run_number() + 1;
  const auto acknowledge = [&](Result<EventLog::Appended> result, std::int64_t events) {
    const Acknowledged a{result ? result->first_id + events - 1 : -1};
    if (::write(acknowledgements, &a, sizeof a) != sizeof a) ::_exit(1);
  };
  Batch created = batch({run_created(run, {{}})});
  created.worker_created = WorkerRow{worker, run, "my_module", 0};
  log->append(std::move(created), [&](auto result) { acknowledge(std::move(result), 1); });
  std::int64_t offset = 0;
  for (std::int64_t n = 0;; ++n) {
    std::vector<Event> events;
    for (int i = 0; i < k_events_in_a_batch; ++i) events.push_back(materialized(run, 0, 1, n, "s0", "p" + std::to_string(n % 7)));
    Batch b = batch(std::move(events));
    offset += k_events_in_a_batch * k_line_bytes;
    b.journal_offset = {worker, offset};
    b.durable = n % 3 == 0;
    log->append(std::move(b), [&](auto result) { acknowledge(std::move(result), k_events_in_a_batch); });
  }
}

class Crash : public ::testing::TestWithParam<Durability> {};

TEST_P(Crash, NoAcknowledgedEventIsLost) {
  TemporaryFolder home;
  Options options;
  options.durability = GetParam();
  options.queue_limit = 100'000'000;
  options.checkpoint_bytes = 64 << 10;  // many kills meet a checkpoint
  options.checkpoint_when_idle = std::chrono::milliseconds(1);
  std::mt19937 random(20'26);
  for (int round = 0; round < 25; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      append_forever(home.path(), options, pipe[1]);
    }
    ::close(pipe[1]);
    const auto kill_after = static_cast<std::int64_t>(1 + random() % 400);
    std::int64_t last = 0, acknowledged = 0;
    Acknowledged a;
    while (::read(pipe[0], &a, sizeof a) == sizeof a) {  // also what was acknowledged before the kill took effect
      ASSERT_GT(a.last_event, 0);
      last = a.last_event;
      if (++acknowledged == kill_after) ::kill(child, SIGKILL);
    }
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "round " << round;

    auto log = EventLog::open(home.path(), options);
    ASSERT_GE(log->last_id(), last) << "round " << round;
    auto reader = log->open_reader();
    const auto run = log->last_run_number();
    const auto events = reader->run_events(run, 0, 1'000'000);
    ASSERT_FALSE(events.empty());
    ASSERT_EQ(events.back().id, log->last_id());
    for (std::size_t i = 1; i < events.size(); ++i) ASSERT_EQ(events[i].id, events[i - 1].id + 1);
    ASSERT_EQ((events.size() - 1) % k_events_in_a_batch, 0u) << "a torn batch in round " << round;
    const auto workers = reader->workers();
    ASSERT_EQ(workers.size(), static_cast<std::size_t>(round) + 1);
    ASSERT_EQ(workers.back().journal_offset, static_cast<std::int64_t>(events.size() - 1) * k_line_bytes) << "round " << round;
  }
  EXPECT_EQ(check_derived(home.path()), "");
}

INSTANTIATE_TEST_SUITE_P(Durabilities, Crash, ::testing::Values(Durability::full, Durability::fast),
                         [](const auto& which) { return which.param == Durability::full ? "full" : "fast"; });

}  // namespace
}  // namespace headrace::storage::testing
