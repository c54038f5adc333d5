#include <core/metadata.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

using nlohmann::json;

Result<void> check(const std::string& type, json value) {
  return check_metadata({{"label", {{"type", type}, {"value", std::move(value)}}}});
}

TEST(Metadata, AcceptsEveryTypeOfTheProtocol) {
  for (const auto* type : {"text", "url", "path", "notebook", "md", "python_artifact", "pool", "dagster_run"})
    EXPECT_TRUE(check(type, "x")) << type;
  for (const json& value : {json(1), json("x"), json(nullptr), json{{"a", 1}}}) {
    EXPECT_TRUE(check("json", value));
    EXPECT_TRUE(check("code_references", value));
  }
  EXPECT_TRUE(check("int", 50));
  EXPECT_TRUE(check("int", "-123456789012345678901234567890"));
  for (const json& value : {json(0.5), json(1), json("NaN"), json("Infinity"), json("-Infinity")})
    EXPECT_TRUE(check("float", value));
  EXPECT_TRUE(check("bool", true));
  EXPECT_TRUE(check("timestamp", 1.5));
  EXPECT_TRUE(check("null", nullptr));
  EXPECT_TRUE(check("asset", {"a", "b"}));
  EXPECT_TRUE(check("job", {{"job_name", "j"}, {"location_name", "l"}}));
  EXPECT_TRUE(check("table", {{"records", {{{"a", 1}}}}, {"schema", nullptr}}));
  EXPECT_TRUE(
      check("table_schema", {{"columns", {{{"name", "a"}, {"type", "int"}}}}, {"constraints", {{"other", json::array()}}}}));
  EXPECT_TRUE(check("column_lineage", {{"deps_by_column", json::object()}}));
}

TEST(Metadata, RefusesValuesOfTheWrongJsonType) {
  const std::vector<std::pair<std::string, json>> bad{{"text", 1},
                                                      {"path", nullptr},
                                                      {"int", 1.5},
                                                      {"int", "12a"},
                                                      {"int", ""},
                                                      {"int", "-"},
                                                      {"int", true},
                                                      {"float", "nan"},
                                                      {"float", true},
                                                      {"bool", 1},
                                                      {"timestamp", "now"},
                                                      {"null", 0},
                                                      {"asset", "a"},
                                                      {"asset", json::array()},
                                                      {"asset", {1}},
                                                      {"job", "j"},
                                                      {"table", {{"records", {1}}}},
                                                      {"table", json::object()},
                                                      {"table_schema", {{"columns", {{{"type", "int"}}}}}},
                                                      {"column_lineage", json::array()}};
  for (const auto& [type, value] : bad) EXPECT_FALSE(check(type, value)) << type << " " << value;
}

TEST(Metadata, NamesTheLabel) {
  EXPECT_EQ(check_metadata({{"nrows", {{"type", "int"}, {"value", "many"}}}}).error().message,
            R"(metadata "nrows" of type int must have as its value an integer or a string of digits)");
  EXPECT_EQ(check_metadata({{"nrows", {{"type", "number"}, {"value", 1}}}}).error().message,
            R"(metadata "nrows" has the unknown type "number")");
  EXPECT_EQ(check_metadata({{"nrows", 50}}).error().message, R"(metadata "nrows" must be an object with "type" and "value")");
  EXPECT_EQ(check_metadata({1, 2}).error().message, "metadata must be an object from label to {\"type\", \"value\"}");
}

TEST(Metadata, IgnoresUnknownFieldsAndAcceptsNone) {
  EXPECT_TRUE(check_metadata({{"path", {{"type", "path"}, {"value", "x"}, {"observed", true}}}}));
  EXPECT_TRUE(check_metadata(nullptr));
  EXPECT_TRUE(check_metadata(json::object()));
}

}  // namespace
}  // namespace headrace
