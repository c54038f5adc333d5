// A rebuild reads nothing but the log: names, events, workers, definitions and counters are copied into a new file, the
// derived tables folded there, and the new file takes the old one's place in one rename. So it also repairs damage in
// indices and derived tables, and whatever stops it leaves the old file as it was.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>
#include <storage/event_log.hpp>
#include <storage/home.hpp>

#include "event_row.hpp"
#include "schema.hpp"
#include "sqlite/transaction.hpp"

namespace headrace::storage {
namespace {

namespace fs = std::filesystem;

StorageError in_use(const fs::path& file) {
  return {StorageError::Kind::locked,
          fmt::format("The database {} is in use by another program. Close that first.", file.string())};
}

[[noreturn]] void cannot_write(const fs::path& file) {
  const auto kind = errno == ENOSPC || errno == EDQUOT ? StorageError::Kind::disk_full : StorageError::Kind::io;
  throw StorageError(kind, fmt::format("Cannot write {}: {}. The database is as it was.", file.string(), std::strerror(errno)));
}

/// Moves what stands in the -wal file into the old file, so that the file alone is the log.
void finish_write_ahead_log(const fs::path& home) {
  sqlite::Connection old = open_existing(home, sqlite::Connection::Mode::read_write);
  if (old.integer("PRAGMA wal_checkpoint(TRUNCATE)") != 0) throw in_use(old.file());
}

void copy_and_fold(const fs::path& from, const fs::path& to) {
  sqlite::Connection fresh(to, sqlite::Connection::Mode::read_write);
  fresh.execute("PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
  sqlite::Statement(fresh, "ATTACH ? AS old").run(from.string());
  sqlite::Transaction transaction(fresh, sqlite::Transaction::Kind::write);
  make_tables(fresh);
  // NOT INDEXED: a damaged index must not be asked.
  fresh.execute(
      "DELETE FROM main.counters;"
      "INSERT INTO main.counters SELECT * FROM old.counters;"
      "INSERT INTO main.names SELECT * FROM old.names NOT INDEXED ORDER BY id;"
      "INSERT INTO main.workers SELECT * FROM old.workers;"
      "INSERT INTO main.definitions SELECT * FROM old.definitions;"
      "INSERT INTO main.events SELECT * FROM old.events NOT INDEXED ORDER BY id");
  fresh.execute(sql::k_derived);
  fold_all(fresh, k_select_all_events);
  sqlite::Statement(fresh, "UPDATE counters SET value = ? WHERE name = 'derived_version'").run(k_derived_version);
  transaction.commit();
}

}  // namespace

void rebuild(const fs::path& home) {
  const Home locked = Home::open(home);  // no daemon may be running
  const fs::path file = database_file(locked.path()), fresh = file.string() + ".rebuild";
  finish_write_ahead_log(locked.path());
  std::error_code ignored;
  fs::remove(fresh, ignored);  // of a rebuild that was stopped
  make_private_file(fresh);
  try {
    copy_and_fold(file, fresh);
    // Nothing may stand in the old -wal file now: SQLite would take it for the new file's.
    const fs::path log = file.string() + "-wal";
    if (fs::exists(log, ignored) && fs::file_size(log, ignored) != 0) throw in_use(file);
    if (::rename(fresh.c_str(), file.c_str()) != 0) cannot_write(file);
  } catch (...) {
    ::unlink(fresh.c_str());
    throw;
  }
  const int folder = ::open(locked.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
}

}  // namespace headrace::storage
