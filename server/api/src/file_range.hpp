// A range of a file below a folder, opened so that nothing outside of the folder can be reached.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <core/result.hpp>

namespace headrace::api {

struct FileRange {
  std::string bytes;
  std::int64_t size = 0;  ///< of the whole file at that moment
};

/// `path` is relative; its parts may not be symbolic links, and only regular files are read (openat2 with RESOLVE_BENEATH,
/// RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS). Reads at most `most` bytes from `offset`. Errors: not_found, unavailable.
Result<FileRange> read_file_range(const std::filesystem::path& folder, const std::string& path, std::int64_t offset,
                                  std::int64_t most);

}  // namespace headrace::api
