#include "record.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace faults {
namespace {

char file[PATH_MAX] = "", under[PATH_MAX] = "";

/// Little endian, without gaps; disk.py has the same.
struct [[gnu::packed]] Head {
  std::uint8_t deed;
  std::uint8_t is_whole = 1;  // `data` follows; else only its size is known
  std::uint16_t path_size, other_size;
  std::uint64_t inode;
  std::int64_t offset;
  std::uint64_t size;
};

__attribute__((constructor)) void begin() {
  if (const char* name = ::getenv("FAULTS_RECORD")) ::snprintf(file, sizeof file, "%s", name);
  if (const char* name = ::getenv("FAULTS_RECORD_UNDER")) ::snprintf(under, sizeof under, "%s", name);
}

}  // namespace

bool is_recording() { return file[0] != '\0'; }

bool is_recorded(const char* path) { return is_recording() && ::strncmp(path, under, ::strlen(under)) == 0; }

void record(Deed deed, const char* path, int descriptor, std::int64_t offset, const void* data, std::uint64_t size,
            const char* other) {
  const int kept = errno;
  struct stat info {};
  if (descriptor >= 0) ::fstat(descriptor, &info);
  Head head{static_cast<std::uint8_t>(deed),
            data != nullptr,
            static_cast<std::uint16_t>(::strlen(path)),
            static_cast<std::uint16_t>(::strlen(other)),
            info.st_ino,
            offset,
            size};
  const iovec parts[] = {{&head, sizeof head},
                         {const_cast<char*>(path), head.path_size},
                         {const_cast<char*>(other), head.other_size},
                         {const_cast<void*>(data), data ? size : 0}};
  const long fd = ::syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::syscall(SYS_writev, fd, parts, 4);
  ::syscall(SYS_close, fd);
  errno = kept;
}

}  // namespace faults
