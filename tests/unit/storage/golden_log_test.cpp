// Databases of released versions (tests/golden/storage) open, migrate and read as they did. The files are never changed;
// each release that raises the schema version or adds a kind of event adds one.
#include <sqlite3.h>

#include <fstream>

#include <storage/event_log.hpp>

#include "support.hpp"

#include <tests_dir.hpp>

namespace headrace::storage::testing {
namespace {

void restore(const fs::path& home, const std::string& name) {
  std::ifstream in(fs::path(k_tests_dir) / "golden" / "storage" / name);
  const std::string sql{std::istreambuf_iterator<char>(in), {}};
  ASSERT_FALSE(sql.empty()) << name;
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open((home / "headrace.db").c_str(), &handle), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

TEST(GoldenLog, Schema1) {
  TemporaryFolder home;
  restore(home.path(), "schema_1.sql");
  auto log = EventLog::open(home.path(), {});
  EXPECT_EQ(check_derived(home.path()), "");
  EXPECT_EQ(log->last_id(), 26);
  EXPECT_EQ(log->last_run_number(), 3);
  EXPECT_EQ(log->last_worker_id(), 2);

  auto reader = log->open_reader();
  const auto events = reader->read_after(0, 100);
  ASSERT_EQ(events.size(), 26u);
  for (const auto& e : events) EXPECT_FALSE(message(e).empty()) << e.id;
  EXPECT_EQ(reader->run(1)->status, RunStatus::failure);
  EXPECT_EQ(reader->run(1)->steps_succeeded, 2);
  EXPECT_EQ(reader->run(2)->status, RunStatus::canceled);
  EXPECT_EQ(reader->run(3)->status, RunStatus::queued);
  EXPECT_EQ(reader->steps(1).at(1).attempt, 2);
  EXPECT_EQ(json::parse(reader->steps(1).at(2).error)["type"], "KeyError");
  EXPECT_EQ(reader->attempt(1, 1, 2)->begin[0], 40);
  EXPECT_EQ(reader->latest_materialization("s1", "2026-01-02")->time, 1767323045000012);
  EXPECT_TRUE(reader->asset("outside/a\\/b"));
  ASSERT_EQ(reader->workers().size(), 1u);
  EXPECT_EQ(reader->workers()[0].journal_offset, 100);
  EXPECT_EQ(reader->definitions("abc"), R"({"assets":[],"resources":[]})");

  // And it goes on from there.
  Batch end = batch({step_ended(3, 0, 1, 1767323045000040, "success"), run_ended(3, 1767323045000041, "success")});
  end.journal_offset = {2, 200};
  end.worker_gone = 2;
  EXPECT_EQ(append(*log, std::move(end))->first_id, 27);
  EXPECT_EQ(check_derived(home.path()), "");
}

}  // namespace
}  // namespace headrace::storage::testing
