#include <tables/table_file.hpp>

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/compute/initialize.h>
#include <arrow/csv/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <fcntl.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <unistd.h>

#include <arrow_types.hpp>
#include <set>

namespace headrace::tables {
namespace {

using TablePtr = std::shared_ptr<arrow::Table>;

[[noreturn]] void raise(const arrow::Status& status, const std::string& what) {
  // A disk that is full is no fault of the table.
  if (status.IsIOError()) throw std::runtime_error(what + ": " + status.message());
  throw TableError(what + ": " + status.message());
}
void check(const arrow::Status& status, const char* what) {
  if (!status.ok()) raise(status, what);
}
template <class T>
T take(arrow::Result<T> result, const std::string& what) {
  if (!result.ok()) raise(result.status(), what);
  return std::move(result).ValueUnsafe();
}

std::vector<Column> columns_of(const arrow::Schema& schema) {
  std::vector<Column> columns;
  for (const auto& field : schema.fields()) columns.push_back({field->name(), field->type()->ToString(), field->nullable()});
  return columns;
}

// ---- CSV -----------------------------------------------------------------------------------------------------------------
bool has_no_place_in_csv(const arrow::DataType& type) {
  return arrow::is_nested(type.id()) || arrow::is_binary_like(type.id()) != arrow::is_string(type.id()) ||
         type.id() == arrow::Type::LARGE_BINARY;
}

/// Types that CSV is not written of, as ones that it is: the values of dictionaries, numbers for durations.
std::shared_ptr<arrow::DataType> written_as(const std::shared_ptr<arrow::DataType>& type) {
  switch (type->id()) {
    case arrow::Type::DICTIONARY:
      return written_as(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case arrow::Type::HALF_FLOAT:
      return arrow::float32();
    case arrow::Type::DURATION:
      return arrow::int64();
    case arrow::Type::STRING_VIEW:
      return arrow::utf8();
    default:
      return type;
  }
}

void check_columns(const arrow::Schema& schema) {
  std::set<std::string> names;
  for (const auto& field : schema.fields()) {
    if (!names.insert(field->name()).second)
      throw TableError("the table has more than one column of the name \"" + field->name() + "\". Rename one of them.");
    if (has_no_place_in_csv(*written_as(field->type())))
      throw TableError("the column \"" + field->name() + "\" of type " + field->type()->ToString() +
                       " has no place in CSV. Use a Parquet IO manager, or turn the column into text.");
  }
}

/// The table with its columns cast; whether they may be null is taken over.
TablePtr cast(const arrow::Table& table, const std::vector<std::shared_ptr<arrow::Field>>& fields) {
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  for (int i = 0; i < table.num_columns(); ++i) {
    const auto& wanted = fields[static_cast<std::size_t>(i)]->type();
    columns.push_back(table.column(i)->type()->Equals(*wanted)
                          ? table.column(i)
                          : take(arrow::compute::Cast(table.column(i), wanted), "a column cannot be converted").chunked_array());
  }
  return arrow::Table::Make(arrow::schema(fields), columns, table.num_rows());
}

void write_csv(const arrow::Table& table, arrow::io::OutputStream* stream) {
  check_columns(*table.schema());
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const auto& field : table.schema()->fields()) fields.push_back(field->WithType(written_as(field->type())));
  check(arrow::csv::WriteCSV(*cast(table, fields), arrow::csv::WriteOptions::Defaults(), stream), "CSV cannot hold this table");
}

using Source = std::shared_ptr<arrow::io::RandomAccessFile>;

TablePtr read_csv(const Source& file, const std::string& path, const std::vector<Column>& known) {
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.strings_can_be_null = true;
  convert.quoted_strings_can_be_null = false;
  convert.null_values = {""};
  if (known.empty())  // what other programs write for a missing value
    for (const auto* text : {"NA", "N/A", "NaN", "nan", "NULL", "null", "None", "#N/A"}) convert.null_values.emplace_back(text);
  for (const auto& column : known)
    if (const auto type = type_of(column.type)) convert.column_types[column.name] = written_as(type);
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.newlines_in_values = true;
  const auto reader = take(
      arrow::csv::TableReader::Make(arrow::io::default_io_context(), file, arrow::csv::ReadOptions::Defaults(), parse, convert),
      path);
  const auto table = take(reader->Read(), path + " is damaged or no CSV");
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const auto& field : table->schema()->fields()) {
    fields.push_back(field);
    for (const auto& column : known) {
      if (column.name != field->name()) continue;
      const auto type = type_of(column.type);
      fields.back() = arrow::field(field->name(), type ? type : field->type(), column.nullable);
    }
  }
  return cast(*table, fields);
}

// ---- Parquet and Arrow IPC -----------------------------------------------------------------------------------------------
void write_parquet(const arrow::Table& table, const std::shared_ptr<arrow::io::OutputStream>& stream) {
  const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  check(parquet::arrow::WriteTable(table, arrow::default_memory_pool(), stream, 1 << 20, properties, arrow_properties),
        "Parquet cannot hold this table");
}

TablePtr read_parquet(const Source& file, const std::string& path) {
  const auto reader = take(parquet::arrow::OpenFile(file, arrow::default_memory_pool()), path + " is damaged or no Parquet");
  reader->set_use_threads(true);
  return take(reader->ReadTable(), path + " is damaged");
}

void write_ipc(const arrow::Table& table, const std::shared_ptr<arrow::io::OutputStream>& stream) {
  const auto writer = take(arrow::ipc::MakeFileWriter(stream, table.schema()), "Arrow IPC");
  check(writer->WriteTable(table), "Arrow IPC cannot hold this table");
  check(writer->Close(), "Arrow IPC");
}

TablePtr read_ipc(const Source& file, const std::string& path) {
  const auto reader = take(arrow::ipc::RecordBatchFileReader::Open(file), path + " is damaged or no Arrow file");
  return take(reader->ToTable(), path + " is damaged");
}

void initialize_compute() {
  static const arrow::Status done = arrow::compute::Initialize();
  check(done, "Arrow's functions cannot be set up");
}

}  // namespace

