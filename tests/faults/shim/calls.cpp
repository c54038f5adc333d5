// The calls of the write path. Each asks what becomes of it, makes the system call itself, and tells the record.
//
// The functions have names of their own and take the C library's symbols, so that its headers can be included.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "files.hpp"
#include "record.hpp"
#include "rules.hpp"

#define REPLACES(symbol) __asm__(symbol) __attribute__((visibility("default")))
#define ALIAS(symbol, of) __asm__(symbol) __attribute__((visibility("default"), alias(of)))

using namespace faults;

namespace {

/// Makes the call unless it is to fail; its result, errno set.
template <class Make>
long guarded(Call call, const char* name, const char* path, Make make) {
  const Fate fate = decide(call, name, path);
  if (fate.kind == Fate::Kind::fail) {
    errno = fate.error;
    return -1;
  }
  const long result = make();
  carry_out(fate);
  return result;
}

// ---- open ---------------------------------------------------------------------------------------------------------------

bool is_missing(const char* path) { return ::syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0; }

int open_at(int folder, const char* name, int flags, mode_t mode) {
  const auto make = [&] { return ::syscall(SYS_openat, folder, name, flags, mode); };
  if ((flags & O_ACCMODE) == O_RDONLY && (flags & (O_CREAT | O_TRUNC)) == 0) return static_cast<int>(make());
  const Path path = path_at(folder, name);
  return static_cast<int>(guarded(Call::open, "open", path.text, [&] {
    const int kept = errno;
    const bool is_new = (flags & O_CREAT) != 0 && is_recorded(path.text) && is_missing(path.text);
    errno = kept;
    const long fd = make();
    if (fd < 0 || !is_recorded(path.text)) return fd;
    if (is_new) record(Deed::create, path.text, static_cast<int>(fd), 0, nullptr, 0);
    if (!is_new && (flags & O_TRUNC) != 0) record(Deed::truncate, path.text, static_cast<int>(fd), 0, nullptr, 0);
    return fd;
  }));
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

// ---- write --------------------------------------------------------------------------------------------------------------

/// `make(parts, count)` writes; `offset` < 0: at the descriptor's own position.
template <class Make>
ssize_t write_parts(const char* name, int fd, const iovec* parts, int count, std::int64_t offset, Make make) {
  const Path path = path_of(fd);
  if (path.text[0] == '\0') {
    die_if_halted();
    return make(parts, count);
  }
  const Fate fate = decide(Call::write, name, path.text);
  if (fate.kind == Fate::Kind::fail) {
    errno = fate.error;
    return -1;
  }
  const iovec half{parts[0].iov_base, (parts[0].iov_len + 1) / 2};
  const bool is_short = fate.kind == Fate::Kind::cut_short;
  const ssize_t written = is_short ? make(&half, 1) : make(parts, count);
  if (written > 0 && is_recorded(path.text)) {
    std::int64_t at = offset >= 0 ? offset : ::syscall(SYS_lseek, fd, 0, SEEK_CUR) - written;
    auto left = static_cast<std::size_t>(written);
    for (int i = 0; i < count && left > 0; ++i) {
      const auto size = parts[i].iov_len < left ? parts[i].iov_len : left;
      record(Deed::write, path.text, fd, at, parts[i].iov_base, size);
      at += static_cast<std::int64_t>(size);
      left -= size;
    }
  }
  carry_out(fate);
  return written;
}

/// What a process says to others counts as said when it is in the record.
ssize_t said(int fd, ssize_t size, const iovec* parts, std::size_t count) {
  if (size <= 0 || !is_recording()) return size;
  auto left = static_cast<std::size_t>(size);
  for (std::size_t i = 0; i < count && left > 0; ++i) {
    const auto part = parts[i].iov_len < left ? parts[i].iov_len : left;
    record(Deed::say, "", fd, 0, parts[i].iov_base, part);
    left -= part;
  }
  return size;
}

// ---- names --------------------------------------------------------------------------------------------------------------

int rename_at(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  const Path source = path_at(from_folder, from), target = path_at(to_folder, to);
  return static_cast<int>(guarded(Call::rename, "rename", target.text, [&] {
    const long result = ::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    if (result == 0 && (is_recorded(source.text) || is_recorded(target.text)))
      record(Deed::rename, source.text, -1, 0, nullptr, 0, target.text);
    return result;
  }));
}

int unlink_at(int folder, const char* name, int flags) {
  const Path path = path_at(folder, name);
  const bool is_folder = (flags & AT_REMOVEDIR) != 0;
  return static_cast<int>(guarded(is_folder ? Call::folder : Call::unlink, is_folder ? "rmdir" : "unlink", path.text, [&] {
    const long result = ::syscall(SYS_unlinkat, folder, name, flags);
    if (result == 0 && is_recorded(path.text)) record(Deed::remove, path.text, -1, 0, nullptr, 0);
    return result;
  }));
}

int make_folder_at(int folder, const char* name, mode_t mode) {
  const Path path = path_at(folder, name);
  return static_cast<int>(guarded(Call::folder, "mkdir", path.text, [&] {
    const long result = ::syscall(SYS_mkdirat, folder, name, mode);
    if (result == 0 && is_recorded(path.text)) record(Deed::make_folder, path.text, -1, 0, nullptr, 0);
    return result;
  }));
}

// ---- sizes and syncs ----------------------------------------------------------------------------------------------------

/// A call on a descriptor; `deed` of the record with `size`.
template <class Make>
long on_descriptor(Call call, const char* name, int fd, Deed deed, std::int64_t size, Make make) {
  const Path path = path_of(fd);
  if (path.text[0] == '\0') return make();
  return guarded(call, name, path.text, [&] {
    const long result = make();
    if (result == 0 && is_recorded(path.text)) record(deed, path.text, fd, size, nullptr, 0);
    return result;
  });
}

std::int64_t size_after_allocation(int fd, int mode, std::int64_t end) {
  struct stat info {};
  ::fstat(fd, &info);
  return (mode & FALLOC_FL_KEEP_SIZE) != 0 || end < info.st_size ? info.st_size : end;
}

}  // namespace

extern "C" {

int faults_open(const char* path, int flags, ...) REPLACES("open");
int faults_open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(AT_FDCWD, path, flags, mode);
}
int faults_open64(const char* path, int flags, ...) ALIAS("open64", "open");

int faults_openat(int folder, const char* path, int flags, ...) REPLACES("openat");
int faults_openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(folder, path, flags, mode);
}
int faults_openat64(int folder, const char* path, int flags, ...) ALIAS("openat64", "openat");

