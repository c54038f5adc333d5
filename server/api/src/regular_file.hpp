// A regular file, open for reading: nothing else is read, and what is none does not hold the thread.
#pragma once

#include <sys/stat.h>

#include <async/unique_fd.hpp>
#include <cstdint>
#include <string>

#include <core/result.hpp>

namespace headrace::api {

class RegularFile {
 public:
  /// `path` below the open folder (or AT_FDCWD); `resolve` as of openat2. Errors: not_found (what is there is no regular file
  /// too), unavailable.
  static Result<RegularFile> open(int folder, const std::string& path, std::uint64_t resolve);

  const struct stat& status() const { return status_; }
  /// At most `most` bytes from `offset`; fewer where the file ends, or as long as it was when it was opened.
  Result<std::string> read(std::int64_t offset, std::int64_t most) const;

 private:
  std::string path_;
  async::UniqueFd file_;
  struct stat status_ {};
};

}  // namespace headrace::api
