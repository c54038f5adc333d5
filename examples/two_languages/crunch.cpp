// Between reading and plotting, in C++: the mean of each measure for each species.
#include <arrow/api.h>

#include <headrace/sdk.hpp>
#include <headrace/tables.hpp>
#include <map>

using namespace headrace;

template <typename Array>
std::shared_ptr<Array> column(const Table& table, const std::string& name) {
  return std::static_pointer_cast<Array>(table->GetColumnByName(name)->chunk(0));
}

Table get_means(AssetExecutionContext& context, const Table& measurements) {
  const Table table = measurements->CombineChunks().ValueOrDie();
  const auto species = column<arrow::StringArray>(table, "species");
  arrow::StringBuilder names, measures;
  arrow::DoubleBuilder means;
  for (const auto& field : table->fields()) {
    if (field->type()->id() != arrow::Type::DOUBLE) continue;
    const auto values = column<arrow::DoubleArray>(table, field->name());
    std::map<std::string, std::pair<double, int>> sums;
    for (std::int64_t row = 0; row < table->num_rows(); ++row) {
      auto& [sum, count] = sums[species->GetString(row)];
      sum += values->Value(row);
      ++count;
    }
    for (const auto& [name, sum] : sums) {
      for (const auto& status : {names.Append(name), measures.Append(field->name()), means.Append(sum.first / sum.second)})
        if (!status.ok()) throw Failure(status.ToString());
    }
  }
  context.log.info("crunched " + std::to_string(table->num_rows()) + " rows");
  const auto schema = arrow::schema(
      {arrow::field("species", arrow::utf8()), arrow::field("measure", arrow::utf8()), arrow::field("mean", arrow::float64())});
  return arrow::Table::Make(schema, {names.Finish().ValueOrDie(), measures.Finish().ValueOrDie(), means.Finish().ValueOrDie()});
}

const Definitions defs{
    .assets = {asset("means", get_means, {.inputs = {"measurements"}, .io_manager_key = "tables", .group = "two_languages"})},
    .resources = {{"tables", ParquetIOManager{}}},
};

HEADRACE_CODE_LOCATION(defs)
