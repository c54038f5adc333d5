#include <headrace/blobs.hpp>

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/result.h>
#include <arrow/table.h>

#include <blobs/blob_store.hpp>
#include <core/json.hpp>
#include <headrace/filesystem_io_manager.hpp>
#include <table_content.hpp>
#include <tables/table_file.hpp>

namespace headrace {
inline namespace sdk {
namespace {

using blobs::BlobStore;
using tables::Format;

/// "bucket/prefix"
std::string place_of(const std::string& bucket, const std::string& prefix, const char* field) {
  if (bucket.empty()) throw DefinitionError(std::string("the IO manager names no bucket: ") + field);
  return prefix.empty() ? bucket : bucket + "/" + prefix;
}
std::string place_of(const S3Place& place) { return place_of(place.s3_bucket, place.s3_prefix, "s3_bucket"); }
std::string place_of(const GCSPlace& place) { return place_of(place.gcs_bucket, place.gcs_prefix, "gcs_bucket"); }

NotFound missing(const InputContext& context, const std::string& uri) {
  const auto name = context.asset_key().to_user_string();
  return NotFound("No value of asset \"" + name + "\" is stored in " + uri + ": materialize \"" + name + "\" first");
}

void store_table(Format format, OutputContext& context, const Table& table, const BlobStore& store, const std::string& place) {
  const auto path = value_path(context, place, tables::extension_of(format));
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto content = tables::write(format, *table, stream);
  const auto bytes = stream->Finish().ValueOrDie();
  store.put(path, bytes->data(), static_cast<std::size_t>(bytes->size()));
  context.add_output_metadata({{"uri", MetadataValue::url(store.uri(path))}, {"bytes", bytes->size()}});
  context.add_output_metadata(metadata_of(content));
  context.set_stored(store.uri(path), tables::name_of(format), bytes->size(), schema_of(content));
}

Table load_table(Format format, InputContext& context, const BlobStore& store, const std::string& place) {
  const auto path = value_path(context, place, tables::extension_of(format));
  const auto file = store.open(path);
  if (!file) throw missing(context, store.uri(path));
  return tables::read(format, file, store.uri(path), known_columns(format, context.materialization()));
}

void store_json(OutputContext& context, const Value& value, const BlobStore& store, const std::string& place) {
  const auto path = value_path(context, place, ".json"), text = dump_json(value.to_json());
  store.put(path, text.data(), text.size());
  context.add_output_metadata({{"uri", MetadataValue::url(store.uri(path))}, {"bytes", text.size()}});
  context.set_stored(store.uri(path), "json", static_cast<std::int64_t>(text.size()));
}

Value load_json(InputContext& context, const BlobStore& store, const std::string& place) {
  const auto path = value_path(context, place, ".json");
  const auto text = store.get(path);
  if (!text) throw missing(context, store.uri(path));
  auto parsed = parse_json(*text);
  if (!parsed) throw TypeError(store.uri(path) + " is no JSON: " + parsed.error().message);
  return Value::of<json>(std::move(*parsed)).as(context.type());
}

}  // namespace

void S3Place::setup_for_execution(InitResourceContext&) {
  store = BlobStore::s3({endpoint_url, region_name, aws_access_key_id, aws_secret_access_key, aws_session_token});
}
void GCSPlace::setup_for_execution(InitResourceContext&) { store = BlobStore::gcs({endpoint_url}); }

void S3CSVIOManager::handle_output(OutputContext& context, const Table& table) {
  store_table(Format::csv, context, table, *store, place_of(*this));
}
Table S3CSVIOManager::load_input(InputContext& context) { return load_table(Format::csv, context, *store, place_of(*this)); }
void S3ParquetIOManager::handle_output(OutputContext& context, const Table& table) {
  store_table(Format::parquet, context, table, *store, place_of(*this));
}
Table S3ParquetIOManager::load_input(InputContext& context) {
  return load_table(Format::parquet, context, *store, place_of(*this));
}
void S3ArrowIPCIOManager::handle_output(OutputContext& context, const Table& table) {
  store_table(Format::arrow_ipc, context, table, *store, place_of(*this));
}
Table S3ArrowIPCIOManager::load_input(InputContext& context) {
  return load_table(Format::arrow_ipc, context, *store, place_of(*this));
}
void S3JSONIOManager::handle_output(OutputContext& context, const Value& value) {
  store_json(context, value, *store, place_of(*this));
}
Value S3JSONIOManager::load_input(InputContext& context) { return load_json(context, *store, place_of(*this)); }

void GCSCSVIOManager::handle_output(OutputContext& context, const Table& table) {
  store_table(Format::csv, context, table, *store, place_of(*this));
}
Table GCSCSVIOManager::load_input(InputContext& context) { return load_table(Format::csv, context, *store, place_of(*this)); }
void GCSParquetIOManager::handle_output(OutputContext& context, const Table& table) {
  store_table(Format::parquet, context, table, *store, place_of(*this));
}
Table GCSParquetIOManager::load_input(InputContext& context) {
  return load_table(Format::parquet, context, *store, place_of(*this));
}
void GCSArrowIPCIOManager::handle_output(OutputContext& context, const Table& table) {
  store_table(Format::arrow_ipc, context, table, *store, place_of(*this));
}
Table GCSArrowIPCIOManager::load_input(InputContext& context) {
  return load_table(Format::arrow_ipc, context, *store, place_of(*this));
}
void GCSJSONIOManager::handle_output(OutputContext& context, const Value& value) {
  store_json(context, value, *store, place_of(*this));
}
Value GCSJSONIOManager::load_input(InputContext& context) { return load_json(context, *store, place_of(*this)); }

}  // namespace sdk
}  // namespace headrace
