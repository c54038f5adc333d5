#include <config/code_locations_file.hpp>

#include <gtest/gtest.h>

namespace headrace::config {
namespace {

std::string error_of(std::string_view text) {
  const auto entries = parse_code_locations(text, "headrace.toml");
  return entries ? "no error" : entries.error().message;
}

TEST(CodeLocationsFile, ReadsEveryKind) {
  const auto entries = parse_code_locations(R"(
[[code_locations]]
executable = "build/etl"
build = "cmake --build build"
working_directory = "cpp"
[[code_locations]]
module = "my_package"
attribute = "defs"
[[code_locations]]
file = "sub/definitions.py"
name = "third"
[concurrency]
runs = 3
)",
                                            "headrace.toml")
                           .value();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "etl");
  EXPECT_EQ(entries[0].build, "cmake --build build");
  EXPECT_EQ(entries[0].working_directory, "cpp");
  EXPECT_EQ(entries[1].name, "my_package");
  EXPECT_EQ(entries[1].attribute, "defs");
  EXPECT_EQ(entries[2].name, "third");
  EXPECT_TRUE(parse_code_locations("", "headrace.toml")->empty());
}

TEST(CodeLocationsFile, ErrorsNameTheLineAndTheKey) {
  EXPECT_EQ(error_of("[[code_locations]]\nexecutabel = \"a\""),
            "headrace.toml:2: unknown key \"executabel\" in [[code_locations]]. Did you mean \"executable\"?");
  EXPECT_NE(error_of("[[code_locations]]\nname = \"a\"").find("must have one of"), std::string::npos);
  EXPECT_NE(error_of("[[code_locations]]\nmodule = \"a\"\nfile = \"b\"").find("must have one of"), std::string::npos);
  EXPECT_NE(error_of("[[code_locations]]\nexecutable = \"a\"\nattribute = \"b\"").find("\"attribute\""), std::string::npos);
  EXPECT_NE(error_of("code_locations = 3").find("[[code_locations]]"), std::string::npos);
}

}  // namespace
}  // namespace headrace::config
