// Files that take what a host or a build prints.
#pragma once

#include <fcntl.h>

#include <async/unique_fd.hpp>
#include <fstream>
#include <string>

namespace headrace::code_locations {

inline async::UniqueFd open_output(const std::string& path) {
  return async::UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
}

/// The last part of a file.
inline std::string tail_of(const std::string& path, std::streamoff most = 4000) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::streamoff>(file.tellg());
  file.seekg(std::max<std::streamoff>(0, size - most));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace headrace::code_locations
