#include <headrace/blobs.hpp>

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/result.h>
#include <arrow/table.h>

#include <blobs/blob_store.hpp>
#include <core/json.hpp>
#include <headrace/filesystem_io_manager.hpp>
#include <interrupts.hpp>
#include <secrets.hpp>
#include <table_content.hpp>
#include <tables/table_file.hpp>

namespace headrace {
inline namespace sdk {
namespace {

using blobs::BlobStore;
using tables::Format;

Format format_of(std::string_view name) {
  return name == "csv" ? Format::csv : name == "parquet" ? Format::parquet : Format::arrow_ipc;
}

/// "prefix/asset/key.csv"
std::string key_of(const IOContext& context, const std::string& prefix, const std::string& extension) {
  const auto path = value_path(context, "/" + prefix, extension);
  return path.substr(path.find_first_not_of('/'));
}

blobs::Watch watch(const IOContext& context) {
  return {.warn = [&context](const std::string& text) { context.log.warning(text); }, .check = check_interrupted};
}

blobs::Attempts attempts_of(const BlobPlace& place) {
  return {.most = place.max_attempts, .delay = place.retry_delay, .timeout = place.request_timeout};
}

/// "scheme://bucket/key" in its parts, decoded; empty: of another scheme.
std::pair<std::string, std::string> parts_of(const std::string& uri, const std::string& scheme) {
  if (!uri.starts_with(scheme + "://")) return {};
  const auto rest = blobs::percent_decoded(uri.substr(scheme.size() + 3));
  const auto slash = std::min(rest.find('/'), rest.size());
  return {rest.substr(0, slash), rest.substr(std::min(slash + 1, rest.size()))};
}

std::optional<std::string> read(const BlobStore& store, const std::string& key, const Log& log) {
  const auto bytes = store.get(key, {.warn = [&log](const std::string& text) { log.warning(text); }, .check = check_interrupted});
  if (!bytes) throw NotFound(store.address(key) + " is not there any more");
  return bytes->ToString();
}

const std::string& named(const std::string& value, const char* field) {
  if (value.empty()) throw DefinitionError(std::string("the IO manager's ") + field + " is empty");
  return value;
}

void put(const BlobStore& store, const std::string& key, const char* format, OutputContext& context, const arrow::Buffer& bytes,
         const json& schema) {
  const auto receipt = store.put(key, bytes, watch(context));
  context.add_output_metadata(
      {{"uri", MetadataValue::path(store.address(key))}, {"bytes", bytes.size()}, {"content_hash", receipt.content_hash}});
  context.set_stored(store.uri(key), format, bytes.size(), schema,
                     receipt.etag.empty() ? std::nullopt : std::optional(receipt.etag));
}

std::shared_ptr<arrow::Buffer> get(const BlobStore& store, const std::string& key, const InputContext& context) {
  auto bytes = store.get(key, watch(context));
  if (bytes) return bytes;
  const auto name = context.asset_key().to_user_string();
  throw NotFound("No value of asset \"" + name + "\" is stored in " + store.address(key) + ": materialize \"" + name +
                 "\" first");
}

}  // namespace

void BlobPlace::store_table(const char* format, const std::string& prefix, OutputContext& context, const Table& table) const {
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto content = tables::write(format_of(format), *table, stream);
  const auto bytes = stream->Finish().ValueOrDie();
  put(*store, key_of(context, prefix, tables::extension_of(format_of(format))), format, context, *bytes, schema_of(content));
  context.add_output_metadata(metadata_of(content));
}

Table BlobPlace::load_table(const char* format, const std::string& prefix, InputContext& context) const {
  const auto key = key_of(context, prefix, tables::extension_of(format_of(format)));
  const auto source = std::make_shared<arrow::io::BufferReader>(get(*store, key, context));
  return tables::read(format_of(format), source, store->address(key),
                      known_columns(format_of(format), context.materialization()));
}

void BlobPlace::store_json(const std::string& prefix, OutputContext& context, const Value& value) const {
  const auto text = dump_json(value.to_json());
  put(*store, key_of(context, prefix, ".json"), "json", context, *arrow::Buffer::FromString(text), nullptr);
}

Value BlobPlace::load_json(const std::string& prefix, InputContext& context) const {
  const auto key = key_of(context, prefix, ".json");
  auto parsed = parse_json(std::string_view(*get(*store, key, context)));
  if (!parsed) throw TypeError(store->address(key) + " is no JSON: " + parsed.error().message);
  return Value::of<json>(std::move(*parsed)).as(context.type());
}

// ---- where ---------------------------------------------------------------------------------------------------------------
namespace {

std::shared_ptr<BlobStore> open(const S3Place& at, const std::string& bucket) {
  return BlobStore::s3({at.endpoint_url, at.region_name, at.aws_access_key_id, at.aws_secret_access_key, at.aws_session_token},
                       named(bucket, "s3_bucket"), attempts_of(at));
}
std::shared_ptr<BlobStore> open(const GCSPlace& at, const std::string& bucket) {
  return BlobStore::gcs({at.endpoint_url}, named(bucket, "gcs_bucket"), attempts_of(at));
}
std::shared_ptr<BlobStore> open(const ADLS2Place& at, const std::string& container) {
  // What a store says may hold the signature alone, and decoded.
  const auto token = "&" + at.sas_token;
  if (const auto begin = token.find("&sig="); begin != std::string::npos) {
    const auto signature = token.substr(begin + 5, token.find('&', begin + 5) - begin - 5);
    for (const auto& form : {signature, blobs::percent_decoded(signature)}) add_secret(form);
  }
  return BlobStore::adls2({.account = named(at.storage_account, "storage_account"),
                           .sas_token = at.sas_token,
                           .account_key = at.account_key,
                           .endpoint = at.endpoint,
                           .endpoint_suffix = at.endpoint_suffix,
                           .part_size = static_cast<std::size_t>(std::max<std::int64_t>(at.part_size, 1))},
                          named(container, "adls2_file_system"), attempts_of(at));
}

}  // namespace

void S3Place::setup_for_execution(InitResourceContext&) { store = open(*this, s3_bucket); }
void GCSPlace::setup_for_execution(InitResourceContext&) { store = open(*this, gcs_bucket); }
void ADLS2Place::setup_for_execution(InitResourceContext&) { store = open(*this, adls2_file_system); }

std::optional<std::string> S3Place::read_stored(const std::string& uri, const Log& log) const {
  const auto [bucket, key] = parts_of(uri, stored_scheme);
  return key.empty() ? std::nullopt : read(bucket == s3_bucket ? *store : *open(*this, bucket), key, log);
}
std::optional<std::string> GCSPlace::read_stored(const std::string& uri, const Log& log) const {
  const auto [bucket, key] = parts_of(uri, stored_scheme);
  return key.empty() ? std::nullopt : read(bucket == gcs_bucket ? *store : *open(*this, bucket), key, log);
}
std::optional<std::string> ADLS2Place::read_stored(const std::string& uri, const Log& log) const {
  const auto [host, key] = parts_of(uri, stored_scheme);
  const auto at = host.find('@');
  if (key.empty() || at == std::string::npos || host.substr(at + 1) != storage_account + ".dfs." + endpoint_suffix) return {};
  const auto container = host.substr(0, at);
  return read(container == adls2_file_system ? *store : *open(*this, container), key, log);
}

}  // namespace sdk
}  // namespace headrace
