#include "remove_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <functional>
#include <memory>

namespace headrace::storage {
namespace {

constexpr int k_deepest = 64;  // whatever user code made below its worker's folder

struct Stat {
  bool is_there = false, is_folder = false, is_file = false;
  std::int64_t size = 0;
  std::uint64_t mount = 0, device = 0;
};

/// Of the thing itself, not of where a link leads.
Stat stat_of(int parent, const char* name) {
  struct statx found {};
  Stat stat;
  if (::statx(parent, name, AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH), STATX_BASIC_STATS | STATX_MNT_ID, &found) != 0)
    return stat;
  stat.is_there = true;
  stat.is_folder = S_ISDIR(found.stx_mode);
  stat.is_file = S_ISREG(found.stx_mode);
  stat.size = static_cast<std::int64_t>(found.stx_size);
  stat.mount = (found.stx_mask & STATX_MNT_ID) != 0 ? found.stx_mnt_id : 0;
  stat.device = ::makedev(found.stx_dev_major, found.stx_dev_minor);
  return stat;
}

bool is_same_mount(const Stat& a, const Stat& b) { return a.mount == b.mount && a.device == b.device; }

using Folder = std::unique_ptr<DIR, decltype(&::closedir)>;

Folder open_folder(int parent, const char* name) {
  const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR* folder = fd < 0 ? nullptr : ::fdopendir(fd);
  if (fd >= 0 && !folder) ::close(fd);
  return {folder, &::closedir};
}

/// Calls `file` for everything in the folder that is none, then `folder` for each folder, the deepest first; bytes of regular
/// files.
struct Walk {
  std::function<void(int parent, const char* name)> at_file, at_folder;
  std::int64_t bytes = 0;

  void below(int parent, const char* name, const Stat& mount, int depth) {
    // The open handle is what counts: what was looked at before may be another thing by now.
    const Folder folder = open_folder(parent, name);
    if (!folder || depth > k_deepest || !is_same_mount(stat_of(::dirfd(folder.get()), ""), mount)) return;
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string child = entry->d_name;
      if (child == "." || child == "..") continue;
      const int here = ::dirfd(folder.get());
      const Stat stat = stat_of(here, child.c_str());
      if (!stat.is_there || !is_same_mount(stat, mount)) continue;
      if (stat.is_folder) {
        below(here, child.c_str(), mount, depth + 1);
        if (at_folder) at_folder(here, child.c_str());
      } else {
        if (stat.is_file) bytes += stat.size;
        if (at_file) at_file(here, child.c_str());
      }
    }
  }
};

}  // namespace

std::int64_t remove_folder(int parent, const std::string& name) {
  Walk walk;
  walk.at_file = [](int folder, const char* file) { ::unlinkat(folder, file, 0); };
  walk.at_folder = [](int folder, const char* child) { ::unlinkat(folder, child, AT_REMOVEDIR); };
  walk.below(parent, name.c_str(), stat_of(parent, ""), 0);
  ::unlinkat(parent, name.c_str(), AT_REMOVEDIR);
  return walk.bytes;
}

std::int64_t folder_bytes(int parent, const std::string& name) {
  Walk walk;
  walk.below(parent, name.c_str(), stat_of(parent, ""), 0);
  return walk.bytes;
}

}  // namespace headrace::storage
