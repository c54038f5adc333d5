#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <storage/event_log.hpp>

#include "schema.hpp"
#include "sqlite/statement.hpp"

namespace headrace::storage {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& file, int error) {
  const auto kind = error == ENOSPC || error == EDQUOT ? StorageError::Kind::disk_full : StorageError::Kind::io;
  throw StorageError(kind, fmt::format("Cannot write the backup {}: {}.", file.string(), std::strerror(error)));
}

void sync(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) cannot_write(path, errno);
  const int result = ::fsync(fd), error = errno;
  ::close(fd);
  if (result != 0) cannot_write(path, error);
}

}  // namespace

void backup(const fs::path& home, const fs::path& target) {
  sqlite::Connection source = open_existing(home, sqlite::Connection::Mode::read_only);
  const fs::path file = fs::absolute(target);
  if (std::error_code error; fs::exists(fs::symlink_status(file, error))) {
    throw StorageError(StorageError::Kind::io,
                       fmt::format("The backup {} exists already. Name a file that does not exist yet.", file.string()));
  }
  // Under its final name only once it is whole and on disk. VACUUM INTO copies one snapshot and takes an empty file as it is.
  const fs::path partial = file.string() + ".partial";
  std::error_code ignored;
  fs::remove(partial, ignored);  // of a backup that was stopped
  make_private_file(partial);
  try {
    sqlite::Statement(source, "VACUUM INTO ?").run(partial.string());
    sync(partial);
    if (::link(partial.c_str(), file.c_str()) != 0) cannot_write(file, errno);
    ::unlink(partial.c_str());
    sync(file.parent_path());
  } catch (...) {
    ::unlink(partial.c_str());
    throw;
  }
}

}  // namespace headrace::storage
