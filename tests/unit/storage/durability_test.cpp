// Which commits are synced to disk, and what a failing sync does. fsync and fdatasync of this program are counted, and may
// be made to fail.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include <storage/event_log.hpp>

#include "support.hpp"

namespace {
std::atomic<int> syncs{0};
std::atomic<bool> syncs_fail{false};

int counted_sync(long number, int fd) {
  ++syncs;
  if (syncs_fail) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(number, fd));
}
}  // namespace

extern "C" int fsync(int fd) { return counted_sync(SYS_fsync, fd); }
extern "C" int fdatasync(int fd) { return counted_sync(SYS_fdatasync, fd); }

namespace headrace::storage::testing {
namespace {

class Durable : public ::testing::Test {
 protected:
  void open(Durability durability) {
    Options options;
    options.durability = durability;
    options.checkpoint_when_idle = std::chrono::hours(1);
    log_ = EventLog::open(home_.path(), options);
    must_append(*log_, {run_created(1, {{}, {}, {}})});  // the -wal file has begun
  }
  void TearDown() override { syncs_fail = false; }

  int syncs_of(Batch b) {
    const int before = syncs;
    EXPECT_TRUE(append(*log_, std::move(b)));
    return syncs - before;
  }

  TemporaryFolder home_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(Durable, FullSyncsEndsAndWhatIsAskedForAndNothingElse) {
  open(Durability::full);
  EXPECT_EQ(syncs_of(batch({step_started(1, 0, 1, 1)})), 0);
  EXPECT_EQ(syncs_of(batch({step_event(EventKind::inputs_loaded, 1, 0, 1, 2)})), 0);
  EXPECT_EQ(syncs_of(batch({materialized(1, 0, 1, 2, "s0"), step_ended(1, 0, 1, 3, "success")})), 1);
  EXPECT_EQ(syncs_of(batch({step_started(1, 1, 1, 4)})), 0);
  Batch asked = batch({run_event(EventKind::run_canceling, 1, 5)});
  asked.durable = true;
  EXPECT_EQ(syncs_of(std::move(asked)), 1);
  EXPECT_EQ(syncs_of(batch({run_ended(1, 6, "canceled")})), 1);
}

TEST_F(Durable, FastLeavesSyncingToTheSystem) {
  open(Durability::fast);
  Batch asked = batch({step_started(1, 0, 1, 1), step_ended(1, 0, 1, 3, "success"), run_ended(1, 6, "success")});
  asked.durable = true;
  EXPECT_EQ(syncs_of(std::move(asked)), 0);
}

TEST_F(Durable, AFailedSyncIsAnErrorAndNothingOfTheBatchIsVisible) {
  open(Durability::full);
  syncs_fail = true;
  const auto result = append(*log_, batch({step_started(1, 0, 1, 1), step_ended(1, 0, 1, 3, "success")}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_EQ(result.error().detail["reason"], "io");
  EXPECT_EQ(log_->last_id(), 1);
  EXPECT_EQ(log_->open_reader()->as_of(), 1);
  EXPECT_EQ(log_->open_reader()->steps(1).at(0).status, StepStatus::ready);
  // While syncs fail, nothing is taken: not even what needs no sync of its own.
  EXPECT_FALSE(append(*log_, batch({step_started(1, 0, 1, 1)})));

  syncs_fail = false;
  // What was written before is synced first, into the database itself.
  EXPECT_GE(syncs_of(batch({step_started(1, 0, 1, 1)})), 2);
  EXPECT_EQ(syncs_of(batch({step_ended(1, 0, 1, 3, "success")})), 1);
  EXPECT_EQ(log_->last_id(), 3);
  log_.reset();
  EXPECT_EQ(check_derived(home_.path()), "");
}

TEST_F(Durable, AProbeReallyWrites) {
  open(Durability::full);
  Batch probe;
  probe.durable = true;
  EXPECT_EQ(syncs_of(probe), 1);
  syncs_fail = true;
  EXPECT_FALSE(append(*log_, probe));
}

TEST_F(Durable, ABackupIsSynced) {
  open(Durability::full);
  const int before = syncs;
  backup(home_.path(), home_.path() / "copy.db");
  EXPECT_GE(syncs - before, 2);  // the file and its folder
}

}  // namespace
}  // namespace headrace::storage::testing
