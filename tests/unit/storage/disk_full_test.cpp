// A disk that fills up: every batch that meets it gets an error, nothing of it is visible, reads go on, and writing goes
// on once there is space again.
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include <storage/event_log.hpp>

#include "support.hpp"

namespace headrace::storage::testing {
namespace {

/// A small file system of its own; only root can make one.
class SmallDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::mount("headrace-test", folder_.path().c_str(), "tmpfs", MS_NODEV | MS_NOSUID, "size=1m") != 0) {
      GTEST_SKIP() << "no right to mount a small tmpfs here";
    }
    mounted_ = true;
  }
  void TearDown() override {
    log_.reset();
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }

  void fill() {
    std::ofstream ballast(folder_.path() / "ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void free() { fs::remove(folder_.path() / "ballast"); }

  TemporaryFolder folder_;
  bool mounted_ = false;
  std::unique_ptr<EventLog> log_;
};

Event large(std::int64_t time) { return event(EventKind::daemon_started, time, {{"version", std::string(20'000, 'v')}}); }

TEST_F(SmallDisk, FailsWhileFullAndGoesOnAfterwards) {
  log_ = EventLog::open(folder_.path(), {});
  must_append(*log_, {run_created(1, {{}})});
  fill();
  Result<EventLog::Appended> result;
  std::int64_t taken = 1;
  for (int i = 0; i < 100 && result; ++i) {
    result = append(*log_, batch({large(i)}));
    if (result) ++taken;
  }
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_EQ(result.error().detail["reason"], "disk_full");
  EXPECT_NE(result.error().message.find("disk is full"), std::string::npos) << result.error().message;
  EXPECT_FALSE(append(*log_, batch({large(1), large(2)})));

  auto reader = log_->open_reader();
  EXPECT_EQ(reader->as_of(), taken);
  EXPECT_EQ(log_->last_id(), taken);
  EXPECT_EQ(reader->run(1)->run_id, "run-1");

  free();
  ASSERT_TRUE(append(*log_, {})) << "the probe";
  EXPECT_EQ(must_append(*log_, {large(1)}), taken + 1);
  EXPECT_EQ(reader->as_of(), taken + 1);
  reader.reset();
  log_.reset();
  EXPECT_EQ(check_derived(folder_.path()), "");
}

TEST_F(SmallDisk, OpeningOnAFullDiskSaysSo) {
  fill();
  try {
    EventLog::open(folder_.path(), {});
    FAIL() << "opened";
  } catch (const StorageError& error) {
    EXPECT_EQ(error.kind, StorageError::Kind::disk_full) << error.what();
  }
}

}  // namespace
}  // namespace headrace::storage::testing
