// The database file: made, checked and brought up to date before anyone else sees it.
#pragma once

#include <filesystem>

#include "sqlite/connection.hpp"

namespace headrace::storage {

/// Raised with each new file in migrations/ (PRAGMA user_version).
inline constexpr int k_schema_version = 1;
/// Raised whenever derived.sql or Projection change: the next start folds the log again.
inline constexpr int k_derived_version = 3;
/// PRAGMA application_id: "HdRc".
inline constexpr int k_application_id = 0x48645263;

std::filesystem::path database_file(const std::filesystem::path& home);

/// Opens or makes the file (0600 whatever the umask) for writing, checks it, migrates it. Throws StorageError:
/// damaged, newer_version, locked, disk_full, io.
sqlite::Connection open_database(const std::filesystem::path& home);

/// Opens an existing file as it is. Throws StorageError also where its version is not this one's.
sqlite::Connection open_existing(const std::filesystem::path& home, sqlite::Connection::Mode mode);

/// Makes the file where missing: 0600 whatever the umask. SQLite's own files beside it (-wal, -shm) take its mode.
void make_private_file(const std::filesystem::path& file);
/// The tables of the log, empty, in a new file. No transaction of its own.
void make_tables(sqlite::Connection& connection);

/// Drops the derived tables, makes them anew and folds the whole log, in one transaction of `connection`.
void fold_again(sqlite::Connection& connection);
/// Folds the events that `select_events` returns (event_row.hpp) into `connection`'s empty derived tables. No transaction of its
/// own.
void fold_all(sqlite::Connection& connection, const char* select_events);

namespace sql {
extern const char* const k_0001_event_log;
extern const char* const k_derived;
}  // namespace sql

}  // namespace headrace::storage
