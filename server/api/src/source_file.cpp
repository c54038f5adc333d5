#include "source_file.hpp"

#include <fcntl.h>
#include <http/target.hpp>
#include <linux/openat2.h>

#include "regular_file.hpp"

namespace headrace::api {
namespace {

constexpr std::int64_t k_most_bytes = 1024 * 1024;

std::int64_t microseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000; }

}  // namespace

Result<SourceFile> read_source_file(const std::filesystem::path& path) {
  // Links are fine (environments are made of them), but not those of /proc to what some process has open.
  const auto file = RegularFile::open(AT_FDCWD, path, RESOLVE_NO_MAGICLINKS);
  if (!file) return tl::unexpected(file.error());
  if (file->status().st_size > k_most_bytes)
    return fail(ErrorCode::unavailable, path.string() + " has more than 1 MiB: open it in an editor.");
  auto bytes = file->read(0, k_most_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!http::is_valid_utf8(*bytes) || bytes->find('\0') != std::string::npos)
    return fail(ErrorCode::unavailable, path.string() + " is no UTF-8 text.");
  if (bytes->starts_with("\xEF\xBB\xBF")) bytes->erase(0, 3);
  return SourceFile{std::move(*bytes), microseconds(file->status().st_mtim), microseconds(file->status().st_ctim)};
}

}  // namespace headrace::api
