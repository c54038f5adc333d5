// The home folder: everything one daemon keeps. At most one process holds it at a time.
//
//   headrace.db (-wal, -shm)   the event log           home.lock   held while a daemon runs; holds its pid
//   other files and folders belong to those who make them by subfolder()
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::storage {

class Home {
 public:
  /// Makes the folder (0700) and its parents where missing, and locks it until this object goes. The lock is not
  /// inherited by child processes. Throws StorageError: `locked` names the pid of the process that has it; `io` says
  /// why the folder cannot be used (not writable, not a folder, on a network filesystem).
  static Home open(const std::filesystem::path& folder);

  ~Home();
  Home(Home&& other) noexcept;
  Home& operator=(Home&&) = delete;

  const std::filesystem::path& path() const { return path_; }  ///< absolute, without symbolic links
  /// `<home>/<name>`, made (0700) where missing. Throws StorageError.
  std::filesystem::path subfolder(std::string_view name) const;
  /// What the user should know but need not stop for, e.g. that others can read the folder.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Home(std::filesystem::path path, int lock);
  std::filesystem::path path_;
  int lock_ = -1;
  std::vector<std::string> warnings_;
};

/// The pid in `<home>/home.lock` of a running daemon; 0 when nobody holds the home.
int process_holding(const std::filesystem::path& home);

/// What to tell of a log that has lost its newest events (its -wal file damaged or removed, an older backup put back); "" where
/// none are missing. To be asked before anything is appended; ids go on behind what is gone.
std::string lost_end(const std::filesystem::path& home);

/// The name of the network filesystem that `folder` lies on ("NFS", "sshfs" …); empty for a local one.
std::string network_filesystem(const std::filesystem::path& folder);
/// The same, from what statfs and /proc/self/mountinfo say of it.
std::string network_filesystem_named(long statfs_type, std::string_view mount_type);

}  // namespace headrace::storage