int faults_open_2(const char* path, int flags) REPLACES("__open_2");
int faults_open_2(const char* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int faults_open64_2(const char* path, int flags) ALIAS("__open64_2", "__open_2");

int faults_creat(const char* path, mode_t mode) REPLACES("creat");
int faults_creat(const char* path, mode_t mode) { return open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }
int faults_creat64(const char* path, mode_t mode) ALIAS("creat64", "creat");

ssize_t faults_write(int fd, const void* data, size_t size) REPLACES("write");
ssize_t faults_write(int fd, const void* data, size_t size) {
  const iovec part{const_cast<void*>(data), size};
  return write_parts("write", fd, &part, 1, -1,
                     [&](const iovec* parts, int) { return ::syscall(SYS_write, fd, parts->iov_base, parts->iov_len); });
}

ssize_t faults_pwrite(int fd, const void* data, size_t size, off_t offset) REPLACES("pwrite");
ssize_t faults_pwrite(int fd, const void* data, size_t size, off_t offset) {
  const iovec part{const_cast<void*>(data), size};
  return write_parts("pwrite", fd, &part, 1, offset, [&](const iovec* parts, int) {
    return ::syscall(SYS_pwrite64, fd, parts->iov_base, parts->iov_len, offset);
  });
}
ssize_t faults_pwrite64(int fd, const void* data, size_t size, off_t offset) ALIAS("pwrite64", "pwrite");

ssize_t faults_writev(int fd, const iovec* parts, int count) REPLACES("writev");
ssize_t faults_writev(int fd, const iovec* parts, int count) {
  return write_parts("writev", fd, parts, count, -1,
                     [&](const iovec* some, int n) { return ::syscall(SYS_writev, fd, some, n); });
}

ssize_t faults_pwritev(int fd, const iovec* parts, int count, off_t offset) REPLACES("pwritev");
ssize_t faults_pwritev(int fd, const iovec* parts, int count, off_t offset) {
  return write_parts("pwritev", fd, parts, count, offset,
                     [&](const iovec* some, int n) { return ::syscall(SYS_pwritev, fd, some, n, offset, 0); });
}
ssize_t faults_pwritev64(int fd, const iovec* parts, int count, off_t offset) ALIAS("pwritev64", "pwritev");

ssize_t faults_send(int fd, const void* data, size_t size, int flags) REPLACES("send");
ssize_t faults_send(int fd, const void* data, size_t size, int flags) {
  die_if_halted();
  const iovec part{const_cast<void*>(data), size};
  return said(fd, ::syscall(SYS_sendto, fd, data, size, flags, nullptr, 0), &part, 1);
}

ssize_t faults_sendmsg(int fd, const msghdr* message, int flags) REPLACES("sendmsg");
ssize_t faults_sendmsg(int fd, const msghdr* message, int flags) {
  die_if_halted();
  return said(fd, ::syscall(SYS_sendmsg, fd, message, flags), message->msg_iov, message->msg_iovlen);
}

int faults_rename(const char* from, const char* to) REPLACES("rename");
int faults_rename(const char* from, const char* to) { return rename_at(AT_FDCWD, from, AT_FDCWD, to, 0); }
int faults_renameat(int from_folder, const char* from, int to_folder, const char* to) REPLACES("renameat");
int faults_renameat(int from_folder, const char* from, int to_folder, const char* to) {
  return rename_at(from_folder, from, to_folder, to, 0);
}
int faults_renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) REPLACES("renameat2");
int faults_renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  return rename_at(from_folder, from, to_folder, to, flags);
}

