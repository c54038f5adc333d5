#include <storage/home.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/core.h>
#include <storage/event_log.hpp>

namespace headrace::storage {
namespace {

namespace fs = std::filesystem;
using Kind = StorageError::Kind;

constexpr const char* k_lock_file = "home.lock";

[[noreturn]] void cannot_use(const fs::path& folder, const std::string& why, int error = 0) {
  const auto kind = error == ENOSPC || error == EDQUOT ? Kind::disk_full : Kind::io;
  const std::string reason = error != 0 ? fmt::format("{}: {}", why, std::strerror(error)) : why;
  throw StorageError(kind, fmt::format("Cannot use {} as Headrace's home: {}. Name another folder with --home or HEADRACE_HOME.",
                                       folder.string(), reason));
}

/// Makes the names in it survive a power cut: without that, a new home could be gone with all that was synced into it.
void sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;  // it may be written but not read
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (error != 0 && error != EINVAL) cannot_use(folder, "it cannot be synced", error);
}

void make_folder(const fs::path& folder) {
  std::error_code ignored;
  if (folder.has_parent_path() && !fs::exists(folder.parent_path(), ignored)) make_folder(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) == 0) {
    ::chmod(folder.c_str(), 0700);  // whatever the umask took away
    sync_folder(folder.has_parent_path() ? folder.parent_path() : ".");
    return;
  }
  const int error = errno;
  if (error != EEXIST) cannot_use(folder, "it cannot be made", error);
  if (!fs::is_directory(folder, ignored)) cannot_use(folder, "it is not a folder");
}

int read_pid(int fd) {
  char text[32] = {};
  const auto size = ::pread(fd, text, sizeof text - 1, 0);
  int pid = 0;
  if (size > 0) std::from_chars(text, text + size, pid);
  return pid;
}

/// The type in /proc/self/mountinfo of the mount that `device` belongs to, e.g. "fuse.sshfs".
std::string mount_type(dev_t device) {
  const std::string wanted = fmt::format("{}:{}", major(device), minor(device));
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string id, parent, number, word;
    fields >> id >> parent >> number;
    if (number != wanted) continue;
    while (fields >> word && word != "-") {
    }
    if (fields >> word) return word;
  }
  return {};
}

/// 0, or why the lock cannot be had. A daemon that was killed while it was starting a process leaves the lock with the child
/// until that has become the other program: the holder is dead, and the lock will be free in a moment.
int lock(int fd) {
  for (int tries = 1000; ::flock(fd, LOCK_EX | LOCK_NB) != 0; --tries) {
    const int reason = errno, holder = read_pid(fd);
    const bool is_left_behind = reason == EWOULDBLOCK && holder > 0 && ::kill(holder, 0) != 0 && errno == ESRCH;
    if (!is_left_behind || tries == 0) return reason;
    ::usleep(5'000);
  }
  return 0;
}

}  // namespace

Home::Home(fs::path path, int lock) : path_(std::move(path)), lock_(lock) {}
Home::Home(Home&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)), warnings_(std::move(other.warnings_)) {}
Home::~Home() {
  if (lock_ >= 0) ::close(lock_);
}

Home Home::open(const fs::path& folder) {
  std::error_code error;
  fs::path path = fs::absolute(folder, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "x/" is x
  make_folder(path);
  path = fs::canonical(path, error);
  if (error) cannot_use(folder, "it cannot be resolved", error.value());
  if (const auto network = network_filesystem(path); !network.empty()) {
    cannot_use(path,
               fmt::format("it lies on a network filesystem ({}), where the database's locks and its write-ahead log do not work",
                           network));
  }
  const fs::path file = path / k_lock_file;
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) cannot_use(path, fmt::format("user {} cannot write in it", ::geteuid()), errno);
  Home home(path, fd);
  if (const int reason = lock(fd); reason != 0) {
    if (reason != EWOULDBLOCK) cannot_use(path, "it cannot be locked", reason);
    throw StorageError(
        Kind::locked,
        fmt::format(
            "Another Headrace (process {}) is using the home {}. Stop it first, or give this one a home of its own with --home.",
            read_pid(fd), path.string()));
  }
  ::fchmod(fd, 0600);
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    cannot_use(path, "its home.lock cannot be written", errno);
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 0077) != 0) {
    home.warnings_.push_back(
        fmt::format("The home {} can be entered by other users (mode {:03o}). To keep them out: chmod 700 {}", path.string(),
                    status.st_mode & 0777, path.string()));
  }
  return home;
}

fs::path Home::subfolder(std::string_view name) const {
  fs::path folder = path_ / name;
  make_folder(folder);
  return folder;
}

int process_holding(const fs::path& home) {
  const int fd = ::open((home / k_lock_file).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return 0;
  const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  const int pid = held ? read_pid(fd) : 0;
  ::close(fd);
  return pid;
}

std::string network_filesystem(const fs::path& folder) {
  struct statfs filesystem {};
  struct stat status {};
  if (::statfs(folder.c_str(), &filesystem) != 0 || ::stat(folder.c_str(), &status) != 0) return {};
  return network_filesystem_named(static_cast<long>(filesystem.f_type), mount_type(status.st_dev));
}

std::string network_filesystem_named(long statfs_type, std::string_view mount_type) {
  switch (static_cast<unsigned long>(statfs_type) & 0xffffffffUL) {
    case 0x6969:
      return "NFS";
    case 0xff534d42:
      return "CIFS";
    case 0xfe534d42:
      return "SMB2";
    case 0x517b:
      return "SMB";
    case 0x5346414f:
      return "AFS";
    case 0x00c36400:
      return "Ceph";
    case 0x0bd00bd0:
      return "Lustre";
    case 0x47504653:
      return "GPFS";
    case 0x19830326:
      return "BeeGFS";
    case 0x20030528:
      return "OrangeFS";
    case 0x01161970:
      return "GFS2";
    default:
      break;
  }
  // FUSE is many things, most of them local; its mount type tells which.
  for (const char* name : {"sshfs", "s3fs", "gcsfuse", "rclone", "glusterfs", "cephfs", "davfs", "davfs2", "curlftpfs",
                           "blobfuse", "blobfuse2", "goofys", "mount-s3", "juicefs", "smbnetfs"}) {
    if (mount_type == std::string("fuse.") + name) return name;
  }
  for (const char* name : {"nfs", "nfs4", "cifs", "smb3", "ceph", "lustre", "afs", "glusterfs"}) {
    if (mount_type == name) return name;
  }
  return {};
}

}  // namespace headrace::storage
