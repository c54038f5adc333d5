#include <storage/event_log.hpp>

#include <thread>

#include "support.hpp"

namespace headrace::storage::testing {
namespace {

TEST(EventLog, NumbersEventsDenselyFromOneAndAcrossReopening) {
  TemporaryFolder home;
  {
    auto log = EventLog::open(home.path(), {});
    EXPECT_EQ(log->last_id(), 0);
    EXPECT_EQ(must_append(*log, {event(EventKind::daemon_started, 1)}), 1);
    EXPECT_EQ(must_append(*log, {run_created(1, {{}}), run_event(EventKind::run_started, 1, 2)}), 2);
    EXPECT_EQ(log->last_id(), 3);
  }
  auto log = EventLog::open(home.path(), {});
  EXPECT_EQ(log->last_id(), 3);
  EXPECT_EQ(log->last_run_number(), 1);
  EXPECT_EQ(must_append(*log, {event(EventKind::daemon_started, 3)}), 4);
}

TEST(EventLog, GivesBackWhatWasWritten) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  must_append(*log, {run_created(7, {{}}), step_started(7, 0, 1, 2000), materialized(7, 0, 1, 2001, "s0", "2026-01-01")});
  auto reader = log->open_reader();
  const auto events = reader->read_after(0, 10);
  ASSERT_EQ(events.size(), 3u);
  const Event& e = events[2];
  EXPECT_EQ(e.id, 3);
  EXPECT_EQ(e.kind, EventKind::materialized);
  EXPECT_EQ(e.version, 1);
  EXPECT_EQ(e.time, 2001);
  EXPECT_EQ(e.run, 7);
  EXPECT_EQ(e.step, 0);
  EXPECT_EQ(e.attempt, 1);
  EXPECT_EQ(e.asset_key, "s0");
  EXPECT_EQ(e.partition, "2026-01-01");
  EXPECT_EQ(json::parse(e.payload)["metadata"]["path"]["value"], "/data/s0");
  EXPECT_EQ(events[0].step, -1);
  EXPECT_EQ(events[0].attempt, 0);
  EXPECT_EQ(events[0].asset_key, "");
  EXPECT_EQ(reader->event(3)->payload, e.payload);
  EXPECT_FALSE(reader->event(4));
  EXPECT_EQ(reader->read_after(1, 1).at(0).id, 2);
  EXPECT_TRUE(reader->read_after(3, 10).empty());
}

TEST(EventLog, OneFaultyBatchFailsAloneAndUsesNoId) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  // Held back by the first batch's `done`, the others are taken as one group.
  std::promise<void> release;
  auto released = release.get_future().share();
  log->append(batch({event(EventKind::daemon_started, 1)}), [released](auto) { released.wait(); });
  std::vector<std::future<Result<EventLog::Appended>>> answers;
  const auto put = [&](Batch b) {
    auto answer = std::make_shared<std::promise<Result<EventLog::Appended>>>();
    answers.push_back(answer->get_future());
    log->append(std::move(b), [answer](Result<EventLog::Appended> r) { answer->set_value(std::move(r)); });
  };
  put(batch({run_created(1, {{}, {}})}));
  put(batch({event(EventKind::daemon_started, 2), run_created(1, {{}})}));  // the number is taken
  put(batch({step_started(1, 5, 1, 3)}));                                   // no such step
  put(batch({step_started(1, 1, 1, 3)}));
  release.set_value();

  EXPECT_EQ(answers[0].get()->first_id, 2);
  const auto taken = answers[1].get();
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::conflict);
  const auto unknown = answers[2].get();
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::invalid);
  EXPECT_NE(unknown.error().message.find("no such step"), std::string::npos) << unknown.error().message;
  EXPECT_EQ(answers[3].get()->first_id, 3);
  EXPECT_EQ(log->last_id(), 3);
  EXPECT_EQ(log->open_reader()->read_after(0, 10).size(), 3u);
}

TEST(EventLog, NamesOfARefusedBatchAreForgotten) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  must_append(*log, {run_created(1, {{}})});
  ASSERT_FALSE(append(*log, batch({materialized(1, 0, 1, 2, "new", "first"), step_started(1, 5, 1, 3)})));
  const auto id = must_append(*log, {materialized(1, 0, 1, 4, "other"), materialized(1, 0, 1, 5, "new", "first")});
  auto reader = log->open_reader();
  EXPECT_EQ(reader->event(id)->asset_key, "other");
  EXPECT_EQ(reader->event(id + 1)->asset_key, "new");
  EXPECT_EQ(reader->event(id + 1)->partition, "first");
  EXPECT_EQ(reader->latest_materialization("new", "first")->id, id + 1);
}

TEST(EventLog, ListenerHearsOfEachCommitAfterItIsVisible) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  std::promise<std::pair<std::int64_t, std::size_t>> heard;
  log->set_commit_listener([&](std::int64_t id) { heard.set_value({id, log->open_reader()->read_after(0, 10).size()}); });
  must_append(*log, {event(EventKind::daemon_started, 1), event(EventKind::daemon_started, 2)});
  const auto [id, visible] = heard.get_future().get();
  EXPECT_EQ(id, 2);
  EXPECT_EQ(visible, 2u);
}

