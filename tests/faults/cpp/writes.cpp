// Stores a value with one of the C++ SDK's IO managers, or reads it back:
//   headrace_writes json|csv|parquet|arrow FOLDER store|load NUMBER
#include <headrace/sdk.hpp>
#include <headrace/tables.hpp>

#include <arrow/api.h>

#include <cstring>
#include <iostream>

using namespace headrace;

namespace {

constexpr std::int64_t k_rows = 20'000;

Table table_of(std::int64_t number) {
  arrow::Int64Builder builder;
  for (std::int64_t i = 0; i < k_rows; ++i) static_cast<void>(builder.Append(number + i));
  return arrow::Table::Make(arrow::schema({arrow::field("n", arrow::int64())}), {builder.Finish().ValueOrDie()});
}

/// The number, where the table is whole.
std::int64_t number_of(const Table& table) {
  if (count_rows(table) != k_rows) throw std::runtime_error("the table is not whole");
  const auto first = std::static_pointer_cast<arrow::Int64Scalar>(table->column(0)->GetScalar(0).ValueOrDie());
  return first->value;
}

template <class Manager>
int run(const std::string& folder, bool stores, std::int64_t number, bool is_table) {
  Definitions definitions{.resources = {{"kept", Manager{.base_dir = folder}}, {"memory", InMemoryIOManager{}}}};
  if (is_table) {
    definitions.assets = {
        asset("value", [number] { return table_of(number); }, {.io_manager_key = "kept"}),
        asset("read", [](const Table& value) { return number_of(value); }, {.inputs = {"value"}, .io_manager_key = "memory"})};
  } else {
    definitions.assets = {
        asset("value", [number] { return std::vector<std::int64_t>(1000, number); }, {.io_manager_key = "kept"}),
        asset("read", [](const std::vector<std::int64_t>& value) { return value.at(999); },
              {.inputs = {"value"}, .io_manager_key = "memory"})};
  }
  const auto made = materialize(definitions, {.selection = stores ? "value" : "read"});
  if (!stores) std::cout << made.value<std::int64_t>("read") << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string kind = argv[1], folder = argv[2];
  const bool stores = std::strcmp(argv[3], "store") == 0;
  const std::int64_t number = std::atoll(argv[4]);
  if (kind == "csv") return run<CSVIOManager>(folder, stores, number, true);
  if (kind == "parquet") return run<ParquetIOManager>(folder, stores, number, true);
  if (kind == "arrow") return run<ArrowIPCIOManager>(folder, stores, number, true);
  return run<FilesystemIOManager>(folder, stores, number, false);
}