int faults_unlink(const char* path) REPLACES("unlink");
int faults_unlink(const char* path) { return unlink_at(AT_FDCWD, path, 0); }
int faults_unlinkat(int folder, const char* path, int flags) REPLACES("unlinkat");
int faults_unlinkat(int folder, const char* path, int flags) { return unlink_at(folder, path, flags); }
int faults_rmdir(const char* path) REPLACES("rmdir");
int faults_rmdir(const char* path) { return unlink_at(AT_FDCWD, path, AT_REMOVEDIR); }
int faults_remove(const char* path) REPLACES("remove");
int faults_remove(const char* path) {
  struct stat info {};
  const bool is_folder = ::lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
  return unlink_at(AT_FDCWD, path, is_folder ? AT_REMOVEDIR : 0);
}

int faults_mkdir(const char* path, mode_t mode) REPLACES("mkdir");
int faults_mkdir(const char* path, mode_t mode) { return make_folder_at(AT_FDCWD, path, mode); }
int faults_mkdirat(int folder, const char* path, mode_t mode) REPLACES("mkdirat");
int faults_mkdirat(int folder, const char* path, mode_t mode) { return make_folder_at(folder, path, mode); }

int faults_link(const char* from, const char* to) REPLACES("link");
int faults_link(const char* from, const char* to) {
  const Path source = path_at(AT_FDCWD, from), target = path_at(AT_FDCWD, to);
  return static_cast<int>(guarded(Call::rename, "link", target.text, [&] {
    const long result = ::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (result == 0 && is_recorded(target.text)) record(Deed::link, source.text, -1, 0, nullptr, 0, target.text);
    return result;
  }));
}

int faults_fsync(int fd) REPLACES("fsync");
int faults_fsync(int fd) {
  return static_cast<int>(on_descriptor(Call::sync, "fsync", fd, Deed::sync, 0, [&] { return ::syscall(SYS_fsync, fd); }));
}
int faults_fdatasync(int fd) REPLACES("fdatasync");
int faults_fdatasync(int fd) {
  return static_cast<int>(
      on_descriptor(Call::sync, "fdatasync", fd, Deed::sync, 0, [&] { return ::syscall(SYS_fdatasync, fd); }));
}
int faults_syncfs(int fd) REPLACES("syncfs");
int faults_syncfs(int fd) {
  return static_cast<int>(on_descriptor(Call::sync, "syncfs", fd, Deed::sync, -1, [&] { return ::syscall(SYS_syncfs, fd); }));
}

int faults_ftruncate(int fd, off_t size) REPLACES("ftruncate");
int faults_ftruncate(int fd, off_t size) {
  return static_cast<int>(
      on_descriptor(Call::truncate, "ftruncate", fd, Deed::truncate, size, [&] { return ::syscall(SYS_ftruncate, fd, size); }));
}
int faults_ftruncate64(int fd, off_t size) ALIAS("ftruncate64", "ftruncate");

int faults_fallocate(int fd, int mode, off_t offset, off_t size) REPLACES("fallocate");
int faults_fallocate(int fd, int mode, off_t offset, off_t size) {
  const auto end = size_after_allocation(fd, mode, offset + size);
  return static_cast<int>(on_descriptor(Call::truncate, "fallocate", fd, Deed::truncate, end,
                                        [&] { return ::syscall(SYS_fallocate, fd, mode, offset, size); }));
}
int faults_fallocate64(int fd, int mode, off_t offset, off_t size) ALIAS("fallocate64", "fallocate");

// It answers with the error itself.
int faults_posix_fallocate(int fd, off_t offset, off_t size) REPLACES("posix_fallocate");
int faults_posix_fallocate(int fd, off_t offset, off_t size) {
  const int kept = errno;
  const int result = faults_fallocate(fd, 0, offset, size) == 0 ? 0 : errno;
  errno = kept;
  return result;
}
int faults_posix_fallocate64(int fd, off_t offset, off_t size) ALIAS("posix_fallocate64", "posix_fallocate");

int faults_flock(int fd, int operation) REPLACES("flock");
int faults_flock(int fd, int operation) {
  const Path path = path_of(fd);
  return static_cast<int>(guarded(Call::lock, "flock", path.text, [&] { return ::syscall(SYS_flock, fd, operation); }));
}

}  // extern "C"
