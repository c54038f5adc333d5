// A table: arrow::Table, shared. Arrow's own headers are needed only where its columns are looked into.
#pragma once

#include <concepts>
#include <memory>

namespace arrow {
class Table;
}

namespace headrace {
inline namespace sdk {

/// As cheap to copy as a pointer; `table->num_rows()`. Assets may as well take `const arrow::Table&` or
/// `std::shared_ptr<arrow::Table>`, and return that or an `arrow::Result` of it.
class Table {
 public:
  Table(std::shared_ptr<arrow::Table> table) : table_(std::move(table)) {}
  const arrow::Table& operator*() const { return *table_; }
  const arrow::Table* operator->() const { return table_.get(); }
  const std::shared_ptr<arrow::Table>& shared() const { return table_; }
  operator const std::shared_ptr<arrow::Table>&() const { return table_; }

 private:
  std::shared_ptr<arrow::Table> table_;
};

}  // namespace sdk
}  // namespace headrace
