#include <fmt/core.h>
#include <storage/event_log.hpp>

#include "event_row.hpp"
#include "projection.hpp"
#include "schema.hpp"

namespace headrace::storage {
namespace {

/// "1 | success | …": the first row of a query, for a message; "" when there is none.
std::string first_row(sqlite::Connection& connection, const std::string& sql) {
  sqlite3_stmt* handle = nullptr;
  connection.check(sqlite3_prepare_v2(connection.raw(), sql.c_str(), -1, &handle, nullptr), "compare the derived tables");
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(handle, &sqlite3_finalize);
  const int code = sqlite3_step(handle);
  connection.check(code, "compare the derived tables");
  if (code != SQLITE_ROW) return {};
  std::string text;
  for (int column = 0; column < sqlite3_column_count(handle); ++column) {
    const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(handle, column));
    text +=
        fmt::format("{}{}={}", column == 0 ? "" : ", ", sqlite3_column_name(handle, column), value != nullptr ? value : "NULL");
  }
  return text;
}

}  // namespace

std::string check_derived(const std::filesystem::path& home) {
  { const sqlite::Connection versions_agree = open_existing(home, sqlite::Connection::Mode::read_only); }
  // A fold into memory, with the stored file beside it in one snapshot.
  sqlite::Connection fresh(":memory:", sqlite::Connection::Mode::read_write);
  sqlite::Statement(fresh, "ATTACH ? AS stored").run(database_file(home).string());
  fresh.execute(sql::k_derived);
  fresh.execute(
      "CREATE TABLE main.names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT; BEGIN; INSERT INTO main.names SELECT "
      "* FROM stored.names");
  fold_all(fresh, "SELECT " HEADRACE_EVENT_COLUMNS
                  " FROM stored.events e LEFT JOIN stored.names a ON a.id = e.asset "
                  "LEFT JOIN stored.names p ON p.id = e.partition ORDER BY e.id");
  for (const char* table : k_derived_tables) {
    const auto missing = first_row(fresh, fmt::format("SELECT * FROM main.{0} EXCEPT SELECT * FROM stored.{0}", table));
    if (!missing.empty()) return fmt::format("{}: the log gives a row that is not stored: {}", table, missing);
    const auto extra = first_row(fresh, fmt::format("SELECT * FROM stored.{0} EXCEPT SELECT * FROM main.{0}", table));
    if (!extra.empty()) return fmt::format("{}: a row is stored that the log does not give: {}", table, extra);
  }
  return {};
}

}  // namespace headrace::storage
