#include <table_preview.hpp>

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <cmath>
#include <preview.hpp>

namespace headrace {
inline namespace sdk {
namespace {

constexpr std::int64_t k_safe_integer = std::int64_t{1} << 53;

void check(const arrow::Status& status, const Stored& stored) {
  if (status.IsOutOfMemory()) throw std::bad_alloc();
  if (!status.ok()) throw tables::TableError(stored.name + " is damaged: " + status.message());
}
template <class T>
T take(arrow::Result<T> result, const Stored& stored) {
  check(result.status(), stored);
  return std::move(result).ValueUnsafe();
}

/// As JSON holds it; what it cannot hold, as text.
json cell_of(const arrow::Scalar& scalar) {
  if (!scalar.is_valid) return nullptr;
  switch (scalar.type->id()) {
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanScalar&>(scalar).value;
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE: {
      const double number = scalar.type->id() == arrow::Type::FLOAT ? static_cast<const arrow::FloatScalar&>(scalar).value
                                                                    : static_cast<const arrow::DoubleScalar&>(scalar).value;
      return std::isfinite(number) ? json(number) : json(scalar.ToString());
    }
    case arrow::Type::DICTIONARY: {
      const auto value = static_cast<const arrow::DictionaryScalar&>(scalar).GetEncodedValue();
      return value.ok() ? cell_of(**value) : json(nullptr);
    }
    default:
      break;
  }
  if (arrow::is_integer(scalar.type->id())) {
    const auto text = scalar.ToString();
    const auto number = json::parse(text, nullptr, false);
    const bool is_safe = number.is_number_integer() && std::abs(number.get<double>()) <= static_cast<double>(k_safe_integer);
    return is_safe ? number : json(text);
  }
  return shortened(scalar.ToString());
}

json table(const arrow::Schema& schema, const std::shared_ptr<arrow::RecordBatch>& batch, std::int64_t rows, const json& total,
           const Stored& stored) {
  json columns = json::array(), shown = json::array();
  for (const auto& field : schema.fields())
    columns.push_back({{"name", field->name()}, {"type", field->type()->ToString()}, {"nullable", field->nullable()}});
  for (std::int64_t i = 0; batch && i < std::min(rows, batch->num_rows()); ++i) {
    json row = json::array();
    for (const auto& column : batch->columns()) row.push_back(cell_of(*take(column->GetScalar(i), stored)));
    shown.push_back(std::move(row));
  }
  return {{"columns", columns}, {"rows", shown}, {"total_rows", total}, {"text", nullptr}};
}

json preview_parquet(const Stored& stored, std::int64_t rows) {
  parquet::arrow::FileReaderBuilder builder;
  check(builder.Open(open_source(stored)), stored);
  parquet::ArrowReaderProperties properties(false);
  properties.set_batch_size(std::max<std::int64_t>(rows, 1));
  std::unique_ptr<parquet::arrow::FileReader> reader;
  check(builder.properties(properties)->Build(&reader), stored);
  const auto batches = take(reader->GetRecordBatchReader(), stored);
  std::shared_ptr<arrow::RecordBatch> first;
  check(batches->ReadNext(&first), stored);
  return table(*batches->schema(), first, rows, reader->parquet_reader()->metadata()->num_rows(), stored);
}

json preview_ipc(const Stored& stored, std::int64_t rows) {
  const auto reader = take(arrow::ipc::RecordBatchFileReader::Open(open_source(stored)), stored);
  const int count = reader->num_record_batches();
  const auto first = count > 0 ? take(reader->ReadRecordBatch(0), stored) : nullptr;
  return table(*reader->schema(), first, rows, count == 1 ? json(first->num_rows()) : json(nullptr), stored);
}

}  // namespace

std::shared_ptr<arrow::io::RandomAccessFile> open_source(const Stored& stored) {
  if (!stored.path) return std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(stored.bytes));
  auto file = arrow::io::MemoryMappedFile::Open(stored.path->string(), arrow::io::FileMode::READ);
  if (!file.ok()) throw NotFound("cannot open " + stored.name + ": " + file.status().message());
  return *file;
}

json preview_table(tables::Format format, const Stored& stored, std::int64_t rows) {
  return format == tables::Format::parquet ? preview_parquet(stored, rows) : preview_ipc(stored, rows);
}

}  // namespace sdk
}  // namespace headrace
