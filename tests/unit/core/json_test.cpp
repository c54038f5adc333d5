#include <core/json.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(Json, ParsesOneDocument) {
  EXPECT_EQ(parse_json(R"({"a":[1,"x",null]})").value(), (nlohmann::json{{"a", {1, "x", nullptr}}}));
  EXPECT_FALSE(parse_json("{} {}"));
  EXPECT_FALSE(parse_json(""));
}

TEST(Json, SaysWhereItWentWrong) {
  const auto message = parse_json("{\"a\": tru}").error().message;
  EXPECT_NE(message.find("column 10"), std::string::npos) << message;
  EXPECT_EQ(message.find("json.exception"), std::string::npos) << message;
}

TEST(Json, RefusesBytesThatAreNotUtf8) { EXPECT_FALSE(parse_json("\"\xff\"")); }
TEST(Json, RefusesNumbersThatOverflow) { EXPECT_FALSE(parse_json("1e999")); }

TEST(Json, BoundsTheDepth) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse_json(nested(64), 64));
  EXPECT_EQ(parse_json(nested(65), 64).error().message, "JSON is nested deeper than 64 levels");
  EXPECT_FALSE(parse_json(nested(1'000'000)));
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
}

TEST(Json, BracketsWithinStringsAreNoDepth) { EXPECT_TRUE(parse_json(R"(["[[[[\"[[["])", 1)); }

TEST(Json, WritesBrokenBytesAsReplacement) { EXPECT_EQ(dump_json("a\xff"), "\"a\xEF\xBF\xBD\""); }

}  // namespace
}  // namespace headrace
