#include <storage/retention.hpp>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "support.hpp"

namespace headrace::storage {
namespace {

namespace fs = std::filesystem;

/// A home with workers' output of runs 1 and 2, and something precious beside it.
struct RemoveFolderTest : ::testing::Test {
  fs::path folder = [] {
    std::string pattern = (fs::temp_directory_path() / "headrace-remove-XXXXXX").string();
    return fs::path(::mkdtemp(pattern.data()));
  }();
  fs::path home = folder / "home", precious = folder / "precious";

  RemoveFolderTest() {
    write(home / "runs/1/10/stdout", "12345");
    write(home / "runs/1/10/deep/er/file", "1");
    write(home / "runs/2/11/log", "123");
    write(precious / "file", "precious");
  }
  ~RemoveFolderTest() override {
    ::umount2((home / "runs/1/10/mount").c_str(), MNT_DETACH);
    fs::remove_all(folder);
  }
  static void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
};

TEST_F(RemoveFolderTest, RemovesTheRunsFolderAndCountsItsBytes) {
  EXPECT_EQ(log_bytes(home), 9);
  EXPECT_EQ(remove_logs(home, {1, 3}), 6);
  EXPECT_FALSE(fs::exists(home / "runs/1"));
  EXPECT_TRUE(fs::exists(home / "runs/2/11/log"));
  EXPECT_EQ(log_bytes(home), 3);
  EXPECT_EQ(remove_logs(folder / "nowhere", {1}), 0);
}

TEST_F(RemoveFolderTest, FollowsNoLink) {
  fs::create_directory_symlink(precious, home / "runs/1/10/link");
  fs::create_symlink(precious / "file", home / "runs/1/10/file-link");
  fs::create_directory_symlink(precious, home / "runs/7");
  EXPECT_EQ(remove_logs(home, {1, 7}), 6);
  EXPECT_FALSE(fs::exists(home / "runs/1"));
  EXPECT_TRUE(fs::exists(precious / "file"));
}

TEST_F(RemoveFolderTest, FollowsNoLinkInThePlaceOfAllRuns) {
  fs::remove_all(home / "runs");
  write(precious / "1/file", "1");
  fs::create_directory_symlink(precious, home / "runs");
  EXPECT_EQ(remove_logs(home, {1}), 0);
  EXPECT_EQ(log_bytes(home), 0);
  EXPECT_TRUE(fs::exists(precious / "1/file"));
}

TEST_F(RemoveFolderTest, StopsAtAMount) {
  fs::create_directories(home / "runs/1/10/mount");
  // Only root may mount; without it this is the test above.
  if (::mount(precious.c_str(), (home / "runs/1/10/mount").c_str(), nullptr, MS_BIND, nullptr) != 0) return;
  EXPECT_EQ(remove_logs(home, {1}), 6);
  EXPECT_TRUE(fs::exists(precious / "file"));
  EXPECT_TRUE(fs::exists(home / "runs/1/10/mount/file"));
}

TEST_F(RemoveFolderTest, NamesThatAreNoRunsStay) {
  write(home / "runs/notes/file", "1");
  write(home / "runs/01/file", "1");
  auto log = EventLog::open(home, {});
  auto reader = log->open_reader();
  EXPECT_EQ(sweep_logs(home, *reader), 9);  // the log knows no run: both folders are leftovers
  EXPECT_FALSE(fs::exists(home / "runs/1"));
  EXPECT_FALSE(fs::exists(home / "runs/2"));
  EXPECT_TRUE(fs::exists(home / "runs/notes/file"));
  EXPECT_TRUE(fs::exists(home / "runs/01/file"));
}

}  // namespace
}  // namespace headrace::storage
