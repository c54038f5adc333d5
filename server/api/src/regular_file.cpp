#include "regular_file.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace headrace::api {

Result<RegularFile> RegularFile::open(int folder, const std::string& path, std::uint64_t resolve) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;  // a FIFO must not hold the thread
  how.resolve = resolve;
  RegularFile file;
  file.path_ = path;
  file.file_.reset(static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
  if (!file.file_ && errno != ENOENT && errno != ELOOP && errno != EXDEV && errno != ENOTDIR)
    return fail(ErrorCode::unavailable, path + " cannot be opened: " + std::strerror(errno) + ".");
  if (!file.file_ || ::fstat(file.file_.get(), &file.status_) != 0 || !S_ISREG(file.status_.st_mode))
    return fail(ErrorCode::not_found, "There is no file " + path + " any more.");
  return file;
}

Result<std::string> RegularFile::read(std::int64_t offset, std::int64_t most) const {
  std::string bytes(static_cast<std::size_t>(std::max<std::int64_t>(0, std::min(most, status_.st_size - offset))), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto count = ::pread(file_.get(), bytes.data() + done, bytes.size() - done, offset + static_cast<std::int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::unavailable, path_ + " cannot be read: " + std::strerror(errno) + ".");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace headrace::api
