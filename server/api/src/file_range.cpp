#include "file_range.hpp"

#include <fcntl.h>
#include <linux/openat2.h>

#include <cerrno>
#include <cstring>

#include "regular_file.hpp"

namespace headrace::api {

Result<FileRange> read_file_range(const std::filesystem::path& folder, const std::string& path, std::int64_t offset,
                                  std::int64_t most) {
  const async::UniqueFd handle(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!handle)
    return fail(ErrorCode::unavailable, "The folder " + folder.string() + " cannot be opened: " + std::strerror(errno) + ".");
  const auto file = RegularFile::open(handle.get(), path, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
  if (!file) return tl::unexpected(file.error());
  auto bytes = file->read(offset, most);
  if (!bytes) return tl::unexpected(bytes.error());
  return FileRange{std::move(*bytes), file->status().st_size};
}

}  // namespace headrace::api
