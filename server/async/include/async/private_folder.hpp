// Folders below the home are for its user alone, whatever the umask.
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

namespace headrace::async {

/// Makes `base/relative` with every missing folder of `relative` at 0700; `base` exists. False, with errno, when it cannot.
inline bool make_private_folders(const std::filesystem::path& base, const std::filesystem::path& relative) {
  std::filesystem::path folder = base;
  for (const auto& part : relative) {
    folder /= part;
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return false;
  }
  return true;
}

}  // namespace headrace::async
