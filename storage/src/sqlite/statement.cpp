#include "sqlite/statement.hpp"

namespace headrace::storage::sqlite {

Statement::Statement(Connection& connection, const char* sql) : connection_(connection) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(connection.raw(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  handle_.reset(handle);
  // The statements are right: where they make no sense, the tables are not what they were.
  if (code == SQLITE_ERROR) throw damaged(connection.file(), sqlite3_errmsg(connection.raw()));
  connection.check(code, "prepare a statement");
}

void Statement::bind(int index, std::string_view value, sqlite3_destructor_type lifetime) {
  // A null pointer would bind NULL; an empty string is one.
  const char* data = value.data() != nullptr ? value.data() : "";
  check(sqlite3_bind_text64(handle_.get(), index, data, value.size(), lifetime, SQLITE_UTF8));
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  connection_.check(code, sqlite3_stmt_readonly(handle_.get()) != 0 ? "read" : "write");
  return false;
}

std::string Statement::Use::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.handle_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.handle_.get(), column))};
}

}  // namespace headrace::storage::sqlite
