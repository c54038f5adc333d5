// Tables: IO managers for headrace::Table, and a few functions that make assets short. Links headrace::tables, which brings
// Arrow.
#pragma once

#include <headrace/asset.hpp>

namespace headrace {
inline namespace sdk {

// Each keeps `<base_dir>/<asset key><extension>`, one file a partition below `<base_dir>/<asset key>/`; without `base_dir` in the
// daemon's storage folder. A file is replaced as a whole. Recorded without being asked: path, bytes, rows, schema.

/// The bytes of CSV do not say the types of its columns: they are kept with the materialization.
struct CSVIOManager : ConfigurableIOManager {
  std::string base_dir;
  static constexpr const char* description = "Keeps tables as CSV files.";
  static constexpr const char* stored_format = "csv";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(CSVIOManager, (), (base_dir))

struct ParquetIOManager : ConfigurableIOManager {
  std::string base_dir;
  static constexpr const char* description = "Keeps tables as Parquet files: small, and with their schema.";
  static constexpr const char* stored_format = "parquet";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(ParquetIOManager, (), (base_dir))

struct ArrowIPCIOManager : ConfigurableIOManager {
  std::string base_dir;
  static constexpr const char* description = "Keeps tables as Arrow IPC files: written and read as they lie in memory.";
  static constexpr const char* stored_format = "arrow_ipc";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(ArrowIPCIOManager, (), (base_dir))

Table read_csv(const std::string& path);
Table read_parquet(const std::string& path);
Table read_arrow(const std::string& path);
/// The file is replaced as a whole; folders are made. The number of bytes.
std::int64_t write_csv(const Table& table, const std::string& path);
std::int64_t write_parquet(const Table& table, const std::string& path);
std::int64_t write_arrow(const Table& table, const std::string& path);
/// The rows whose value of this column is this text.
Table rows_where(const Table& table, const std::string& column, const std::string& value);
std::int64_t count_rows(const Table& table);

}  // namespace sdk
}  // namespace headrace
