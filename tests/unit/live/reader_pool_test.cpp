#include <live/reader_pool.hpp>

#include <future>

#include "fakes.hpp"

namespace headrace::live {
namespace {

TEST(ReaderPool, RunsWorkAndOutlivesItsExceptions) {
  testing::MemoryLog log;
  ReaderPool pool(log, 1);
  std::promise<std::int64_t> seen;
  pool.post([](storage::Reader&) { throw std::runtime_error("expected in this test"); });
  pool.post([&](storage::Reader& reader) { seen.set_value(reader.as_of()); });
  EXPECT_EQ(seen.get_future().get(), 0);
}

TEST(ReaderPool, DropsWhatHasNotBegunAtStop) {
  testing::MemoryLog log;
  ReaderPool pool(log, 1);
  std::promise<void> begun, go_on;
  auto dropped = std::make_shared<int>(0);
  std::weak_ptr<int> watch = dropped;
  pool.post([&](storage::Reader&) {
    begun.set_value();
    go_on.get_future().wait();
  });
  begun.get_future().wait();
  pool.post([dropped](storage::Reader&) { FAIL() << "ran after stop"; });
  dropped.reset();
  std::thread stopper([&] { pool.stop(); });
  while (!watch.expired()) std::this_thread::yield();  // stop() drops it before it waits for the other
  go_on.set_value();
  stopper.join();
  pool.post([](storage::Reader&) { FAIL() << "posted after stop"; });
}

}  // namespace
}  // namespace headrace::live
