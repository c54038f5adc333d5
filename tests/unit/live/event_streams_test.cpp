#include <live/event_streams.hpp>

#include <atomic>
#include <future>

#include "fakes.hpp"

namespace headrace::live {
namespace {

using testing::HandLoop;
using testing::MemoryLog;

Event event(EventKind kind, std::int64_t run = 0, std::string asset = "") {
  Event event;
  event.kind = kind;
  event.run = run;
  event.asset_key = std::move(asset);
  return event;
}

Topics all_topics() {
  Topics topics;
  topics.assets = topics.runs = topics.code_locations = true;
  return topics;
}

struct EventStreamsTest : ::testing::Test {
  HandLoop loop;
  MemoryLog log;
  ReaderPool pool{log, 2};
  std::atomic<int> rendered = 0;
  StreamSettings settings;
  std::unique_ptr<EventStreams> streams;

  void start() {
    streams = std::make_unique<EventStreams>(
        loop, log, pool,
        [this](const Event& one, storage::Reader&) {
          ++rendered;
          if (one.partition == "bad") throw std::runtime_error("cannot");
          return "{\"n\":" + std::to_string(one.id) + "}";
        },
        settings);
  }
  void TearDown() override {
    pool.stop();
    streams.reset();
  }
  void commit(Event one) {
    const auto id = log.add(std::move(one));
    if (streams) streams->on_commit(id);
  }
  /// Takes until `out` ends with the frame of that id.
  bool take_until(EventStream& stream, std::string& out, std::int64_t id) {
    const auto wanted = "id: " + std::to_string(id) + "\n";
    return loop.run_until([&] {
      stream.take(out, 1 << 20);
      return out.find(wanted) != std::string::npos;
    });
  }
  static std::vector<std::int64_t> ids(const std::string& out) {
    std::vector<std::int64_t> found;
    for (auto at = out.find("id: "); at != std::string::npos; at = out.find("id: ", at + 1))
      found.push_back(std::atoll(out.c_str() + at + 4));
    return found;
  }
};

TEST_F(EventStreamsTest, SendsWhatIsCommitted) {
  start();
  auto stream = streams->open(all_topics(), std::nullopt);
  std::string out;
  stream->take(out, 1 << 20);
  EXPECT_EQ(out, "retry: 1000\n\n");
  out.clear();
  commit(event(EventKind::run_created, 1));
  ASSERT_TRUE(take_until(*stream, out, 1));
  EXPECT_EQ(out, "id: 1\nevent: run_created\ndata: {\"n\":1}\n\n");
}

TEST_F(EventStreamsTest, BeginsAfterTheReadersCursorWithoutGapOrDouble) {
  for (int i = 0; i < 30; ++i) log.add(event(EventKind::run_started, 1));
  settings.batch = 7;
  start();
  auto stream = streams->open(all_topics(), 10);
  std::string out;
  for (int i = 0; i < 30; ++i) commit(event(EventKind::run_ended, 1));
  ASSERT_TRUE(take_until(*stream, out, 60));
  std::vector<std::int64_t> expected;
  for (std::int64_t id = 11; id <= 60; ++id) expected.push_back(id);
  EXPECT_EQ(ids(out), expected);
}

TEST_F(EventStreamsTest, ReadsFromTheDatabaseWhatTheRingHasLost) {
  for (int i = 0; i < 50; ++i) log.add(event(EventKind::run_started, 1));
  log.shared->ring = 5;
  start();
  auto stream = streams->open(all_topics(), 0);
  std::string out;
  ASSERT_TRUE(take_until(*stream, out, 50));
  EXPECT_EQ(ids(out).size(), 50u);
  EXPECT_GT(log.shared->database_reads, 0);
}

TEST_F(EventStreamsTest, ReadsNothingForReadersWhoHaveLeft) {
  for (int i = 0; i < 50; ++i) log.add(event(EventKind::run_started, 1));
  start();
  std::promise<void> gate;
  auto open = gate.get_future().share();
  for (int i = 0; i < 2; ++i) pool.post([open](storage::Reader&) { open.wait(); });  // both of its threads
  for (int i = 0; i < 20; ++i) {
    std::string out;
    streams->open(all_topics(), 0)->take(out, 1 << 20);
  }
  std::atomic<bool> is_done = false;
  pool.post([&](storage::Reader&) {
    is_done = true;
    loop.post([] {});
  });
  gate.set_value();
  ASSERT_TRUE(loop.run_until([&] { return is_done.load(); }));
  EXPECT_EQ(rendered, 0);
}

TEST_F(EventStreamsTest, GivesEachStreamItsTopicsAndRendersOnce) {
  start();
  Topics run;
  run.run_numbers = {2};
  Topics assets;
  assets.assets = true;
  auto one = streams->open(run, std::nullopt);
  auto other = streams->open(assets, std::nullopt);
  commit(event(EventKind::run_created, 1));        // 1: nobody's
  commit(event(EventKind::step_started, 2, "a"));  // 2: both
  commit(event(EventKind::step_started, 1, "b"));  // 3: assets
  commit(event(EventKind::code_location_loaded));  // 4: nobody's
  commit(event(EventKind::daemon_started));        // 5: both
  std::string a, b;
  ASSERT_TRUE(take_until(*one, a, 5));
  ASSERT_TRUE(take_until(*other, b, 5));
  EXPECT_EQ(ids(a), (std::vector<std::int64_t>{2, 5}));
  EXPECT_EQ(ids(b), (std::vector<std::int64_t>{2, 3, 5}));
  EXPECT_EQ(rendered, 3);
}

TEST_F(EventStreamsTest, CatchesUpWithWhatNobodyWantedBefore) {
  start();
  Topics locations;
  locations.code_locations = true;
  auto first = streams->open(locations, std::nullopt);
  commit(event(EventKind::step_started, 1, "a"));
  commit(event(EventKind::code_location_loaded));
  std::string out;
  ASSERT_TRUE(take_until(*first, out, 2));
  Topics assets;
  assets.assets = true;
  auto late = streams->open(assets, 0);
  out.clear();
  ASSERT_TRUE(take_until(*late, out, 1));
  EXPECT_EQ(ids(out), (std::vector<std::int64_t>{1}));
}

TEST_F(EventStreamsTest, WakesOnlyForWantedEvents) {
  start();
  Topics run;
  run.run_numbers = {7};
  auto stream = streams->open(run, std::nullopt);
  int woken = 0;
  stream->set_wake([&] { ++woken; });
  commit(event(EventKind::run_started, 1));
  ASSERT_TRUE(loop.run_until([&] { return stream->cursor() == 1; }));
  EXPECT_EQ(woken, 0);
  commit(event(EventKind::run_started, 7));
  ASSERT_TRUE(loop.run_until([&] { return woken > 0; }));
}

TEST_F(EventStreamsTest, BoundsWhatOneWriteHolds) {
  start();
  auto stream = streams->open(all_topics(), std::nullopt);
  std::string out;
  stream->take(out, 100);
  for (int i = 0; i < 100; ++i) commit(event(EventKind::run_started, 1));
  ASSERT_TRUE(loop.run_until([&] {
    do {  // as a writer does: one write after another until there is nothing more
      out.clear();
      stream->take(out, 200);
      EXPECT_LT(out.size(), 300u);
    } while (!out.empty());
    return stream->cursor() == 100;
  }));
}

TEST_F(EventStreamsTest, KeepsNoMoreBytesThanItMay) {
  settings.tail_bytes = 200;  // some four frames
  start();
  auto quick = streams->open(all_topics(), std::nullopt), slow = streams->open(all_topics(), std::nullopt);
  std::string out;
  for (int run = 1; run <= 20; ++run) {
    commit(event(EventKind::run_created, run));
    ASSERT_TRUE(take_until(*quick, out, run));
  }
  EXPECT_EQ(rendered, 20);
  out.clear();
  ASSERT_TRUE(take_until(*slow, out, 20));
  EXPECT_EQ(ids(out).size(), 20u);
  EXPECT_GT(rendered, 20);  // what the tail no longer held was read and rendered again
}

TEST_F(EventStreamsTest, ResetsACursorOfAnotherLog) {
  log.add(event(EventKind::daemon_started));
  start();
  auto stream = streams->open(all_topics(), 99);
  std::string out;
  stream->take(out, 1 << 20);
  EXPECT_NE(out.find("id: 1\nevent: reset\ndata: {\"as_of\":1}\n\n"), std::string::npos);
  commit(event(EventKind::run_started, 1));
  ASSERT_TRUE(take_until(*stream, out, 2));
}

TEST_F(EventStreamsTest, ResetsAReaderThatIsTooFarBehind) {
  for (int i = 0; i < 100; ++i) log.add(event(EventKind::run_started, 1));
  settings.most_behind = 50;
  start();
  auto stream = streams->open(all_topics(), 10);
  std::string out;
  stream->take(out, 1 << 20);
  stream->take(out, 1 << 20);
  EXPECT_NE(out.find("id: 100\nevent: reset\n"), std::string::npos) << out;
  EXPECT_EQ(stream->cursor(), 100);
}

TEST_F(EventStreamsTest, ResetsWhereEventsCannotBeReadOrShown) {
  for (int i = 0; i < 20; ++i) log.add(event(EventKind::run_started, 1));
  log.shared->ring = 1;
  log.shared->fails = true;
  start();
  auto stream = streams->open(all_topics(), 0);
  std::string out;
  ASSERT_TRUE(take_until(*stream, out, 20));
  EXPECT_NE(out.find("event: reset"), std::string::npos);
  auto bad = event(EventKind::run_started, 1);
  bad.partition = "bad";
  out.clear();
  commit(std::move(bad));
  ASSERT_TRUE(take_until(*stream, out, 21));
  EXPECT_EQ(out, "id: 21\nevent: reset\ndata: {\"as_of\":21}\n\n");
}

TEST_F(EventStreamsTest, PingsASilentStreamWithItsCursor) {
  start();
  Topics run;
  run.run_numbers = {7};
  auto stream = streams->open(run, std::nullopt);
  std::string out;
  stream->take(out, 1 << 20);
  commit(event(EventKind::run_started, 1));
  ASSERT_TRUE(loop.run_until([&] { return stream->cursor() == 1; }));
  out.clear();
  loop.fire_timer();
  stream->take(out, 1 << 20);
  EXPECT_EQ(out, "");  // something was written since the stream began
  loop.fire_timer();
  stream->take(out, 1 << 20);
  EXPECT_EQ(out, "id: 1\nevent: ping\ndata: {\"as_of\":1}\n\n");
}

TEST_F(EventStreamsTest, HasNoTimerAndReadsNothingWithoutStreams) {
  start();
  EXPECT_FALSE(loop.has_timer());
  commit(event(EventKind::run_started, 1));
  {
    auto stream = streams->open(all_topics(), std::nullopt);
    EXPECT_TRUE(loop.has_timer());
    EXPECT_EQ(streams->count(), 1u);
  }
  EXPECT_FALSE(loop.has_timer());
  EXPECT_EQ(streams->count(), 0u);
  EXPECT_EQ(rendered, 0);
}

TEST_F(EventStreamsTest, EndsAllStreamsAtStop) {
  start();
  auto stream = streams->open(all_topics(), std::nullopt);
  int woken = 0;
  stream->set_wake([&] { ++woken; });
  streams->stop();
  EXPECT_EQ(woken, 1);
  std::string out;
  EXPECT_FALSE(stream->take(out, 1 << 20));
}

TEST_F(EventStreamsTest, SurvivesManyReadersThatComeAndGo) {
  start();
  for (int i = 0; i < 2000; ++i) {
    auto stream = streams->open(all_topics(), i % 3 ? std::optional<std::int64_t>(i / 2) : std::nullopt);
    if (i % 4 == 0) commit(event(EventKind::run_started, 1));
    std::string out;
    stream->take(out, 4096);
  }
  EXPECT_EQ(streams->count(), 0u);
  auto last = streams->open(all_topics(), 0);
  std::string out;
  ASSERT_TRUE(take_until(*last, out, 500));
  EXPECT_EQ(ids(out).size(), 500u);
}

}  // namespace
}  // namespace headrace::live
