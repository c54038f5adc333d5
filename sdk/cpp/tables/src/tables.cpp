#include <headrace/tables.hpp>

#include <arrow/table.h>

#include <filesystem>
#include <headrace/filesystem_io_manager.hpp>
#include <io_managers/atomic_write.hpp>
#include <execution.hpp>
#include <stored_value.hpp>
#include <table_content.hpp>
#include <table_preview.hpp>
#include <tables/table_file.hpp>

namespace headrace {
inline namespace sdk {
namespace {

using tables::Format;

std::pair<std::int64_t, tables::Content> write(Format format, const Table& table, const std::filesystem::path& path) {
  io_managers::make_folders(path.parent_path());
  tables::Content content;
  const auto bytes = io_managers::atomic_write(path, [&](int file) { content = tables::write(format, *table, file); });
  return {bytes, std::move(content)};
}

std::int64_t write_and_note(Format format, const Table& table, const std::string& path) {
  const auto bytes = write(format, table, path).first;
  note_written_file(path);
  return bytes;
}

void store(Format format, OutputContext& context, const Table& table, const std::string& base_dir) {
  const std::string path = value_path(context, base_dir, tables::extension_of(format));
  const auto [bytes, content] = write(format, table, path);
  context.add_output_metadata({{"path", MetadataValue::path(path)}, {"bytes", bytes}});
  context.add_output_metadata(metadata_of(content));
  context.set_stored(io_managers::file_uri(path), tables::name_of(format), bytes, schema_of(content));
}

Table load(Format format, InputContext& context, const std::string& path) {
  const auto name = context.asset_key().to_user_string();
  if (!std::filesystem::exists(path))
    throw NotFound("No value of asset \"" + name + "\" is stored in " + path + ": materialize \"" + name + "\" first");
  return tables::read(format, path, known_columns(format, context.materialization()));
}

Table load_own(Format format, InputContext& context, const std::string& base_dir) {
  return load(format, context, value_path(context, base_dir, tables::extension_of(format)));
}

/// Tables that other code locations stored.
const bool g_is_registered = [] {
  for (const auto format : {Format::csv, Format::parquet, Format::arrow_ipc}) {
    StoredFormat known;
    known.load = [format](InputContext& context, const Stored& stored) {
      return Value::of<Table>(
          tables::read(format, open_source(stored), stored.name, known_columns(format, context.materialization())));
    };
    known.preview = [format](const Stored& stored, std::int64_t rows, const json&) {
      return preview_table(format, stored, rows);
    };
    if (format == Format::csv) known.preview = find_stored_format("csv")->preview;
    add_stored_format(tables::name_of(format), std::move(known));
  }
  return true;
}();

}  // namespace

void CSVIOManager::handle_output(OutputContext& context, const Table& table) { store(Format::csv, context, table, base_dir); }
Table CSVIOManager::load_input(InputContext& context) { return load_own(Format::csv, context, base_dir); }
void ParquetIOManager::handle_output(OutputContext& context, const Table& table) {
  store(Format::parquet, context, table, base_dir);
}
Table ParquetIOManager::load_input(InputContext& context) { return load_own(Format::parquet, context, base_dir); }
void ArrowIPCIOManager::handle_output(OutputContext& context, const Table& table) {
  store(Format::arrow_ipc, context, table, base_dir);
}
Table ArrowIPCIOManager::load_input(InputContext& context) { return load_own(Format::arrow_ipc, context, base_dir); }

Table read_csv(const std::string& path) { return tables::read(Format::csv, path); }
Table read_parquet(const std::string& path) { return tables::read(Format::parquet, path); }
Table read_arrow(const std::string& path) { return tables::read(Format::arrow_ipc, path); }
std::int64_t write_csv(const Table& table, const std::string& path) { return write_and_note(Format::csv, table, path); }
std::int64_t write_parquet(const Table& table, const std::string& path) { return write_and_note(Format::parquet, table, path); }
std::int64_t write_arrow(const Table& table, const std::string& path) { return write_and_note(Format::arrow_ipc, table, path); }

Table rows_where(const Table& table, const std::string& column, const std::string& value) {
  return tables::rows_where(table.shared(), column, value);
}

std::int64_t count_rows(const Table& table) { return table->num_rows(); }

}  // namespace sdk
}  // namespace headrace
