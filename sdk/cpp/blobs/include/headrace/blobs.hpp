// IO managers for object stores. Links headrace::blobs.
//
// Each keeps `<prefix>/<asset key><extension>` in its bucket, one object a partition below `<prefix>/<asset key>/`. A reader
// finds the old object or the new one, never half of one. Recorded without being asked: uri, bytes, and for tables rows and
// schema.
#pragma once

#include <headrace/tables.hpp>

namespace headrace::blobs {
class BlobStore;
}

namespace headrace {
inline namespace sdk {

/// A bucket of S3, or of a store that speaks its language at `endpoint_url` (else AWS_ENDPOINT_URL). Without keys the AWS SDK
/// looks for them (AWS_ACCESS_KEY_ID …).
struct S3Place : ConfigurableIOManager {
  std::string s3_bucket, s3_prefix = "dagster", endpoint_url, region_name;
  std::string aws_access_key_id, aws_secret_access_key, aws_session_token;
  std::shared_ptr<blobs::BlobStore> store;
  void setup_for_execution(InitResourceContext& context);
};
BOOST_DESCRIBE_STRUCT(S3Place, (),
                      (s3_bucket, s3_prefix, endpoint_url, region_name, aws_access_key_id, aws_secret_access_key,
                       aws_session_token))

/// A bucket of GCS, or of an emulator at `endpoint_url` (else STORAGE_EMULATOR_HOST). Credentials are the application's default
/// ones.
struct GCSPlace : ConfigurableIOManager {
  std::string gcs_bucket, gcs_prefix = "dagster", endpoint_url;
  std::shared_ptr<blobs::BlobStore> store;
  void setup_for_execution(InitResourceContext& context);
};
BOOST_DESCRIBE_STRUCT(GCSPlace, (), (gcs_bucket, gcs_prefix, endpoint_url))

struct S3CSVIOManager : S3Place {
  static constexpr const char* description = "Keeps tables in S3, as CSV.";
  static constexpr const char* stored_format = "csv";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(S3CSVIOManager, (S3Place), ())
struct S3ParquetIOManager : S3Place {
  static constexpr const char* description = "Keeps tables in S3, as Parquet.";
  static constexpr const char* stored_format = "parquet";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(S3ParquetIOManager, (S3Place), ())
struct S3ArrowIPCIOManager : S3Place {
  static constexpr const char* description = "Keeps tables in S3, as Arrow IPC.";
  static constexpr const char* stored_format = "arrow_ipc";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(S3ArrowIPCIOManager, (S3Place), ())
struct S3JSONIOManager : S3Place {
  static constexpr const char* description = "Keeps values in S3, as JSON.";
  static constexpr const char* stored_format = "json";
  static bool stores(const Type& type) { return type.is_any || type.to_json != nullptr; }
  void handle_output(OutputContext& context, const Value& value);
  Value load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(S3JSONIOManager, (S3Place), ())
struct GCSCSVIOManager : GCSPlace {
  static constexpr const char* description = "Keeps tables in GCS, as CSV.";
  static constexpr const char* stored_format = "csv";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(GCSCSVIOManager, (GCSPlace), ())
struct GCSParquetIOManager : GCSPlace {
  static constexpr const char* description = "Keeps tables in GCS, as Parquet.";
  static constexpr const char* stored_format = "parquet";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(GCSParquetIOManager, (GCSPlace), ())
struct GCSArrowIPCIOManager : GCSPlace {
  static constexpr const char* description = "Keeps tables in GCS, as Arrow IPC.";
  static constexpr const char* stored_format = "arrow_ipc";
  void handle_output(OutputContext& context, const Table& table);
  Table load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(GCSArrowIPCIOManager, (GCSPlace), ())
struct GCSJSONIOManager : GCSPlace {
  static constexpr const char* description = "Keeps values in GCS, as JSON.";
  static constexpr const char* stored_format = "json";
  static bool stores(const Type& type) { return type.is_any || type.to_json != nullptr; }
  void handle_output(OutputContext& context, const Value& value);
  Value load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(GCSJSONIOManager, (GCSPlace), ())

}  // namespace sdk
}  // namespace headrace
