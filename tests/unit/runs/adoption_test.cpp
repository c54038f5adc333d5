// What a daemon that starts makes of workers and journals that another one left: locks, pids, boots, torn and shortened files.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "engine.hpp"

namespace headrace::runs {
namespace {

using nlohmann::json;
using Statuses = std::map<std::string, std::string>;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Run 1 (a, then b) of a daemon that is gone; its worker 1 stood in the middle of a. What the worker did next, the tests say:
/// they write its journal and hold its lock, as the worker would.
class AdoptionTest : public EngineTest {
 protected:
  void SetUp() override {
    make_fifo("fifo");
    folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}}, {"behavior", {{"a", "hang:" + folder_ / "fifo"}}}});
  }
  void make_fifo(const std::string& name) { ASSERT_EQ(::mkfifo((folder_ / name).c_str(), 0600), 0); }
  void let_go() { std::ofstream(folder_ / "fifo") << "go"; }
  std::filesystem::path journal() const { return Worker::folder(folder_ / "home", 1, 1) / "journal"; }

  struct Left {
    int pid = 0;
    async::UniqueFd pidfd;
    json started;  // the journal's first line
    std::string run_id;
  };
  Left leave_a_worker_behind() {
    Left left;
    Engine killed(folder_);
    killed.until_loaded();
    killed.launch();
    killed.until_started(1, 0);
    left.started = protocol::read_journal(read_file(journal())).lines.front();
    left.pid = left.started.value("pid", 0);
    left.pidfd = *code_locations::open_pidfd(left.pid);
    left.run_id = killed.reader().run(1)->run_id;
    return left;
  }
  Left leave_a_dead_worker_behind() {
    auto left = leave_a_worker_behind();
    ::kill(left.pid, SIGKILL);
    until_gone(left);
    return left;
  }
  static void until_gone(const Left& worker) {
    async::AsioLoop loop;
    bool is_gone = false;
    auto watch = loop.on_readable(worker.pidfd.get(), [&] { is_gone = true; });
    while (!is_gone) loop.context().run_one();
  }
  async::UniqueFd take_lock() const {
    async::UniqueFd fd(::open(journal().c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    EXPECT_EQ(::flock(fd.get(), LOCK_EX | LOCK_NB), 0);
    return fd;
  }
  static json line(const Left& left, const char* type, json more = json::object()) {
    more.update(
        {{"type", type}, {"time", 1}, {"run_id", left.run_id}, {"step_key", "a"}, {"attempt", 1}, {"offsets", {0, 0, 0}}});
    return more;
  }
  static std::string success(const Left& left) {
    return protocol::journal_line(line(left, "materialized", {{"asset_key", {"a"}}, {"metadata", json::object()}})) +
           protocol::journal_line(line(left, "step_ended", {{"status", "success"}, {"error", nullptr}, {"seconds", 0}}));
  }
  void append(const std::string& bytes) const { std::ofstream(journal(), std::ios::app | std::ios::binary) << bytes; }
};

// ---- the journal as a file ---------------------------------------------------------------------------------------------

TEST_F(AdoptionTest, AfterARebootNothingIsLockedAndTheFilesSpeak) {
  const auto left = leave_a_dead_worker_behind();
  append(success(left));  // written, but read by nobody before the machine went down
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 1);
  EXPECT_EQ(engine.count(1, EventKind::materialized, 0), 1);
}

TEST_F(AdoptionTest, ATornLastLineCountsAsNeverWritten) {
  const auto left = leave_a_dead_worker_behind();
  append(success(left).substr(0, 60));
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.count(1, EventKind::materialized, 0), 0);
}

TEST_F(AdoptionTest, NothingCountsBehindABadLine) {
  const auto left = leave_a_dead_worker_behind();
  append("00000000 {\"type\":\"step_ended\"}\n" + success(left));
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.count(1, EventKind::materialized, 0), 0);
}

TEST_F(AdoptionTest, AJournalShorterThanWhatWasReadIsNotReadAgain) {
  const auto left = leave_a_dead_worker_behind();
  std::filesystem::resize_file(journal(), 10);
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "failure"}, {"b", "skipped"}}));
  EXPECT_FALSE(std::filesystem::exists(journal()));
}

TEST_F(AdoptionTest, AJournalThatIsGoneIsAWorkerThatIsGone) {
  const auto left = leave_a_dead_worker_behind();
  std::filesystem::remove_all(Worker::folder(folder_ / "home", 1, 1));
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
}

// ---- the lock is the life ----------------------------------------------------------------------------------------------

/// A pid of the journal that is now another's: of an innocent process of this boot, or any process after a reboot.
struct Reuse {
  const char* name;
  bool same_boot;
};
class ReuseTest : public AdoptionTest, public ::testing::WithParamInterface<Reuse> {};

