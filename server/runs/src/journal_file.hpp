// Reading a worker's journal.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

namespace headrace::runs {

/// What follows `offset`, at most `most` bytes (in whole pieces of 64 KiB).
inline std::string read_from(int fd, std::int64_t offset, std::size_t most) {
  std::string bytes;
  char buffer[65536];
  while (bytes.size() < most) {
    const auto count = ::pread(fd, buffer, sizeof buffer, offset + static_cast<std::int64_t>(bytes.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(count));
    if (count < static_cast<ssize_t>(sizeof buffer)) return bytes;
  }
  return bytes;
}

}  // namespace headrace::runs
