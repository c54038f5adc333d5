#include <io_managers/atomic_write.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace headrace::io_managers {
namespace fs = std::filesystem;
namespace {

class AtomicWrite : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "headrace-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder); }
  static std::function<void(int)> text(std::string_view text) {
    return [text](int file) { write_all(file, text.data(), text.size()); };
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  fs::path folder;
};

TEST_F(AtomicWrite, ReplacesAFileAsAWholeAndKeepsItsPermissions) {
  const auto path = folder / "value";
  EXPECT_EQ(atomic_write(path, text("first"), true), 5);
  ::chmod(path.c_str(), 0640);
  EXPECT_EQ(atomic_write(path, text("2"), false), 1);
  EXPECT_EQ(read_file(path), "2");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0640));
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicWrite, AnErrorLeavesTheOldFileAndNothingElse) {
  const auto path = folder / "value";
  atomic_write(path, text("good"));
  EXPECT_THROW(atomic_write(path,
                            [](int file) {
                              write_all(file, "half", 4);
                              throw std::runtime_error("no");
                            }),
               std::runtime_error);
  EXPECT_EQ(read_file(path), "good");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicWrite, WhatAKilledProcessLeftIsUsedAgain) {
  const auto path = folder / "value";
  atomic_write(path, text("good"));
  const pid_t child = ::fork();
  if (child == 0) {
    atomic_write(path, [](int file) {
      write_all(file, "much more than good", 19);
      ::kill(::getpid(), SIGKILL);
    });
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_EQ(read_file(path), "good");
  EXPECT_EQ(files(), 2u);
  atomic_write(path, text("new"));
  EXPECT_EQ(read_file(path), "new");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicWrite, TwoWritersOfOnePathDoNotMeet) {
  const auto path = folder / "value";
  atomic_write(path, [&](int file) {
    write_all(file, "outer", 5);
    atomic_write(path, text("inner"));
    EXPECT_EQ(read_file(path), "inner");
  });
  EXPECT_EQ(read_file(path), "outer");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicWrite, ALinkStaysAndFoldersAreMade) {
  make_folders(folder / "a" / "b", true);
  atomic_write(folder / "a" / "b" / "real", text("1"));
  fs::create_symlink(folder / "a" / "b" / "real", folder / "link");
  atomic_write(folder / "link", text("2"));
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "a" / "b" / "real"), "2");
  EXPECT_EQ(read_file(folder / "nothing"), std::nullopt);
}

TEST(FileUri, QuotesAndBack) {
  EXPECT_EQ(file_uri("/a b/ü%.csv"), "file:///a%20b/%C3%BC%25.csv");
  EXPECT_EQ(path_of_uri("file:///a%20b/%C3%BC%25.csv"), fs::path("/a b/ü%.csv"));
  EXPECT_EQ(path_of_uri("s3://bucket/x"), std::nullopt);
}

}  // namespace
}  // namespace headrace::io_managers
