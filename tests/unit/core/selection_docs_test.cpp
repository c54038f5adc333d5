// Every example of docs/reference/selection.md, read from the page itself.
#include <fstream>

#include <core/selection.hpp>
#include <gtest/gtest.h>

#include "graphs.hpp"

#include <tests_dir.hpp>

namespace headrace {
namespace {

using Cells = std::vector<std::string>;
/// The tables of the page by their headings ("selection selects"), without the lines that only draw.
struct Table {
  Cells heading;
  std::vector<Cells> rows;
};

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" `"), end = text.find_last_not_of(" `");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}
Cells split(const std::string& text, char separator) {
  Cells cells;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, separator);) cells.push_back(trimmed(part));
  return cells;
}
/// `a, b` as a list; none for an empty cell.
Cells list(const std::string& cell) { return cell.empty() ? Cells{} : split(cell, ','); }

std::vector<Table> read_tables() {
  std::ifstream page(std::string(k_tests_dir) + "/../docs/reference/selection.md");
  EXPECT_TRUE(page);
  std::vector<Table> tables;
  bool in_table = false;
  for (std::string line; std::getline(page, line);) {
    const bool is_row = line.rfind("| ", 0) == 0;
    if (!is_row) {
      in_table = in_table && line.rfind("|-", 0) == 0;
      continue;
    }
    const Cells cells = split(line.substr(1, line.rfind('|') - 1), '|');
    if (!in_table)
      tables.push_back({cells, {}});
    else
      tables.back().rows.push_back(cells);
    in_table = true;
  }
  return tables;
}

AssetGraph graph_from(const Table& table) {
  std::vector<AssetDefinition> assets;
  for (const auto& row : table.rows) {
    const bool is_external = row.at(1) == "(external)";
    auto asset = testing::asset(row.at(0), is_external ? Cells{} : list(row.at(1)));
    asset.is_external = is_external;
    asset.group = row.at(2);
    asset.kinds = list(row.at(3));
    for (const auto& tag : list(row.at(4))) asset.tags[tag.substr(0, tag.find('='))] = tag.substr(tag.find('=') + 1);
    asset.owners = list(row.size() > 5 ? row.at(5) : "");
    assets.push_back(asset);
  }
  return AssetGraph::build({testing::location("flowers", assets)}).value();
}

TEST(SelectionPage, EveryExampleIsTrue) {
  const auto tables = read_tables();
  ASSERT_GT(tables.size(), 5u);
  ASSERT_EQ(tables.front().heading.front(), "asset");
  const auto graph = graph_from(tables.front());
  int checked = 0;
  for (const auto& table : tables) {
    if (table.heading.front() != "selection") continue;
    for (const auto& row : table.rows) {
      SCOPED_TRACE(row.at(0));
      const std::string expected = row.size() > 1 ? row.at(1) : "";
      const auto selection = Selection::parse(row.at(0));
      const auto assets = selection ? selection->resolve(graph) : Result<std::vector<int>>(tl::unexpected(selection.error()));
      ++checked;
      if (table.heading.at(1) == "error") {
        ASSERT_FALSE(assets);
        EXPECT_EQ(assets.error().message, expected);
        continue;
      }
      ASSERT_TRUE(assets) << assets.error().message;
      Cells names;
      for (const int asset : *assets) names.push_back(graph.node(asset).key_string);
      EXPECT_EQ(names, list(expected));
    }
  }
  EXPECT_GT(checked, 40);
}

}  // namespace
}  // namespace headrace
