#include "sqlite/connection.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "sqlite/statement.hpp"

namespace headrace::storage::sqlite {

StorageError damaged(const std::filesystem::path& file, const std::string& what) {
  return {StorageError::Kind::damaged,
          fmt::format("The database {} is damaged ({}). Stop the daemon and keep a copy of the file. `headrace storage rebuild` "
                      "repairs all but the events; "
                      "where those are damaged, put back a backup made by `headrace storage backup`.",
                      file.string(), what)};
}

namespace {

constexpr int k_busy_timeout_ms = 10'000;
constexpr int k_most_tries = 3;

/// What the user can do about each kind of failure.
StorageError storage_error(sqlite3* handle, int code, const char* doing, const std::filesystem::path& file) {
  using Kind = StorageError::Kind;
  const int system_errno = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  const char* reason = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const int primary = code & 0xff;
  const bool no_space = primary == SQLITE_FULL || ((primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) &&
                                                   (system_errno == ENOSPC || system_errno == EDQUOT));
  if (no_space) {
    return {Kind::disk_full,
            fmt::format("The disk is full: cannot {} in {}. Free some space; nothing that was written before is lost.", doing,
                        file.string())};
  }
  if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) {
    return damaged(file, fmt::format("{}, met while trying to {}", reason, doing));
  }
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
    return {Kind::locked,
            fmt::format("The database {} is locked by another process: cannot {}. Close the program that has it open.",
                        file.string(), doing)};
  }
  if (primary == SQLITE_READONLY) {
    return {Kind::io,
            fmt::format("The database {} can be read, but not written. See to the permissions of the file and of those beside "
                        "it, and to the disk (dmesg), and start the daemon again.",
                        file.string())};
  }
  const std::string system = system_errno != 0 ? fmt::format(", {}", std::strerror(system_errno)) : std::string();
  return {Kind::io, fmt::format("Cannot {} in the database {}: {}{}.", doing, file.string(), reason, system)};
}

}  // namespace

Connection::Connection(const std::filesystem::path& file, Mode mode) : file_(file) {
  const int flags =
      (mode == Mode::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  check(code, "open");
  sqlite3_busy_timeout(handle, k_busy_timeout_ms);
  // Untrusted schema objects (views, triggers of a file from elsewhere) may not call functions with side effects.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (mode == Mode::read_only) return;
  // Files (the write-ahead log's too) that cannot be opened for writing are opened for reading, whatever the reason was, and stay
  // so. Of the database itself this can be asked, of the others a transaction that would write tells.
  if (sqlite3_db_readonly(handle, "main") == 1) check(SQLITE_READONLY, "open");
  check(sqlite3_exec(handle, "BEGIN IMMEDIATE; ROLLBACK", nullptr, nullptr, nullptr), "open");
}

void Connection::check(int code, const char* doing) const {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  if ((code & 0xff) == SQLITE_CONSTRAINT) throw ConstraintError(sqlite3_errmsg(handle_.get()));
  throw storage_error(handle_.get(), code, doing, file_);
}

void Connection::execute(const char* sql) {
  check(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr), "run a statement");
}

void Connection::roll_back() noexcept {
  for (int tries = 0; tries < k_most_tries && sqlite3_get_autocommit(handle_.get()) == 0; ++tries)
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::int64_t Connection::integer(const char* sql) {
  Statement statement(*this, sql);
  auto row = statement.use();
  return row.next() ? row.integer(0) : 0;
}

std::string Connection::text(const char* sql) {
  Statement statement(*this, sql);
  auto row = statement.use();
  return row.next() ? row.text(0) : std::string();
}

}  // namespace headrace::storage::sqlite
