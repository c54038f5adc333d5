#include <core/asset_graph.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

using Names = std::vector<std::string>;

Names closest(std::string_view text, const Names& names, std::size_t most = 3) { return closest_names(text, names, most); }

TEST(ClosestNames, FindsMisspellings) {
  EXPECT_EQ(closest("iris_dta", {"iris_data", "setosa"}), Names{"iris_data"});  // left out
  EXPECT_EQ(closest("iris_datta", {"iris_data"}), Names{"iris_data"});          // doubled
  EXPECT_EQ(closest("irsi_data", {"iris_data"}), Names{"iris_data"});           // exchanged
  EXPECT_EQ(closest("IRIS_DATA", {"iris_data"}), Names{"iris_data"});
}

TEST(ClosestNames, BestFirstAndNotMoreThanAsked) {
  EXPECT_EQ(closest("row_1", {"row_22", "row_2", "row_1x", "ROW_1", "row_3"}), (Names{"ROW_1", "row_1x", "row_2"}));
  EXPECT_EQ(closest("row_1", {"row_2", "ROW_1"}, 1), Names{"ROW_1"});
}

TEST(ClosestNames, NamesThatContainTheTextComeLast) {
  EXPECT_EQ(closest("iris", {"iris_data", "iras"}), (Names{"iras", "iris_data"}));
}

TEST(ClosestNames, SaysNothingImplausible) {
  EXPECT_EQ(closest("setosa", {"virginica", "x", ""}), Names{});
  EXPECT_EQ(closest("a", {"b", "c"}), Names{});
  EXPECT_EQ(closest("", {"a"}), Names{});
  EXPECT_EQ(closest("x", {}), Names{});
}

}  // namespace
}  // namespace headrace
