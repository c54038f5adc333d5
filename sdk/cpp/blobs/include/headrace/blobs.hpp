// IO managers for object stores. Links headrace::blobs.
//
// Each keeps `<prefix>/<asset key><extension>` in its bucket, one object a partition below `<prefix>/<asset key>/`. A reader
// finds the old object or the new one, never half of one. Recorded without being asked: uri, bytes, content_hash, and for tables
// rows and schema. Requests that a busy store or a broken network lets fail are tried again; the step's log tells of it.
#pragma once

#include <headrace/tables.hpp>

namespace headrace::blobs {
class BlobStore;
}

namespace headrace {
inline namespace sdk {

/// What the stores have in common. The delay before the second attempt (seconds) doubles with each one.
struct BlobPlace : ConfigurableIOManager {
  int max_attempts = 5;
  double retry_delay = 0.5, request_timeout = 60;
  std::shared_ptr<blobs::BlobStore> store;

  void store_table(const char* format, const std::string& prefix, OutputContext& context, const Table& table) const;
  Table load_table(const char* format, const std::string& prefix, InputContext& context) const;
  void store_json(const std::string& prefix, OutputContext& context, const Value& value) const;
  Value load_json(const std::string& prefix, InputContext& context) const;
};
BOOST_DESCRIBE_STRUCT(BlobPlace, (), (max_attempts, retry_delay, request_timeout))

/// A bucket of S3, or of a store that speaks its language at `endpoint_url` (else AWS_ENDPOINT_URL). Without keys the AWS SDK
/// looks for them (AWS_ACCESS_KEY_ID …).
struct S3Place : BlobPlace {
  std::string s3_bucket, s3_prefix = "dagster", endpoint_url, region_name;
  std::string aws_access_key_id, aws_secret_access_key, aws_session_token;
  static constexpr const char* stored_scheme = "s3";
  const std::string& prefix() const { return s3_prefix; }
  /// An object of any bucket, with these credentials; null: the address is none of S3's.
  std::optional<std::string> read_stored(const std::string& uri, const Log& log) const;
  void setup_for_execution(InitResourceContext& context);
};
BOOST_DESCRIBE_STRUCT(S3Place, (BlobPlace),
                      (s3_bucket, s3_prefix, endpoint_url, region_name, aws_access_key_id, aws_secret_access_key,
                       aws_session_token))

/// A bucket of GCS, or of an emulator at `endpoint_url` (else STORAGE_EMULATOR_HOST). Credentials are the application's default
/// ones.
struct GCSPlace : BlobPlace {
  std::string gcs_bucket, gcs_prefix = "dagster", endpoint_url;
  static constexpr const char* stored_scheme = "gs";
  const std::string& prefix() const { return gcs_prefix; }
  std::optional<std::string> read_stored(const std::string& uri, const Log& log) const;
  void setup_for_execution(InitResourceContext& context);
};
BOOST_DESCRIBE_STRUCT(GCSPlace, (BlobPlace), (gcs_bucket, gcs_prefix, endpoint_url))

/// A container of Azure Data Lake Storage Gen2, or of an emulator at `endpoint` (else HEADRACE_ADLS2_ENDPOINT, such as
/// http://127.0.0.1:10000/demostorage). A SAS of that container that may read, write and create is enough; its leading "?" may be
/// left out. Objects of more than `part_size` bytes are sent in parts.
struct ADLS2Place : BlobPlace {
  std::string storage_account, adls2_file_system, adls2_prefix = "dagster", sas_token, account_key, endpoint;
  std::string endpoint_suffix = "core.windows.net";
  std::int64_t part_size = 64 << 20;
  static constexpr const char* stored_scheme = "abfss";
  const std::string& prefix() const { return adls2_prefix; }
  /// An object of any container of this account.
  std::optional<std::string> read_stored(const std::string& uri, const Log& log) const;
  void setup_for_execution(InitResourceContext& context);
};
BOOST_DESCRIBE_STRUCT(ADLS2Place, (BlobPlace),
                      (storage_account, adls2_file_system, adls2_prefix, sas_token, account_key, endpoint, endpoint_suffix,
                       part_size))

enum class TableFormat { csv, parquet, arrow_ipc };

/// Tables of one format in one store.
template <class Place, TableFormat format>
struct BlobTables : Place {
  static constexpr const char* stored_format = format == TableFormat::csv       ? "csv"
                                               : format == TableFormat::parquet ? "parquet"
                                                                                : "arrow_ipc";
  void handle_output(OutputContext& context, const Table& table) {
    this->store_table(stored_format, this->prefix(), context, table);
  }
  Table load_input(InputContext& context) { return this->load_table(stored_format, this->prefix(), context); }
};

/// Values as JSON in one store.
template <class Place>
struct BlobJSON : Place {
  static constexpr const char* stored_format = "json";
  static bool stores(const Type& type) { return type.is_any || type.to_json != nullptr; }
  void handle_output(OutputContext& context, const Value& value) { this->store_json(this->prefix(), context, value); }
  Value load_input(InputContext& context) { return this->load_json(this->prefix(), context); }
};

struct S3CSVIOManager : BlobTables<S3Place, TableFormat::csv> {
  static constexpr const char* description = "Keeps tables in S3, as CSV.";
};
struct S3ParquetIOManager : BlobTables<S3Place, TableFormat::parquet> {
  static constexpr const char* description = "Keeps tables in S3, as Parquet.";
};
struct S3ArrowIPCIOManager : BlobTables<S3Place, TableFormat::arrow_ipc> {
  static constexpr const char* description = "Keeps tables in S3, as Arrow IPC.";
};
struct S3JSONIOManager : BlobJSON<S3Place> {
  static constexpr const char* description = "Keeps values in S3, as JSON.";
};
struct GCSCSVIOManager : BlobTables<GCSPlace, TableFormat::csv> {
  static constexpr const char* description = "Keeps tables in GCS, as CSV.";
};
struct GCSParquetIOManager : BlobTables<GCSPlace, TableFormat::parquet> {
  static constexpr const char* description = "Keeps tables in GCS, as Parquet.";
};
struct GCSArrowIPCIOManager : BlobTables<GCSPlace, TableFormat::arrow_ipc> {
  static constexpr const char* description = "Keeps tables in GCS, as Arrow IPC.";
};
struct GCSJSONIOManager : BlobJSON<GCSPlace> {
  static constexpr const char* description = "Keeps values in GCS, as JSON.";
};
struct ADLS2CSVIOManager : BlobTables<ADLS2Place, TableFormat::csv> {
  static constexpr const char* description = "Keeps tables in Azure storage, as CSV.";
};
struct ADLS2ParquetIOManager : BlobTables<ADLS2Place, TableFormat::parquet> {
  static constexpr const char* description = "Keeps tables in Azure storage, as Parquet.";
};
struct ADLS2ArrowIPCIOManager : BlobTables<ADLS2Place, TableFormat::arrow_ipc> {
  static constexpr const char* description = "Keeps tables in Azure storage, as Arrow IPC.";
};
struct ADLS2JSONIOManager : BlobJSON<ADLS2Place> {
  static constexpr const char* description = "Keeps values in Azure storage, as JSON.";
};
BOOST_DESCRIBE_STRUCT(S3CSVIOManager, (S3Place), ())
BOOST_DESCRIBE_STRUCT(S3ParquetIOManager, (S3Place), ())
BOOST_DESCRIBE_STRUCT(S3ArrowIPCIOManager, (S3Place), ())
BOOST_DESCRIBE_STRUCT(S3JSONIOManager, (S3Place), ())
BOOST_DESCRIBE_STRUCT(GCSCSVIOManager, (GCSPlace), ())
BOOST_DESCRIBE_STRUCT(GCSParquetIOManager, (GCSPlace), ())
BOOST_DESCRIBE_STRUCT(GCSArrowIPCIOManager, (GCSPlace), ())
BOOST_DESCRIBE_STRUCT(GCSJSONIOManager, (GCSPlace), ())
BOOST_DESCRIBE_STRUCT(ADLS2CSVIOManager, (ADLS2Place), ())
BOOST_DESCRIBE_STRUCT(ADLS2ParquetIOManager, (ADLS2Place), ())
BOOST_DESCRIBE_STRUCT(ADLS2ArrowIPCIOManager, (ADLS2Place), ())
BOOST_DESCRIBE_STRUCT(ADLS2JSONIOManager, (ADLS2Place), ())

}  // namespace sdk
}  // namespace headrace
