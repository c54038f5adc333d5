// Assets whose values lie in the object stores that tests/stores starts.
#include <headrace/blobs.hpp>
#include <headrace/sdk.hpp>

#include <arrow/api.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

using namespace headrace;

namespace {

std::string variable(const char* name, const char* otherwise = "") {
  const char* found = std::getenv(name);
  return found != nullptr ? found : otherwise;
}

/// The IO managers of one store, under `<store>_csv` and so on.
template <class CSV, class Parquet, class ArrowIPC, class JSON, class Fill>
void add(Definitions& definitions, const std::string& store, const Fill& fill) {
  const auto filled = [&](auto manager) {
    manager.max_attempts = std::stoi(variable("MAX_ATTEMPTS", "3"));
    manager.retry_delay = 0.001;
    manager.request_timeout = std::stod(variable("REQUEST_TIMEOUT", "20"));
    fill(manager);
    return manager;
  };
  auto& all = definitions.resources;
  all.insert_or_assign(store + "_csv", filled(CSV{}));
  all.insert_or_assign(store + "_parquet", filled(Parquet{}));
  all.insert_or_assign(store + "_arrow", filled(ArrowIPC{}));
  all.insert_or_assign(store + "_json", filled(JSON{}));
}

/// Iris as often as the run's tag `times` says: one version of the value, and as large as a test wants it.
Table make(AssetExecutionContext& context) {
  const auto& tags = context.run().tags;
  const auto times = tags.contains("times") ? std::stoul(tags.at("times")) : 1;
  return *arrow::ConcatenateTables(std::vector(times, read_csv(variable("IRIS")).shared()));
}

/// A column of each kind that a preview shows in its own way.
Table typed() {
  arrow::Int64Builder whole;
  arrow::DoubleBuilder number;
  arrow::BooleanBuilder yes;
  arrow::StringBuilder text;
  arrow::TimestampBuilder moment(arrow::timestamp(arrow::TimeUnit::SECOND), arrow::default_memory_pool());
  for (const std::int64_t value : {std::int64_t{1}, std::int64_t{1} << 60}) std::ignore = whole.Append(value);
  for (const double value : {0.5, std::nan("")}) std::ignore = number.Append(value);
  for (const bool value : {true, false}) std::ignore = yes.Append(value);
  std::ignore = text.Append(std::string(500, 'x'));
  std::ignore = text.AppendNull();
  std::ignore = moment.AppendValues({0, 86400});
  return arrow::Table::Make(arrow::schema({arrow::field("whole", arrow::int64()), arrow::field("number", arrow::float64()),
                                           arrow::field("yes", arrow::boolean()), arrow::field("text", arrow::utf8()),
                                           arrow::field("moment", arrow::timestamp(arrow::TimeUnit::SECOND))}),
                            {*whole.Finish(), *number.Finish(), *yes.Finish(), *text.Finish(), *moment.Finish()});
}

Definitions make_definitions() {
  const auto bucket = variable("BUCKET", "warehouse");
  Definitions definitions;
  add<S3CSVIOManager, S3ParquetIOManager, S3ArrowIPCIOManager, S3JSONIOManager>(definitions, "s3", [&](auto& manager) {
    manager.s3_bucket = bucket;
    manager.aws_access_key_id = EnvVar("AWS_ACCESS_KEY_ID");
    manager.aws_secret_access_key = EnvVar("AWS_SECRET_ACCESS_KEY");
  });
  add<GCSCSVIOManager, GCSParquetIOManager, GCSArrowIPCIOManager, GCSJSONIOManager>(
      definitions, "gcs", [&](auto& manager) { manager.gcs_bucket = bucket; });
  add<ADLS2CSVIOManager, ADLS2ParquetIOManager, ADLS2ArrowIPCIOManager, ADLS2JSONIOManager>(
      definitions, "adls2", [&](auto& manager) {
        manager.storage_account = "demostorage";
        manager.adls2_file_system = bucket;
        manager.sas_token = variable("TEST_SAS");
        manager.account_key = variable("TEST_KEY");
        manager.part_size = std::stoll(variable("PART_SIZE", "67108864"));
      });
  auto& all = definitions.resources;
  all.insert_or_assign("local_csv", CSVIOManager{});
  all.insert_or_assign("local_parquet", ParquetIOManager{});
  all.insert_or_assign("local_arrow", ArrowIPCIOManager{});
  all.insert_or_assign("local_json", JSONIOManager{});
  for (const std::string store : {"s3", "gcs", "adls2", "local"}) {
    for (const std::string format : {"csv", "parquet", "arrow"}) {
      const auto name = store + "_" + format;
      definitions.assets.push_back(asset(name, make, {.io_manager_key = name}));
      definitions.assets.push_back(asset("rows_" + name, [](const Table& table) { return count_rows(table); },
                                         {.inputs = {AssetKey(name)}, .io_manager_key = store + "_json"}));
    }
    definitions.assets.push_back(asset("sum_" + store, [](std::int64_t rows) { return rows + 1; },
                                       {.inputs = {AssetKey("rows_" + store + "_csv")}, .io_manager_key = store + "_json"}));
  }
  definitions.assets.push_back(asset("by_hand", [](AssetExecutionContext& context) {
    std::ofstream("by hand.csv") << "whole,number,text\n1,0.5,a\n2,,\"b,c\"\n";
    context.add_output_metadata({{"path", MetadataValue::path("by hand.csv")}});
  }));
  definitions.assets.push_back(asset("typed", typed, {.io_manager_key = "local_arrow"}));
  // One that another code location makes, read by what its materialization says.
  if (!variable("FOREIGN").empty())
    definitions.assets.push_back(asset("rows_foreign", [](const Table& table) { return count_rows(table); },
                                       {.inputs = {"foreign"}, .io_manager_key = "local_json"}));
  return definitions;
}

}  // namespace

HEADRACE_CODE_LOCATION(make_definitions)
