// Readers, several appending threads and the ring at once; meant to be run under ThreadSanitizer too. And the speed of
// ingest, printed for the record.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

#include <storage/event_log.hpp>

#include "support.hpp"

namespace headrace::storage::testing {
namespace {

TEST(Concurrency, ReadersNeverSeeAHoleOrAHalfBatch) {
  TemporaryFolder home;
  Options options;
  options.ring_size = 64;
  options.checkpoint_bytes = 256 << 10;
  auto log = EventLog::open(home.path(), options);
  std::mutex mutex;
  std::condition_variable committed;
  std::int64_t last = 0;
  log->set_commit_listener([&](std::int64_t id) {
    const std::lock_guard lock(mutex);
    last = id;
    committed.notify_all();
  });
  must_append(*log, {run_created(1, {{}}), event(EventKind::daemon_started, 0)});
  constexpr int k_batches = 400, k_appenders = 3;
  constexpr std::int64_t k_last = 2 + 2 * k_batches * k_appenders;
  std::vector<std::thread> threads;
  for (int t = 0; t < k_appenders; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < k_batches; ++i)
        log->append(batch({materialized(1, 0, 1, i, "s0"), materialized(1, 0, 1, i, "s0")}), {});
    });
  }
  std::atomic<int> holes = 0, halves = 0, disagreements = 0;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      auto reader = log->open_reader();
      for (std::int64_t cursor = 0; cursor < k_last;) {
        {
          std::unique_lock lock(mutex);
          committed.wait(lock, [&] { return last > cursor; });
        }
        const auto recent = log->recent_after(cursor, 50);
        for (const auto& e : recent ? *recent : reader->read_after(cursor, 50)) {
          if (e.id != ++cursor) ++holes;
        }
        const Reader::Snapshot snapshot(*reader);
        const auto as_of = reader->as_of();
        if (as_of % 2 != 0) ++halves;
        if (as_of > 2 && reader->asset("s0")->materialization != as_of) ++disagreements;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(holes, 0);
  EXPECT_EQ(halves, 0);
  EXPECT_EQ(disagreements, 0);
  EXPECT_EQ(log->last_id(), k_last);
}

TEST(Concurrency, IngestSpeedForTheRecord) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  constexpr int k_steps = 1'000;
#else
  constexpr int k_steps = 25'000;  // four events each
#endif
  std::vector<std::vector<int>> upstream(k_steps);
  must_append(*log, {run_created(1, upstream)});
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < k_steps; ++i) {
    const std::string asset = "s" + std::to_string(i);
    log->append(batch({step_started(1, i, 1, i)}), {});
    log->append(batch({step_event(EventKind::inputs_loaded, 1, i, 1, i, {{"inputs", json::array()}})}), {});
    log->append(batch({materialized(1, i, 1, i, asset), step_ended(1, i, 1, i, "success")}), {});
  }
  ASSERT_TRUE(append(*log, {}));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << "  " << 4 * k_steps << " events of " << k_steps << " steps in " << seconds
            << " s: " << static_cast<int>(4 * k_steps / seconds) << " events/s\n";
  EXPECT_EQ(log->last_id(), 1 + 4 * k_steps);
  EXPECT_EQ(log->open_reader()->run(1)->steps_succeeded, k_steps);
}

}  // namespace
}  // namespace headrace::storage::testing
