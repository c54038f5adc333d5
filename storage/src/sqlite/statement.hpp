// A prepared statement, and one use of it: bind, step, read columns; reset at the end of the use, whatever happens.
//
//   insert_.run(7, "seven");                              for statements without rows
//   auto row = select_.use(7);
//   while (row.next()) names.push_back(row.text(0));      for statements with rows
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sqlite/connection.hpp"

namespace headrace::storage::sqlite {

class Statement {
 public:
  /// `sql` is a literal: values are always bound, never written into the text.
  Statement(Connection& connection, const char* sql);

  /// Rows of one execution. At most one use of a statement may live at a time.
  class Use {
   public:
    explicit Use(Statement& statement) : statement_(statement) {}
    ~Use() { sqlite3_reset(statement_.handle_.get()); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    bool next() { return statement_.step(); }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.handle_.get(), column); }
    int small(int column) const { return sqlite3_column_int(statement_.handle_.get(), column); }
    /// "" for NULL.
    std::string text(int column) const;
    bool is_null(int column) const { return sqlite3_column_type(statement_.handle_.get(), column) == SQLITE_NULL; }

   private:
    Statement& statement_;
  };

  /// Binds copies of the values, in order.
  template <class... Values>
  Use use(const Values&... values) {
    bind_all(SQLITE_TRANSIENT, values...);
    return Use(*this);
  }

  /// Binds, executes and resets. Strings are not copied.
  template <class... Values>
  void run(const Values&... values) {
    bind_all(SQLITE_STATIC, values...);
    Use use(*this);
    use.next();
  }

 private:
  template <class... Values>
  void bind_all([[maybe_unused]] sqlite3_destructor_type lifetime, const Values&... values) {
    int index = 0;
    (bind(++index, values, lifetime), ...);
  }
  void bind(int index, std::integral auto value, sqlite3_destructor_type) {
    check(sqlite3_bind_int64(handle_.get(), index, static_cast<sqlite3_int64>(value)));
  }
  void bind(int index, std::nullopt_t, sqlite3_destructor_type) { check(sqlite3_bind_null(handle_.get(), index)); }
  void bind(int index, const std::optional<std::int64_t>& value, sqlite3_destructor_type lifetime) {
    value ? bind(index, *value, lifetime) : bind(index, std::nullopt, lifetime);
  }
  void bind(int index, std::string_view value, sqlite3_destructor_type lifetime);
  void check(int code) const { connection_.check(code, "bind a value"); }
  bool step();

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  Connection& connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace headrace::storage::sqlite
