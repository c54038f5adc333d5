// Assets whose values lie in the object stores that tests/conformance/test_blobs.py starts.
#include <headrace/blobs.hpp>
#include <headrace/sdk.hpp>

#include <cstdlib>

using namespace headrace;

namespace {

Definitions make_definitions() {
  const std::string bucket = std::getenv("BUCKET"), key = "test", secret = "canary-secret-key";
  const auto s3 = [&](auto manager) {
    manager.s3_bucket = bucket;
    manager.aws_access_key_id = key;
    manager.aws_secret_access_key = secret;
    return manager;
  };
  const auto gcs = [&](auto manager) {
    manager.gcs_bucket = bucket;
    return manager;
  };
  Definitions definitions{.resources = {{"s3_csv", s3(S3CSVIOManager{})},
                                        {"s3_parquet", s3(S3ParquetIOManager{})},
                                        {"s3_arrow", s3(S3ArrowIPCIOManager{})},
                                        {"s3_json", s3(S3JSONIOManager{})},
                                        {"gcs_csv", gcs(GCSCSVIOManager{})},
                                        {"gcs_parquet", gcs(GCSParquetIOManager{})},
                                        {"gcs_arrow", gcs(GCSArrowIPCIOManager{})},
                                        {"gcs_json", gcs(GCSJSONIOManager{})}}};
  for (const std::string store : {"s3", "gcs"}) {
    for (const std::string format : {"csv", "parquet", "arrow"}) {
      const auto name = store + "_" + format;
      definitions.assets.push_back(asset(name, [] { return read_csv(std::getenv("IRIS")); }, {.io_manager_key = name}));
      definitions.assets.push_back(asset("rows_" + name, [](const Table& table) { return count_rows(table); },
                                         {.inputs = {AssetKey(name)}, .io_manager_key = store + "_json"}));
    }
    definitions.assets.push_back(asset("sum_" + store, [](std::int64_t rows) { return rows + 1; },
                                       {.inputs = {AssetKey("rows_" + store + "_csv")}, .io_manager_key = store + "_json"}));
  }
  return definitions;
}

}  // namespace

HEADRACE_CODE_LOCATION(make_definitions)
