#include <storage/home.hpp>

#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "support.hpp"

namespace headrace::storage::testing {
namespace {

using Kind = StorageError::Kind;

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

StorageError error_of_opening(const fs::path& home) {
  try {
    Home::open(home);
  } catch (const StorageError& error) {
    return error;
  }
  ADD_FAILURE() << "opened";
  return {Kind::io, ""};
}

TEST(Home, IsMadePrivateWhateverTheUmask) {
  TemporaryFolder folder;
  const mode_t before = ::umask(0);
  const Home home = Home::open(folder.path() / "a" / "b" / "");
  ::umask(before);
  EXPECT_EQ(home.path(), fs::canonical(folder.path()) / "a" / "b");
  EXPECT_EQ(mode_of(home.path()), 0700u);
  EXPECT_EQ(mode_of(home.path() / "home.lock"), 0600u);
  EXPECT_EQ(home.subfolder("storage"), home.path() / "storage");
  EXPECT_EQ(mode_of(home.path() / "storage"), 0700u);
  EXPECT_EQ(home.subfolder("storage"), home.path() / "storage");
  EXPECT_TRUE(home.warnings().empty());
}

TEST(Home, ARelativeFolderBecomesAbsolute) {
  TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const Home home = Home::open(".headrace");
  fs::current_path(before);
  EXPECT_EQ(home.path(), fs::canonical(folder.path()) / ".headrace");
}

TEST(Home, ASecondOneIsRefusedAndNamesTheFirst) {
  TemporaryFolder folder;
  {
    const Home first = Home::open(folder.path());
    EXPECT_EQ(process_holding(folder.path()), ::getpid());
    const auto error = error_of_opening(folder.path());
    EXPECT_EQ(error.kind, Kind::locked);
    EXPECT_NE(std::string(error.what()).find("process " + std::to_string(::getpid())), std::string::npos) << error.what();
  }
  EXPECT_EQ(process_holding(folder.path()), 0);
  Home again = Home::open(folder.path());
  const Home moved = std::move(again);
  EXPECT_EQ(error_of_opening(folder.path()).kind, Kind::locked);
}

TEST(Home, TheLockIsNotInherited) {
  TemporaryFolder folder;
  auto home = std::make_unique<Home>(Home::open(folder.path()));
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  // A child that lives until its standard input ends.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[0], 0);
  posix_spawn_file_actions_addclose(&actions, pipe[1]);
  char name[] = "cat";
  char* arguments[] = {name, nullptr};
  pid_t child = 0;
  ASSERT_EQ(::posix_spawnp(&child, "cat", &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  home.reset();
  EXPECT_NO_THROW(Home::open(folder.path()));
  ::close(pipe[0]);
  ::close(pipe[1]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
}

TEST(Home, AFolderThatCannotBeWrittenIsRefusedClearly) {
  const auto error = error_of_opening("/proc/headrace-home");
  EXPECT_EQ(error.kind, Kind::io);
  EXPECT_NE(std::string(error.what()).find("/proc/headrace-home"), std::string::npos) << error.what();
  EXPECT_NE(std::string(error.what()).find("--home"), std::string::npos) << error.what();

  TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_NE(std::string(error_of_opening(folder.path() / "file").what()).find("not a folder"), std::string::npos);
  EXPECT_EQ(error_of_opening(folder.path() / "file" / "home").kind, Kind::io);
}

TEST(Home, ASomebodyElsesFolderIsRefusedClearly) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  TemporaryFolder folder;  // 0700, root's
  fs::create_directory(folder.path() / "home");
  fs::permissions(folder.path(), fs::perms(0755));
  fs::permissions(folder.path() / "home", fs::perms(0755));
  const uid_t me = ::geteuid();
  ASSERT_EQ(::seteuid(65534), 0);
  const auto error = error_of_opening(folder.path() / "home");
  ASSERT_EQ(::seteuid(me), 0);
  EXPECT_EQ(error.kind, Kind::io);
  EXPECT_NE(std::string(error.what()).find("user 65534 cannot write in it"), std::string::npos) << error.what();
}

TEST(Home, AFolderOpenToOthersIsMentioned) {
  TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms(0755));
  const Home home = Home::open(folder.path());
  ASSERT_EQ(home.warnings().size(), 1u);
  EXPECT_NE(home.warnings()[0].find("chmod 700"), std::string::npos);
}

TEST(Home, NetworkFilesystemsAreKnownByName) {
  EXPECT_EQ(network_filesystem_named(0x6969, "nfs4"), "NFS");
  EXPECT_EQ(network_filesystem_named(static_cast<long>(0xff534d42), "cifs"), "CIFS");
  EXPECT_EQ(network_filesystem_named(static_cast<int>(0xff534d42), "cifs"), "CIFS");  // sign-extended on some systems
  EXPECT_EQ(network_filesystem_named(static_cast<long>(0xfe534d42), "smb3"), "SMB2");
  EXPECT_EQ(network_filesystem_named(0x65735546, "fuse.sshfs"), "sshfs");
  EXPECT_EQ(network_filesystem_named(0x65735546, "fuse.mergerfs"), "");
  EXPECT_EQ(network_filesystem_named(0xef53, "ext4"), "");
  TemporaryFolder folder;
  EXPECT_EQ(network_filesystem(folder.path()), "");
}

}  // namespace
}  // namespace headrace::storage::testing
