#include "schema.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <storage/event_log.hpp>

#include "event_row.hpp"
#include "projection.hpp"
#include "sqlite/transaction.hpp"

namespace headrace::storage {
namespace {

namespace fs = std::filesystem;
using Kind = StorageError::Kind;

/// A check of the whole file takes some 3.5 ms a megabyte: only small files get it at every start. Damage in larger ones is
/// met when the damaged page is read; a file cut short is noticed by SQLite at once.
constexpr std::uintmax_t k_check_at_start_bytes = 8u << 20;

/// -1: a new, empty file.
int check_version(sqlite::Connection& connection) {
  const auto version = connection.integer("PRAGMA user_version");
  const auto application = connection.integer("PRAGMA application_id");
  const bool empty = version == 0 && application == 0 && connection.integer("SELECT count(*) FROM sqlite_schema") == 0;
  if (empty) return -1;
  if (application != k_application_id) {
    throw sqlite::damaged(connection.file(), "it is an SQLite file, but not one of Headrace's");
  }
  if (version > k_schema_version) {
    throw StorageError(
        Kind::newer_version,
        fmt::format(
            "The database {} has schema version {}, written by a newer Headrace; this one knows versions up to {}. "
            "Start the newer Headrace again, put back a backup from before the upgrade, or take another home with --home.",
            connection.file().string(), version, k_schema_version));
  }
  return static_cast<int>(version);
}

void check_contents(sqlite::Connection& connection) {
  std::error_code error;
  const auto size = fs::file_size(connection.file(), error);
  if (error || size > k_check_at_start_bytes) return;
  const std::string result = connection.text("PRAGMA integrity_check(1)");
  if (result != "ok") throw sqlite::damaged(connection.file(), result);
}

void migrate(sqlite::Connection& connection, int version) {
  if (version < 1) {
    sqlite::Transaction transaction(connection, sqlite::Transaction::Kind::write);
    make_tables(connection);
    transaction.commit();
  }
  if (connection.integer("SELECT value FROM counters WHERE name = 'derived_version'") != k_derived_version)
    fold_again(connection);
}

}  // namespace

void make_private_file(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    const int error = errno;
    const auto kind = error == ENOSPC || error == EDQUOT ? Kind::disk_full : Kind::io;
    throw StorageError(kind, fmt::format("Cannot open the database {}: {}. Check the folder's owner and permissions.",
                                         file.string(), std::strerror(error)));
  }
  struct stat status {};
  const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  if (regular && (status.st_mode & 0777) != 0600) ::fchmod(fd, 0600);
  ::close(fd);
  if (!regular) throw StorageError(Kind::io, fmt::format("The database {} is not a regular file.", file.string()));
}

void make_tables(sqlite::Connection& connection) {
  connection.execute(fmt::format("PRAGMA application_id = {}", k_application_id).c_str());
  connection.execute(sql::k_0001_event_log);
  connection.execute("PRAGMA user_version = 1");
}

fs::path database_file(const fs::path& home) { return home / "headrace.db"; }

sqlite::Connection open_database(const fs::path& home) {
  const fs::path file = database_file(home);
  make_private_file(file);
  sqlite::Connection connection(file, sqlite::Connection::Mode::read_write);
  const int version = check_version(connection);
  if (version >= 0) check_contents(connection);
  connection.execute("PRAGMA journal_mode = WAL");
  if (connection.text("PRAGMA journal_mode") != "wal") {
    throw StorageError(
        Kind::io,
        fmt::format("The database {} cannot use a write-ahead log; is its folder on a network filesystem?", file.string()));
  }
  // The writer checkpoints when it suits; a grown -wal file is cut back when it starts over. A larger cache would be filled, as
  // the log grows, with a page of each asset's index; the system's own cache has them too.
  connection.execute(
      "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -2048; PRAGMA temp_store = "
      "MEMORY");
  migrate(connection, version);
  return connection;
}

sqlite::Connection open_existing(const fs::path& home, sqlite::Connection::Mode mode) {
  const fs::path file = database_file(home);
  if (std::error_code error; !fs::exists(file, error)) {
    throw StorageError(
        Kind::io, fmt::format("There is no database {}. Is {} the home of a Headrace daemon?", file.string(), home.string()));
  }
  sqlite::Connection connection(file, mode);
  if (check_version(connection) != k_schema_version) {
    throw StorageError(Kind::io,
                       fmt::format("The database {} was not brought up to schema version {} yet: start the daemon on it once.",
                                   file.string(), k_schema_version));
  }
  connection.execute("PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY");
  return connection;
}

void fold_all(sqlite::Connection& connection, const char* select_events) {
  Names names(connection);
  Projection projection(connection, names);
  sqlite::Statement select(connection, select_events);
  auto row = select.use();
  while (row.next()) {
    const Event event = event_from(row);
    try {
      projection.apply(event, names.intern(event.asset_key), names.intern(event.partition));
    } catch (const std::runtime_error& error) {
      if (dynamic_cast<const StorageError*>(&error) != nullptr) throw;
      throw sqlite::damaged(connection.file(),
                            fmt::format("event {} does not fit the events before it: {}", event.id, error.what()));
    }
  }
}

void fold_again(sqlite::Connection& connection) {
  sqlite::Transaction transaction(connection, sqlite::Transaction::Kind::write);
  for (const char* table : k_derived_tables) connection.execute(fmt::format("DROP TABLE IF EXISTS {}", table).c_str());
  connection.execute(sql::k_derived);
  fold_all(connection, k_select_all_events);
  sqlite::Statement(connection, "UPDATE counters SET value = ? WHERE name = 'derived_version'").run(k_derived_version);
  transaction.commit();
}

}  // namespace headrace::storage
