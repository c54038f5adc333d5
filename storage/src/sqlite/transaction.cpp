#include "sqlite/transaction.hpp"

namespace headrace::storage::sqlite {

Transaction::Transaction(Connection& connection, Kind kind) : connection_(connection) {
  connection.roll_back();
  const char* sql = kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN";
  connection.check(sqlite3_exec(connection.raw(), sql, nullptr, nullptr, nullptr), "begin a transaction");
}

Transaction::~Transaction() {
  // After some failures (disk full, I/O) SQLite has rolled back by itself: then there is nothing to end.
  if (open_) connection_.roll_back();
}

void Transaction::commit() {
  connection_.check(sqlite3_exec(connection_.raw(), "COMMIT", nullptr, nullptr, nullptr), "commit");
  open_ = false;
}

}  // namespace headrace::storage::sqlite
