// Files that cannot be opened are refused with a message that says what to do, and never harmed further.
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include <storage/event_log.hpp>
#include <storage/home.hpp>

#include "support.hpp"

namespace headrace::storage::testing {
namespace {

using Kind = StorageError::Kind;

/// The error of opening; fails the test when it opens.
StorageError error_of_opening(const fs::path& home) {
  try {
    EventLog::open(home, {});
  } catch (const StorageError& error) {
    return error;
  }
  ADD_FAILURE() << "opened";
  return {Kind::io, ""};
}

void execute(const fs::path& home, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open((home / "headrace.db").c_str(), &handle), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void fill(const fs::path& home, int runs) {
  auto log = EventLog::open(home, {});
  for (int run = 1; run <= runs; ++run) {
    must_append(*log, {run_created(run, {{}, {0}}), step_started(run, 0, 1, 1), materialized(run, 0, 1, 2, "s0"),
                       step_ended(run, 0, 1, 3, "success"), run_ended(run, 4, "success")});
  }
}

TEST(Opening, MakesPrivateFilesWhateverTheUmask) {
  TemporaryFolder home;
  const mode_t before = ::umask(0);
  auto log = EventLog::open(home.path(), {});
  must_append(*log, {event(EventKind::daemon_started, 1)});
  ::umask(before);
  for (const char* name : {"headrace.db", "headrace.db-wal", "headrace.db-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((home.path() / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
}

TEST(Opening, ClosesAFileThatOthersCouldRead) {
  TemporaryFolder home;
  fill(home.path(), 1);
  fs::permissions(home.path() / "headrace.db", fs::perms(0644));
  EventLog::open(home.path(), {});
  struct stat status {};
  ASSERT_EQ(::stat((home.path() / "headrace.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(Opening, RefusesANewerVersionAndNamesBoth) {
  TemporaryFolder home;
  fill(home.path(), 1);
  execute(home.path(), "PRAGMA user_version = 99");
  const std::string before = contents(home.path() / "headrace.db");
  const auto error = error_of_opening(home.path());
  EXPECT_EQ(error.kind, Kind::newer_version);
  const std::string message = error.what();
  EXPECT_NE(message.find("version 99"), std::string::npos) << message;
  EXPECT_NE(message.find("up to 1"), std::string::npos) << message;
  EXPECT_EQ(contents(home.path() / "headrace.db"), before);
}

TEST(Opening, RefusesAFileThatIsNoDatabase) {
  TemporaryFolder home;
  std::ofstream(home.path() / "headrace.db") << std::string(5000, 'x');
  const auto error = error_of_opening(home.path());
  EXPECT_EQ(error.kind, Kind::damaged);
  EXPECT_NE(std::string(error.what()).find("backup"), std::string::npos) << error.what();
  EXPECT_EQ(contents(home.path() / "headrace.db"), std::string(5000, 'x'));
}

TEST(Opening, RefusesSomebodyElsesDatabase) {
  TemporaryFolder home;
  execute(home.path(), "CREATE TABLE t (x)");
  EXPECT_EQ(error_of_opening(home.path()).kind, Kind::damaged);
}

TEST(Opening, RefusesATruncatedFile) {
  TemporaryFolder home;
  fill(home.path(), 50);
  fs::resize_file(home.path() / "headrace.db", fs::file_size(home.path() / "headrace.db") / 2);
  EXPECT_EQ(error_of_opening(home.path()).kind, Kind::damaged);
}

TEST(Opening, FlippedBytesNeverCrash) {
  TemporaryFolder home;
  fill(home.path(), 30);
  const std::string good = contents(home.path() / "headrace.db");
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    std::string bad = good;
    for (int i = 0; i < 20; ++i) bad[random() % bad.size()] = static_cast<char>(random());
    for (const char* name : {"headrace.db-wal", "headrace.db-shm"}) fs::remove(home.path() / name);
    std::ofstream(home.path() / "headrace.db", std::ios::binary) << bad;
    try {
      auto log = EventLog::open(home.path(), {});
      auto reader = log->open_reader();
      reader->read_after(0, 1000);
      reader->runs({});
      reader->steps(1);
      reader->assets();
      append(*log, batch({event(EventKind::daemon_started, 1)}));
    } catch (const StorageError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);  // a flip inside a text cannot be told from that text
}

TEST(Opening, ALogThatLostItsEndIsToldAndItsIdsGoOnBehindIt) {
  TemporaryFolder home, crashed;
  {
    auto log = EventLog::open(home.path(), {});
    must_append(*log, {run_created(1, {{}})});
    for (const char* name : {"headrace.db", "headrace.db-newest"})  // as if somebody had removed the -wal file
      fs::copy(home.path() / name, crashed.path() / name);
    EXPECT_EQ(lost_end(home.path()), "");
  }
  EXPECT_EQ(lost_end(home.path()), "");
  auto log = EventLog::open(crashed.path(), {});
  EXPECT_NE(lost_end(crashed.path()).find("ends with event 0, but event 1 was committed"), std::string::npos)
      << lost_end(crashed.path());
  must_append(*log, {event(EventKind::daemon_started, 1)});
  EXPECT_EQ(log->last_id(), 2);
  EXPECT_EQ(lost_end(crashed.path()), "");
}

TEST(Opening, ADamagedMarkOfTheNewestEventIsNotBelieved) {
  TemporaryFolder home;
  fill(home.path(), 1);
  std::ofstream(home.path() / "headrace.db-newest") << "0000000000000000999 0000000000000000005\n";
  EXPECT_EQ(lost_end(home.path()), "");
  EXPECT_EQ(EventLog::open(home.path(), {})->last_id(), 5);
}

TEST(Opening, RefusesTablesThatAreNotWhatTheyWere) {
  TemporaryFolder home;
  fill(home.path(), 1);
  execute(home.path(), "ALTER TABLE names RENAME COLUMN name TO nome");
  EXPECT_EQ(error_of_opening(home.path()).kind, Kind::damaged);
}

TEST(Opening, SaysWhyAFolderCannotBeUsed) {
  const auto error = error_of_opening("/proc/no-such-folder");
  EXPECT_EQ(error.kind, Kind::io);
  EXPECT_NE(std::string(error.what()).find("/proc/no-such-folder"), std::string::npos);
}

TEST(Derived, AnOlderFoldIsFoldedAgainAtTheNextStart) {
  TemporaryFolder home;
  fill(home.path(), 2);
  execute(home.path(), "UPDATE counters SET value = 0 WHERE name = 'derived_version'; DROP TABLE runs; DELETE FROM steps");
  EventLog::open(home.path(), {});
  EXPECT_EQ(check_derived(home.path()), "");
}

TEST(Derived, CheckNamesTheFirstDifference) {
  TemporaryFolder home;
  fill(home.path(), 2);
  execute(home.path(), "UPDATE runs SET steps_ended = 7 WHERE number = 2");
  const std::string difference = check_derived(home.path());
  EXPECT_NE(difference.find("runs"), std::string::npos) << difference;
  EXPECT_NE(difference.find("number=2"), std::string::npos) << difference;
  rebuild(home.path());
  EXPECT_EQ(check_derived(home.path()), "");
}

constexpr std::streamoff k_page = 4096;

/// Where the root of a table or index, given by name, lies in the file.
std::streamoff root_of(const fs::path& home, const std::string& name) {
  sqlite3* handle = nullptr;
  EXPECT_EQ(sqlite3_open((home / "headrace.db").c_str(), &handle), SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(handle, "SELECT rootpage FROM sqlite_schema WHERE name = ?", -1, &statement, nullptr), SQLITE_OK);
  sqlite3_bind_text(statement, 1, name.c_str(), -1, SQLITE_STATIC);
  EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW) << name;
  const auto page = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return (page - 1) * k_page;
}

void write_page(const fs::path& home, std::streamoff at, const std::string& page) {
  std::fstream file(home / "headrace.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file << page;
}

/// Overwrites the root of a table or index with nonsense.
void destroy(const fs::path& home, const std::string& name) {
  write_page(home, root_of(home, name), std::string(k_page, '\xAA'));
}

TEST(Derived, RefusesIndicesThatAreWholeButNotTheirTables) {
  TemporaryFolder home;
  fill(home.path(), 2);
  const auto a = root_of(home.path(), "events_by_run"), b = root_of(home.path(), "materializations_by_asset");
  const auto file = contents(home.path() / "headrace.db");
  write_page(home.path(), a, file.substr(static_cast<std::size_t>(b), k_page));
  write_page(home.path(), b, file.substr(static_cast<std::size_t>(a), k_page));
  EXPECT_EQ(error_of_opening(home.path()).kind, Kind::damaged);
  rebuild(home.path());
  EXPECT_EQ(EventLog::open(home.path(), {})->open_reader()->run_events(2, 0, 10).size(), 5u);
}

TEST(Derived, RebuildRepairsAllButTheEvents) {
  for (const char* name : {"runs", "steps", "latest", "events_by_run", "materializations_by_asset", "steps_by_asset"}) {
    TemporaryFolder home;
    fill(home.path(), 40);
    destroy(home.path(), name);
    EXPECT_EQ(error_of_opening(home.path()).kind, Kind::damaged) << name;
    rebuild(home.path());
    EXPECT_EQ(check_derived(home.path()), "") << name;
    auto log = EventLog::open(home.path(), {});
    EXPECT_EQ(log->last_id(), 40 * 5);
    EXPECT_EQ(log->last_run_number(), 40);
    EXPECT_EQ(log->open_reader()->run_events(40, 0, 10).size(), 5u);
    EXPECT_FALSE(fs::exists(home.path() / "headrace.db.rebuild"));
    struct stat status {};
    ASSERT_EQ(::stat((home.path() / "headrace.db").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
  }
}

TEST(Derived, RebuildLeavesAFileWithDamagedEventsAsItWas) {
  TemporaryFolder home;
  fill(home.path(), 40);
  destroy(home.path(), "events");
  const std::string before = contents(home.path() / "headrace.db");
  try {
    rebuild(home.path());
    FAIL() << "rebuilt";
  } catch (const StorageError& error) {
    EXPECT_EQ(error.kind, Kind::damaged);
  }
  EXPECT_EQ(contents(home.path() / "headrace.db"), before);
  EXPECT_FALSE(fs::exists(home.path() / "headrace.db.rebuild"));
}

TEST(Derived, RebuildTakesWhatOnlyTheWriteAheadLogHolds) {
  TemporaryFolder home, crashed;
  auto log = EventLog::open(home.path(), {});
  must_append(*log, {run_created(1, {{}})});
  for (const char* name : {"headrace.db", "headrace.db-wal"})
    fs::copy(home.path() / name, crashed.path() / name);  // as a crash would leave them
  rebuild(crashed.path());
  EXPECT_EQ(EventLog::open(crashed.path(), {})->last_id(), 1);
}

TEST(Derived, RebuildKeepsWhatIsNotDerived) {
  TemporaryFolder home;
  {
    auto log = EventLog::open(home.path(), {});
    Batch b = batch({run_created(4, {{}})});
    b.worker_created = WorkerRow{9, 4, "my_module", 77};
    b.definitions = {"abc", "{}"};
    ASSERT_TRUE(append(*log, b));
  }
  rebuild(home.path());
  auto log = EventLog::open(home.path(), {});
  EXPECT_EQ(log->last_run_number(), 4);
  EXPECT_EQ(log->last_worker_id(), 9);
  auto reader = log->open_reader();
  ASSERT_EQ(reader->workers().size(), 1u);
  EXPECT_EQ(reader->workers()[0].journal_offset, 77);
  EXPECT_EQ(reader->definitions("abc"), "{}");
}

TEST(Derived, RebuildRefusesANewerVersion) {
  TemporaryFolder home;
  fill(home.path(), 1);
  execute(home.path(), "PRAGMA user_version = 99");
  try {
    rebuild(home.path());
    FAIL() << "rebuilt";
  } catch (const StorageError& error) {
    EXPECT_EQ(error.kind, Kind::newer_version);
  }
}

TEST(Derived, RebuildRefusesAHomeInUse) {
  TemporaryFolder home;
  fill(home.path(), 1);
  const Home locked = Home::open(home.path());
  EXPECT_THROW(rebuild(home.path()), StorageError);
}

TEST(Derived, CheckSeesRowsThatShouldNotBe) {
  TemporaryFolder home;
  fill(home.path(), 1);
  execute(home.path(), "INSERT INTO latest VALUES (99, 0, 3)");
  EXPECT_NE(check_derived(home.path()).find("latest: a row is stored"), std::string::npos);
}

TEST(Backup, IsWholePrivateAndUsableWhileTheLogIsOpen) {
  TemporaryFolder home, elsewhere;
  auto log = EventLog::open(home.path(), {});
  must_append(*log, {run_created(1, {{}}), run_ended(1, 4, "success")});
  backup(home.path(), elsewhere.path() / "headrace.db");
  must_append(*log, {event(EventKind::daemon_started, 5)});

  struct stat status {};
  ASSERT_EQ(::stat((elsewhere.path() / "headrace.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(check_derived(elsewhere.path()), "");
  auto restored = EventLog::open(elsewhere.path(), {});
  EXPECT_EQ(restored->last_id(), 2);
  EXPECT_EQ(restored->open_reader()->run(1)->status, RunStatus::success);
}

TEST(Backup, NeverOverwrites) {
  TemporaryFolder home;
  fill(home.path(), 1);
  std::ofstream(home.path() / "mine") << "precious";
  EXPECT_THROW(backup(home.path(), home.path() / "mine"), StorageError);
  EXPECT_EQ(contents(home.path() / "mine"), "precious");
  EXPECT_THROW(backup(home.path() / "nowhere", home.path() / "new"), StorageError);
  EXPECT_FALSE(fs::exists(home.path() / "new"));
}

}  // namespace
}  // namespace headrace::storage::testing
