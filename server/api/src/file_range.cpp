#include "file_range.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <async/unique_fd.hpp>
#include <cerrno>
#include <cstring>

namespace headrace::api {

Result<FileRange> read_file_range(const std::filesystem::path& folder, const std::string& path, std::int64_t offset,
                                  std::int64_t most) {
  const async::UniqueFd handle(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!handle)
    return fail(ErrorCode::unavailable, "The folder " + folder.string() + " cannot be opened: " + std::strerror(errno) + ".");
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;  // a FIFO must not hold the thread
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const async::UniqueFd file(static_cast<int>(::syscall(SYS_openat2, handle.get(), path.c_str(), &how, sizeof how)));
  struct stat status {};
  if (!file && errno != ENOENT && errno != ELOOP && errno != EXDEV && errno != ENOTDIR)
    return fail(ErrorCode::unavailable, path + " cannot be opened: " + std::strerror(errno) + ".");
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(ErrorCode::not_found, "There is no file " + path + " any more.");

  FileRange range;
  range.size = status.st_size;
  range.bytes.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, std::min(most, range.size - offset))));
  std::size_t done = 0;
  while (done < range.bytes.size()) {
    const auto count =
        ::pread(file.get(), range.bytes.data() + done, range.bytes.size() - done, offset + static_cast<std::int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::unavailable, path + " cannot be read: " + std::strerror(errno) + ".");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  range.bytes.resize(done);
  return range;
}

}  // namespace headrace::api