TEST_P(ReuseTest, AnotherProcessWithThePidIsLeftAlone) {
  const auto left = leave_a_dead_worker_behind();
  const int innocent = ::fork();
  if (innocent == 0)
    while (true) ::pause();
  const auto start_time = code_locations::process_start_time(innocent);
  auto started = left.started;
  started["pid"] = innocent;
  started["start_time"] = GetParam().same_boot ? start_time + 1 : start_time;
  if (!GetParam().same_boot) started["boot_id"] = "another";
  // The same length as before: the offset read so far is in the database.
  const auto rest = read_file(journal()).substr(protocol::journal_line(left.started).size());
  const auto before = std::filesystem::file_size(journal());
  started["hash"] = "";  // room for a longer pid
  started["pad"] = "";
  const auto missing = before - rest.size() - protocol::journal_line(started).size();
  started["pad"] = std::string(missing, 'x');
  std::ofstream(journal(), std::ios::binary | std::ios::trunc) << protocol::journal_line(started) + rest;
  ASSERT_EQ(std::filesystem::file_size(journal()), before);

  auto lock = take_lock();
  Engine engine(folder_, {.watch = std::chrono::milliseconds(1)});
  engine.until_loaded();
  append(success(left));
  engine.until([&] { return engine.count(1, EventKind::materialized, 0) == 1; }, "what the holder of the lock wrote");
  lock.reset();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(::kill(innocent, 0), 0);
  EXPECT_EQ(::waitpid(innocent, nullptr, WNOHANG), 0) << "it was killed";
  ::kill(innocent, SIGKILL);
  ::waitpid(innocent, nullptr, 0);
}
INSTANTIATE_TEST_SUITE_P(Both, ReuseTest, ::testing::Values(Reuse{"PidReused", true}, Reuse{"OtherBoot", false}),
                         [](const auto& reuse) { return std::string(reuse.param.name); });

TEST_F(AdoptionTest, WhatAnAdoptedWorkerJournalsIsSeenAsItComes) {
  const auto left = leave_a_dead_worker_behind();
  auto lock = take_lock();
  Engine engine(folder_, {.watch = std::chrono::milliseconds(1)});
  append(protocol::journal_line(line(left, "observed", {{"asset_key", {"a"}}, {"metadata", json::object()}})));
  engine.until([&] { return engine.count(1, EventKind::observed, 0) == 1; }, "the observation");
  EXPECT_EQ(engine.reader().steps(1)[0].status, StepStatus::running);
  lock.reset();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
}

TEST_F(AdoptionTest, AChildThatHoldsTheLockEndsBeforeTheNextAttempt) {
  folder_.write_graph({{"assets", {{"a", json::array()}}},
                       {"behavior", {{"a", "child"}}},
                       {"fields", {{"a", {{"retry_policy", {{"max_retries", 1}}}}}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 2);
}

// A lock that nobody gives up: no time-out lets another attempt begin.
TEST_F(AdoptionTest, NoAttemptBeginsWhileTheLastOnesLockIsHeld) {
  auto graph = json{{"assets", {{"a", json::array()}, {"c", json::array()}}},
                    {"behavior", {{"a", "hang:" + folder_ / "fifo"}}},
                    {"fields", {{"a", {{"retry_policy", {{"max_retries", 1}}}}}}}};
  folder_.write_graph(graph);
  const auto left = leave_a_dead_worker_behind();
  auto lock = take_lock();
  Engine engine(folder_, {.watch = std::chrono::milliseconds(1)});
  engine.until_loaded();
  engine.launch({{"selection", "c"}});  // another run goes on all the while
  engine.until([&] { return is_final(engine.reader().run(2)->status); }, "the other run");
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 1);
  EXPECT_EQ(engine.reader().steps(1)[0].status, StepStatus::running);
  lock.reset();
  engine.until([&] { return engine.count(1, EventKind::step_started, 0) == 2; }, "the second attempt");
  let_go();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
}

// ---- a held lock with no step open -------------------------------------------------------------------------------------

/// Run 1's worker has its step in its socket's buffer and has said nothing yet when the daemon is killed.
class MuteTest : public AdoptionTest {
 protected:
  void SetUp() override {
    make_fifo("birth");
    folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}}, {"birth", folder_ / "birth"}});
    Engine killed(folder_);
    killed.until_loaded();
    killed.launch();
    killed.until([&] { return killed.coordinator().busy_workers() == 1; }, "the step's way to the worker");
    birth_.reset(::open((folder_ / "birth").c_str(), O_WRONLY | O_CLOEXEC));  // waits for the worker to stand there
  }
  async::UniqueFd birth_;  // closed: the worker speaks
  void let_workers_be_born() { folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}}}); }
};

