#include <headrace/sdk.hpp>
#include <headrace/tables.hpp>

#include <arrow/api.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

namespace headrace {
namespace {

std::shared_ptr<arrow::Array> finish(arrow::ArrayBuilder& builder) { return builder.Finish().ValueOrDie(); }

/// Every kind of column that CSV can hold too.
Table example() {
  arrow::Int32Builder count;
  arrow::DoubleBuilder price;
  arrow::StringBuilder name;
  arrow::BooleanBuilder good;
  arrow::StringDictionaryBuilder color;
  arrow::Date32Builder day;
  const auto zoned = arrow::timestamp(arrow::TimeUnit::MICRO, "Europe/Amsterdam");
  arrow::TimestampBuilder at(zoned, arrow::default_memory_pool());
  const auto money = arrow::decimal128(12, 2);
  arrow::Decimal128Builder amount(money);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE((i == 2 ? count.AppendNull() : count.Append(i)).ok());
    EXPECT_TRUE(price.Append(i * 1.25).ok());
    EXPECT_TRUE((i == 3 ? name.AppendNull() : name.Append(i == 4 ? "" : "näme, \"x\"\nline")).ok());
    EXPECT_TRUE(good.Append(i % 2 == 0).ok());
    EXPECT_TRUE(color.Append(i % 2 == 0 ? "red" : "green").ok());
    EXPECT_TRUE(day.Append(19000 + i).ok());
    EXPECT_TRUE(at.Append(1'700'000'000'000'000 + i).ok());
    EXPECT_TRUE(amount.Append(arrow::Decimal128(i * 101)).ok());
  }
  const auto colors = finish(color);
  return arrow::Table::Make(
      arrow::schema({arrow::field("count", arrow::int32()), arrow::field("price", arrow::float64(), false),
                     arrow::field("name", arrow::utf8()), arrow::field("good", arrow::boolean()),
                     arrow::field("color", colors->type()), arrow::field("day", arrow::date32()), arrow::field("at", zoned),
                     arrow::field("amount", money)}),
      {finish(count), finish(price), finish(name), finish(good), colors, finish(day), finish(at), finish(amount)});
}

/// What the second asset loads of the first one's table.
template <class Manager>
MaterializeRun round_trip() {
  const Definitions definitions{
      .assets = {asset("made", example, {.io_manager_key = "tables"}),
                 asset("loaded", [](const Table& made) { return made; }, {.inputs = {"made"}, .io_manager_key = "memory"})},
      .resources = {{"tables", Manager{}}, {"memory", InMemoryIOManager{}}}};
  return materialize(definitions);
}

template <class Manager>
void expect_equal(const char* format) {
  const auto run = round_trip<Manager>();
  const auto& made = run.template value<Table>("made");
  const auto& loaded = run.template value<Table>("loaded");
  EXPECT_EQ(loaded->num_rows(), 5);
  EXPECT_TRUE(loaded->Equals(*made)) << loaded->schema()->ToString();
  EXPECT_EQ(run.stored.at("made").at("format"), format);
  EXPECT_EQ(run.stored.at("made").at("schema").at(0).dump(), R"({"name":"count","nullable":true,"type":"int32"})");
  EXPECT_EQ(run.metadata("made").at("rows"), MetadataValue(5));
  EXPECT_EQ(run.metadata("made").at("schema").type(), "table_schema");
}

TEST(Tables, ParquetLosesNothing) { expect_equal<ParquetIOManager>("parquet"); }
TEST(Tables, ArrowIPCLosesNothing) { expect_equal<ArrowIPCIOManager>("arrow_ipc"); }
TEST(Tables, CSVKeepsItsTypesWithTheMaterialization) { expect_equal<CSVIOManager>("csv"); }

TEST(Tables, AssetsTakeAndGiveArrowsOwnTypes) {
  const Definitions definitions{
      .assets = {asset("shared", [] { return example().shared(); }, {.io_manager_key = "tables"}),
                 asset("result", []() -> arrow::Result<std::shared_ptr<arrow::Table>> { return example().shared()->Slice(1, 2); },
                       {.io_manager_key = "tables"}),
                 asset("rows",
                       [](const arrow::Table& shared, std::shared_ptr<arrow::Table> result) {
                         return shared.num_rows() + result->num_rows();
                       },
                       {.inputs = {"shared", "result"}}),
                 asset("fails",
                       []() -> arrow::Result<std::shared_ptr<arrow::Table>> { return arrow::Status::Invalid("no table"); },
                       {.io_manager_key = "tables"})},
      .resources = {{"tables", ParquetIOManager{}}}};
  EXPECT_EQ(materialize(definitions, {.selection = "+rows"}).value<std::int64_t>("rows"), 7);
  EXPECT_EQ(materialize(definitions, {.selection = "fails", .raise_on_error = false}).errors.at("fails").at("message"),
            "Invalid: no table");
}

TEST(Tables, ATableNeedsAnIOManagerForTables) {
  try {
    materialize({.assets = {asset("a", example)}});
    FAIL();
  } catch (const DefinitionError& error) {
    EXPECT_NE(std::string(error.what()).find("Name another with .io_manager_key, such as headrace::ParquetIOManager"),
              std::string::npos)
        << error.what();
  }
}

// ---- memory --------------------------------------------------------------------------------------------------------------
#ifndef __SANITIZE_ADDRESS__  // which keeps for a while what is freed

/// 128 MB in many row groups, of which no compression makes less.
Table large() {
  constexpr std::int64_t k_rows = 8'000'000;
  std::mt19937_64 random(1);
  arrow::Int64Builder noise, row;
  EXPECT_TRUE(noise.Reserve(k_rows).ok() && row.Reserve(k_rows).ok());
  for (std::int64_t i = 0; i < k_rows; ++i) {
    noise.UnsafeAppend(static_cast<std::int64_t>(random()));
    row.UnsafeAppend(i);
  }
  return arrow::Table::Make(arrow::schema({arrow::field("noise", arrow::int64()), arrow::field("row", arrow::int64())}),
                            {finish(noise), finish(row)});
}

/// Of this process: `VmRSS:` now, `VmHWM:` at most since the last growth().
std::int64_t resident(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::int64_t kilobytes = 0;
  for (std::string word; status >> word;)
    if (word == name) status >> kilobytes;
  return kilobytes * 1024;
}

/// By how many bytes the process grew at most.
std::int64_t growth(const std::function<void()>& work) {
  arrow::default_memory_pool()->ReleaseUnused();
  std::ofstream("/proc/self/clear_refs") << "5" << std::flush;  // the peak begins anew (proc(5))
  const auto before = resident("VmRSS:");
  work();
  return resident("VmHWM:") - before;
}

/// Storing takes as much for a table of any size; loading takes the table, and what Arrow needs to decode it.
template <class Manager>
void expect_no_copy(double most_to_load = 2.5) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / ("large-" + std::to_string(::getpid()));
  const auto table = large();
  constexpr std::int64_t k_size = 128'000'000;
  const Definitions definitions{
      .assets = {asset("made", [&] { return table; }, {.io_manager_key = "tables"}),
                 asset("rows", [](const Table& made) { return made->num_rows(); }, {.inputs = {"made"}})},
      .resources = {{"tables", Manager{.base_dir = folder.string()}}}};
  EXPECT_LT(growth([&] { materialize(definitions, {.selection = "made"}); }), k_size);
  const auto loading = growth([&] { materialize(definitions, {.selection = "rows"}); });
  EXPECT_GT(loading, k_size * 9 / 10);
  EXPECT_LT(static_cast<double>(loading), k_size * most_to_load);
  std::filesystem::remove_all(folder);
}

TEST(Memory, ParquetMakesNoCopy) { expect_no_copy<ParquetIOManager>(); }
TEST(Memory, ArrowIPCMakesNoCopy) { expect_no_copy<ArrowIPCIOManager>(); }
TEST(Memory, CSVMakesNoCopy) { expect_no_copy<CSVIOManager>(5); }  // Arrow holds the text, twice the table
#endif

TEST(Tables, RowsWhere) {
  EXPECT_EQ(count_rows(rows_where(example(), "name", "")), 1);
  try {
    rows_where(example(), "nmae", "");
    FAIL();
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("no column \"nmae\""), std::string::npos);
  }
}

}  // namespace
}  // namespace headrace