const char* name_of(Format format) { return format == Format::csv ? "csv" : format == Format::parquet ? "parquet" : "arrow_ipc"; }

const char* extension_of(Format format) {
  return format == Format::csv ? ".csv" : format == Format::parquet ? ".parquet" : ".arrow";
}

Content write(Format format, const arrow::Table& table, const std::shared_ptr<arrow::io::OutputStream>& stream) {
  initialize_compute();
  switch (format) {
    case Format::csv:
      write_csv(table, stream.get());
      break;
    case Format::parquet:
      write_parquet(table, stream);
      break;
    case Format::arrow_ipc:
      write_ipc(table, stream);
      break;
  }
  return {table.num_rows(), columns_of(*table.schema())};
}

Content write(Format format, const arrow::Table& table, int descriptor) {
  const std::shared_ptr<arrow::io::OutputStream> stream =
      take(arrow::io::FileOutputStream::Open(::fcntl(descriptor, F_DUPFD_CLOEXEC, 10)), "cannot write");
  auto content = write(format, table, stream);
  check(stream->Close(), "cannot write");
  return content;
}

TablePtr read(Format format, const Source& source, const std::string& name, const std::vector<Column>& columns) {
  initialize_compute();
  switch (format) {
    case Format::csv:
      return read_csv(source, name, columns);
    case Format::parquet:
      return read_parquet(source, name);
    default:
      return read_ipc(source, name);
  }
}

TablePtr read(Format format, const std::string& path, const std::vector<Column>& columns) {
  return read(format, take(arrow::io::ReadableFile::Open(path), "cannot open " + path), path, columns);
}

TablePtr rows_where(const TablePtr& table, const std::string& name, const std::string& value) {
  initialize_compute();
  const auto column = table->GetColumnByName(name);
  if (!column) throw TableError("the table has no column \"" + name + "\": " + table->schema()->ToString());
  const auto mask = take(arrow::compute::CallFunction("equal", {column, arrow::Datum(value)}), "column \"" + name + "\"");
  return take(arrow::compute::Filter(table, mask), "column \"" + name + "\"").table();
}

}  // namespace headrace::tables
