// Snapshots that could not begin: whoever reads afterwards sees the log as it is, and not as it was then.
#include <sqlite3.h>

#include "support.hpp"

namespace headrace::storage::testing {
namespace {

/// Another program's hand in the database.
void run_sql(const fs::path& home, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open((home / "headrace.db").c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

std::int64_t as_of(Reader& reader) {
  const Reader::Snapshot snapshot(reader);
  return reader.as_of();
}

TEST(Snapshot, OneThatCouldNotBeginLeavesNoneBehind) {
  TemporaryFolder home;
  const auto log = EventLog::open(home.path(), {});
  const auto reader = log->open_reader();
  must_append(*log, {event(EventKind::daemon_started, 0)});
  run_sql(home.path(), "ALTER TABLE counters RENAME TO gone");  // its first read fails
  EXPECT_THROW(as_of(*reader), StorageError);
  run_sql(home.path(), "ALTER TABLE gone RENAME TO counters");
  const auto before = as_of(*reader);
  must_append(*log, {event(EventKind::daemon_started, 0)});
  EXPECT_EQ(as_of(*reader), before + 1);
}

TEST(Snapshot, ASnapshotWithinAnotherSeesTheSame) {
  TemporaryFolder home;
  const auto log = EventLog::open(home.path(), {});
  const auto reader = log->open_reader();
  must_append(*log, {event(EventKind::daemon_started, 0)});
  {
    const Reader::Snapshot snapshot(*reader);
    const auto before = reader->as_of();
    must_append(*log, {event(EventKind::daemon_started, 0)});
    EXPECT_EQ(as_of(*reader), before);
    EXPECT_EQ(reader->as_of(), before);
  }
  EXPECT_EQ(as_of(*reader), log->last_id());
}

}  // namespace
}  // namespace headrace::storage::testing
