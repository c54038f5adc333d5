// One SQLite connection. Not thread-safe: each thread has its own. Failures are thrown as StorageError, broken
// constraints as ConstraintError. Waiting for a lock that another process holds happens here and nowhere else.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <storage/event_log.hpp>

namespace headrace::storage::sqlite {

/// The statement contradicts what is stored (a unique index …): the caller's data is at fault, not the database.
class ConstraintError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The error for a file whose contents make no sense; says what can be done.
StorageError damaged(const std::filesystem::path& file, const std::string& what);

class Connection {
 public:
  enum class Mode { read_write, read_only };

  /// The file must exist; ":memory:" makes a private database in memory.
  Connection(const std::filesystem::path& file, Mode mode);

  /// Runs one or more statements that return nothing of interest.
  void execute(const char* sql);
  /// First column of the first row; 0 or "" when there is none.
  std::int64_t integer(const char* sql);
  std::string text(const char* sql);

  /// Ends a transaction that is open, if one is, without what it wrote; for destructors too. Where there is no memory even for
  /// that it is tried again, and at the next call: one left open would show the log as it was then for ever, and let none begin.
  void roll_back() noexcept;

  /// Throws the error that the last call on this connection met, unless the result code is a success.
  void check(int code, const char* doing) const;

  sqlite3* raw() const { return handle_.get(); }
  const std::filesystem::path& file() const { return file_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace headrace::storage::sqlite
