#include <config/pyproject.hpp>

#include <gtest/gtest.h>

namespace headrace::config {
namespace {

Result<std::vector<CodeLocationEntry>> parse(std::string text) {
  return parse_pyproject({.text = std::move(text), .file = "pyproject.toml", .folder = "/project"});
}
std::string error_of(std::string text) {
  const auto parsed = parse(std::move(text));
  return parsed ? "no error" : parsed.error().message;
}

TEST(Pyproject, OneModule) {
  const auto entries = parse("[tool.dagster]\nmodule_name = 'my_package.definitions'\ncode_location_name = 'mine'").value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].module, "my_package.definitions");
  EXPECT_EQ(entries[0].name, "mine");
  EXPECT_EQ(entries[0].working_directory, "/project");
}

TEST(Pyproject, Modules) {
  const auto entries = parse("[tool.dagster]\nmodules = [{type='module', name='a'}, {type='module', name='b'}]").value();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].name, "b");
}

TEST(Pyproject, Dg) {
  EXPECT_EQ(parse("[tool.dg]\ndirectory_type='project'\n[tool.dg.project]\nroot_module = 'shop'").value().at(0).module,
            "shop.definitions");
  EXPECT_EQ(parse("[tool.dg.project]\nroot_module = 'shop'\ncode_location_target_module = 'shop.defs'").value().at(0).module,
            "shop.defs");
}

TEST(Pyproject, OthersSayNothing) {
  EXPECT_TRUE(parse("[project]\nname = 'a'\n[tool.ruff]\nline-length = 80").value().empty());
  EXPECT_TRUE(read_pyproject("/nowhere/pyproject.toml").value().empty());
}

TEST(Pyproject, ErrorsNameTheLine) {
  EXPECT_NE(error_of("[tool.dagster]\nmodule_name = 'a'\nmodules = [{type='module', name='b'}]").find("pyproject.toml:3: "),
            std::string::npos);
  EXPECT_NE(error_of("[tool.dagster]\nmodules = []").find("not empty"), std::string::npos);
  EXPECT_NE(error_of("[tool.dagster]\nmodules = [{type='file', name='b'}]").find("{type = \"module\""), std::string::npos);
  EXPECT_NE(error_of("[tool.dg.project]\nroot_module='a'\nautoload_defs = true").find("pyproject.toml:3: "), std::string::npos);
}

}  // namespace
}  // namespace headrace::config