TEST(EventLog, RingAnswersTheRecentAndAdmitsWhatItForgot) {
  TemporaryFolder home;
  Options options;
  options.ring_size = 3;
  auto log = EventLog::open(home.path(), options);
  EXPECT_TRUE(log->recent_after(0, 10)->empty());
  for (int i = 1; i <= 5; ++i) must_append(*log, {event(EventKind::daemon_started, i)});
  EXPECT_FALSE(log->recent_after(1, 10));
  const auto events = log->recent_after(2, 10);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 3u);
  EXPECT_EQ(events->front().id, 3);
  EXPECT_EQ(events->front().time, 3);
  EXPECT_EQ(log->recent_after(3, 1)->size(), 1u);
  EXPECT_TRUE(log->recent_after(5, 10)->empty());
  EXPECT_TRUE(log->recent_after(99, 10)->empty());
}

TEST(EventLog, SnapshotSeesOneMoment) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  must_append(*log, {event(EventKind::daemon_started, 1)});
  auto reader = log->open_reader();
  {
    const Reader::Snapshot snapshot(*reader);
    EXPECT_EQ(reader->as_of(), 1);
    must_append(*log, {event(EventKind::daemon_started, 2)});
    EXPECT_EQ(reader->as_of(), 1);
    EXPECT_EQ(reader->read_after(0, 10).size(), 1u);
  }
  EXPECT_EQ(reader->as_of(), 2);
}

TEST(EventLog, JournalOffsetAndEventsAreWrittenTogetherAndNeverTwice) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  Batch created;
  created.events = {run_created(1, {{}})};
  created.worker_created = WorkerRow{4, 1, "my_module", 0};
  ASSERT_TRUE(append(*log, created));
  Batch piece = batch({step_started(1, 0, 1, 5)});
  piece.journal_offset = {4, 120};
  ASSERT_TRUE(append(*log, piece));

  auto again = append(*log, piece);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_NE(again.error().message.find("worker 4"), std::string::npos);
  EXPECT_EQ(log->last_id(), 2);

  auto reader = log->open_reader();
  ASSERT_EQ(reader->workers().size(), 1u);
  EXPECT_EQ(reader->workers()[0].worker_id, 4);
  EXPECT_EQ(reader->workers()[0].run, 1);
  EXPECT_EQ(reader->workers()[0].code_location, "my_module");
  EXPECT_EQ(reader->workers()[0].journal_offset, 120);

  Batch gone = batch({step_ended(1, 0, 1, 6, "success")});
  gone.journal_offset = {4, 200};
  gone.worker_gone = 4;
  ASSERT_TRUE(append(*log, gone));
  EXPECT_TRUE(reader->workers().empty());
  log.reset();
  EXPECT_EQ(EventLog::open(home.path(), {})->last_worker_id(), 4);  // never given out again
}

TEST(EventLog, DefinitionsAreKeptOnceByHash) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  Batch b;
  b.definitions = {"abc", R"({"assets":[]})"};
  ASSERT_TRUE(append(*log, b));
  ASSERT_TRUE(append(*log, b));
  EXPECT_EQ(log->open_reader()->definitions("abc"), R"({"assets":[]})");
  EXPECT_FALSE(log->open_reader()->definitions("def"));
}

TEST(EventLog, FullQueueRefusesAtOnce) {
  TemporaryFolder home;
  Options options;
  options.queue_limit = 1;
  auto log = EventLog::open(home.path(), options);
  std::promise<void> taken, release;
  log->append(batch({event(EventKind::daemon_started, 1)}), [&](auto) {
    taken.set_value();
    release.get_future().wait();
  });
  taken.get_future().wait();
  std::promise<Result<EventLog::Appended>> second, third;
  log->append(batch({event(EventKind::daemon_started, 2)}), [&](auto r) { second.set_value(r); });
  log->append(batch({event(EventKind::daemon_started, 3)}), [&](auto r) { third.set_value(r); });
  release.set_value();
  EXPECT_EQ(second.get_future().get()->first_id, 2);
  const auto refused = third.get_future().get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
}

TEST(EventLog, ClosingWritesWhatIsQueued) {
  TemporaryFolder home;
  {
    auto log = EventLog::open(home.path(), {});
    for (int i = 0; i < 5000; ++i) log->append(batch({event(EventKind::daemon_started, i)}), {});
  }
  EXPECT_EQ(EventLog::open(home.path(), {})->last_id(), 5000);
}

TEST(EventLog, AnEmptyBatchIsAProbe) {
  TemporaryFolder home;
  auto log = EventLog::open(home.path(), {});
  EXPECT_TRUE(append(*log, {}));
  EXPECT_EQ(log->last_id(), 0);
}

}  // namespace
}  // namespace headrace::storage::testing
