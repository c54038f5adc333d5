// A transaction that is rolled back unless it was committed.
#pragma once

#include "sqlite/connection.hpp"

namespace headrace::storage::sqlite {

class Transaction {
 public:
  enum class Kind { read, write };

  /// A write transaction takes the write lock at once, so that it cannot fail halfway for want of it.
  Transaction(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Throws when the commit failed; the transaction is then rolled back.
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace headrace::storage::sqlite
