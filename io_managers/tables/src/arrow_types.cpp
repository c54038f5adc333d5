#include <arrow_types.hpp>

#include <arrow/type.h>

#include <map>
#include <optional>
#include <regex>

namespace headrace::tables {
namespace {

std::optional<arrow::TimeUnit::type> unit_of(const std::string& text) {
  static const std::map<std::string, arrow::TimeUnit::type> k_units{{"s", arrow::TimeUnit::SECOND},
                                                                    {"ms", arrow::TimeUnit::MILLI},
                                                                    {"us", arrow::TimeUnit::MICRO},
                                                                    {"ns", arrow::TimeUnit::NANO}};
  const auto found = k_units.find(text);
  return found == k_units.end() ? std::nullopt : std::optional(found->second);
}

const std::map<std::string, std::shared_ptr<arrow::DataType>>& plain_types() {
  static const std::map<std::string, std::shared_ptr<arrow::DataType>> k_types = [] {
    std::map<std::string, std::shared_ptr<arrow::DataType>> types;
    for (const auto& type :
         {arrow::null(), arrow::boolean(), arrow::int8(), arrow::int16(), arrow::int32(), arrow::int64(), arrow::uint8(),
          arrow::uint16(), arrow::uint32(), arrow::uint64(), arrow::float16(), arrow::float32(), arrow::float64(), arrow::utf8(),
          arrow::large_utf8(), arrow::date32(), arrow::date64()})
      types[type->ToString()] = type;
    types["float16"] = arrow::float16();
    types["date32"] = arrow::date32();
    types["date64"] = arrow::date64();
    return types;
  }();
  return k_types;
}

}  // namespace

std::shared_ptr<arrow::DataType> type_of(const std::string& name) {
  if (const auto plain = plain_types().find(name); plain != plain_types().end()) return plain->second;
  static const std::regex k_timestamp(R"(timestamp\[(s|ms|us|ns)(?:, tz=(.+))?\])"),
      k_time(R"((time32|time64|duration)\[(s|ms|us|ns)\])"), k_decimal(R"(decimal128\((\d+), (-?\d+)\))"),
      k_dictionary(R"(dictionary<values=(.+), indices=(u?int(?:8|16|32|64)), ordered=([01])>)");
  std::smatch match;
  if (std::regex_match(name, match, k_timestamp)) return arrow::timestamp(*unit_of(match[1]), match[2].str());
  if (std::regex_match(name, match, k_time)) {
    const auto unit = *unit_of(match[2]);
    return match[1] == "time32" ? arrow::time32(unit) : match[1] == "time64" ? arrow::time64(unit) : arrow::duration(unit);
  }
  if (std::regex_match(name, match, k_decimal)) return arrow::decimal128(std::stoi(match[1]), std::stoi(match[2]));
  if (std::regex_match(name, match, k_dictionary)) {
    const auto values = type_of(match[1]);
    return values ? arrow::dictionary(type_of(match[2]), values, match[3] == "1") : nullptr;
  }
  return nullptr;
}

}  // namespace headrace::tables