TEST_F(MuteTest, ItBlocksItsRunUntilItSpeaks) {
  let_workers_be_born();
  Engine engine(folder_, {.watch = std::chrono::milliseconds(1)});
  engine.until_loaded();
  EXPECT_NE(engine.coordinator().held_by(1, 0).find("the daemon before this one"), std::string::npos);
  engine.launch({{"selection", "a"}});
  EXPECT_EQ(engine.coordinator().waits_for(2, 0), 1) << "no other run may write what it may be about to write";
  birth_.reset();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 1);
  EXPECT_EQ(engine.reader().steps(1)[0].attempt, 1);
  EXPECT_EQ(engine.until_ended(2).status, RunStatus::success);
  EXPECT_GE(engine.reader().steps(2)[0].started_at, engine.reader().steps(1)[0].ended_at);
}

TEST_F(MuteTest, ItBlocksItsRunUntilItEnds) {
  let_workers_be_born();
  const auto holder = [&] {  // who holds the lock: found as people would, by the open file
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::error_code error;
      if (std::filesystem::read_symlink(entry.path() / "fd/4", error) == journal())
        return std::atoi(entry.path().filename().c_str());
    }
    return 0;
  }();
  ASSERT_GT(holder, 0);
  Engine engine(folder_, {.watch = std::chrono::milliseconds(1)});
  engine.until_loaded();
  EXPECT_EQ(engine.count(1, EventKind::step_started), 0);
  ::kill(holder, SIGKILL);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.reader().steps(1)[0].attempt, 1) << "it had not begun: no attempt was used up";
}

TEST_F(MuteTest, TheLimitsCountAStepOfItUntilItSpeaks) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}, {"c", json::array()}}}});
  Engine engine(folder_, {.limits = {.code_locations = {{"plain", 1}}}, .watch = std::chrono::milliseconds(1)});
  engine.until_loaded();
  engine.launch({{"selection", "c"}});
  EXPECT_EQ(engine.coordinator().held_by(2, 0), "code location \"plain\" (limit 1)");
  birth_.reset();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.until_ended(2).status, RunStatus::success);
  EXPECT_GE(engine.reader().steps(2)[0].started_at, engine.reader().steps(1)[0].ended_at);
}

TEST_F(MuteTest, ACanceledRunEndsOnlyAfterIt) {
  Engine engine(folder_, {.cancel_grace = std::chrono::milliseconds(1), .watch = std::chrono::milliseconds(1)});
  engine.coordinator().cancel(1, [](Result<void> result) { EXPECT_TRUE(result); });
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::canceled);
  EXPECT_EQ(engine.count(1, EventKind::step_started), 0);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "canceled"}, {"b", "canceled"}}));
}

// ---- commands that come before the journals are read -------------------------------------------------------------------

TEST_F(AdoptionTest, ACancelDuringRecoveryTakesOnlyWhatHasNotEnded) {
  const auto left = leave_a_dead_worker_behind();
  append(success(left));
  Engine engine(folder_);
  engine.coordinator().cancel(1, [](Result<void> result) { EXPECT_TRUE(result); });
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::canceled);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "success"}, {"b", "canceled"}}));
}

TEST_F(AdoptionTest, ALaunchDuringRecoveryIsGivenOutOnce) {
  const auto left = leave_a_dead_worker_behind();
  append(success(left));
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}, {"c", json::array()}}}});
  Engine engine(folder_, {}, false);
  engine.until_loaded();
  engine.coordinator().recover();
  engine.launch({{"selection", "c"}});
  EXPECT_EQ(engine.until_ended(2).status, RunStatus::success);
  EXPECT_EQ(engine.count(2, EventKind::step_started), 1);
  EXPECT_EQ(engine.reader().run(1)->status, RunStatus::success);
}

TEST_F(AdoptionTest, EveryDaemonOfManyIsKilled) {
  leave_a_worker_behind();
  for (int i = 0; i < 4; ++i) {
    Engine killed(folder_, {.watch = std::chrono::milliseconds(1)});
    if (i % 2) killed.until_loaded();
  }
  let_go();
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 1);
}

TEST_F(AdoptionTest, AnAdoptedStepThatIsCanceledIsToldSo) {
  leave_a_worker_behind();
  Engine engine(folder_, {.cancel_grace = std::chrono::milliseconds(1), .watch = std::chrono::milliseconds(1)});
  engine.until([&] { return engine.coordinator().active_runs() == 1; }, "the run");
  engine.coordinator().cancel(1, [](Result<void> result) { EXPECT_TRUE(result); });
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::canceled);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "canceled"}, {"b", "canceled"}}));
}

}  // namespace
}  // namespace headrace::runs
