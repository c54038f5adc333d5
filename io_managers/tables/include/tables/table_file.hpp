// Tables in files: CSV, Parquet and Arrow IPC.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace arrow {
class Table;
namespace io {
class OutputStream;
class RandomAccessFile;
}  // namespace io
}  // namespace arrow

namespace headrace::tables {

enum class Format { csv, parquet, arrow_ipc };
const char* name_of(Format format);       ///< as `stored.format` says it
const char* extension_of(Format format);  ///< ".csv"

/// A column as `stored.schema` says it: Arrow's name of its type.
struct Column {
  std::string name, type;
  bool nullable = true;
};
struct Content {
  std::int64_t rows = 0;
  std::vector<Column> columns;
};

/// A table that the format cannot hold, or a file that is damaged.
struct TableError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Writes to an open file, which stays open.
Content write(Format format, const arrow::Table& table, int descriptor);
/// `columns`: what is known of them, for CSV, whose bytes do not say their types; empty: they are guessed.
std::shared_ptr<arrow::Table> read(Format format, const std::string& path, const std::vector<Column>& columns = {});

/// The same of any stream, which stays open; `name` is for messages.
Content write(Format format, const arrow::Table& table, const std::shared_ptr<arrow::io::OutputStream>& stream);
std::shared_ptr<arrow::Table> read(Format format, const std::shared_ptr<arrow::io::RandomAccessFile>& source,
                                   const std::string& name, const std::vector<Column>& columns = {});

/// The rows whose value of this column is this text.
std::shared_ptr<arrow::Table> rows_where(const std::shared_ptr<arrow::Table>& table, const std::string& column,
                                         const std::string& value);

}  // namespace headrace::tables
