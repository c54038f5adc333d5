#include <core/selection.hpp>

#include <gtest/gtest.h>

#include "graphs.hpp"

namespace headrace {
namespace {

using testing::asset;

// raw/iris → iris_data → setosa, virginica → report;  calendar (external) → report;  stub → iris_data (ordering only)
AssetGraph iris() {
  auto raw = asset("raw/iris"), data = asset("iris_data", {"raw/iris"}), setosa = asset("setosa", {"iris_data"}),
       virginica = asset("virginica", {"iris_data"});
  auto calendar = asset("calendar"), report = asset("report", {"setosa", "virginica", "calendar"});
  data.deps.push_back({AssetKey({"stub"}), "", ""});
  raw.group = "raw";
  raw.kinds = {"csv"};
  data.tags = {{"team", "botany"}, {"nightly", ""}};
  data.owners = {"team:botany", "ada@example.com"};
  setosa.kinds = {"python", "csv"};
  report.tags = {{"team", "finance"}};
  calendar.is_external = true;
  calendar.group = "raw";
  auto odd = asset("odd");
  odd.key = AssetKey({"a b", "c/d"});
  odd.step_key = "odd";
  return AssetGraph::build(
             {testing::location("flowers", {raw, data, setosa, virginica, report}), testing::location("other", {calendar, odd})})
      .value();
}

/// The selected keys, space separated, in the graph's order; or the error.
std::string select(const std::string& text, const Selection::StatusOf& status_of = {}) {
  static const AssetGraph graph = iris();
  const auto selection = Selection::parse(text);
  if (!selection) return selection.error().message;
  const auto assets = selection->resolve(graph, status_of);
  if (!assets) return assets.error().message;
  std::string result;
  for (const int asset : *assets) result += (result.empty() ? "" : " ") + graph.node(asset).key_string;
  return result;
}

const std::string k_all = "a b/c\\/d calendar iris_data raw/iris report setosa stub virginica";

TEST(Selection, Everything) {
  EXPECT_EQ(select("*"), k_all);
  EXPECT_EQ(select("  *  "), k_all);
}

TEST(Selection, Keys) {
  EXPECT_EQ(select("setosa"), "setosa");
  EXPECT_EQ(select("raw/iris"), "raw/iris");
  EXPECT_EQ(select("key:setosa"), "setosa");
  EXPECT_EQ(select("key:\"raw/iris\""), "raw/iris");
  EXPECT_EQ(select("\"a b/c\\/d\""), "a b/c\\/d");
  EXPECT_EQ(select("key : setosa"), "setosa");
}

TEST(Selection, Patterns) {
  EXPECT_EQ(select("key:\"*iris*\""), "iris_data raw/iris");
  EXPECT_EQ(select("key:raw/*"), "raw/iris");
  EXPECT_EQ(select("key:*"), k_all);
  EXPECT_EQ(select("key:\"s*a\""), "setosa");
  EXPECT_EQ(select("key:nobody*"), "");
}

TEST(Selection, Attributes) {
  EXPECT_EQ(select("group:raw"), "calendar raw/iris");
  EXPECT_EQ(select("group:\"r*\""), "calendar raw/iris");
  EXPECT_EQ(select("group:default"), "a b/c\\/d iris_data report setosa stub virginica");
  EXPECT_EQ(select("group:nobody"), "");
  EXPECT_EQ(select("kind:csv"), "raw/iris setosa");
  EXPECT_EQ(select("tag:team=botany"), "iris_data");
  EXPECT_EQ(select("tag:\"team\"=\"botany\""), "iris_data");
  EXPECT_EQ(select("tag:team=*"), "iris_data report");
  EXPECT_EQ(select("tag:team"), "");  // only with an empty value
  EXPECT_EQ(select("tag:nightly"), "iris_data");
  EXPECT_EQ(select("owner:team:botany"), "iris_data");
  EXPECT_EQ(select("owner:\"ada@*\""), "iris_data");
  EXPECT_EQ(select("code_location:other"), "a b/c\\/d calendar");
  EXPECT_EQ(select("is:external"), "calendar stub");
  EXPECT_EQ(select("is:materializable"), "a b/c\\/d iris_data raw/iris report setosa virginica");
}

TEST(Selection, NoneOfAnAttribute) {
  EXPECT_EQ(select("kind:<null> and is:materializable"), "a b/c\\/d iris_data report virginica");
  EXPECT_EQ(select("not tag:<null>"), "iris_data report");
  EXPECT_EQ(select("owner:<null> and key:iris*"), "");
}

TEST(Selection, Status) {
  const auto status_of = [](int asset) { return std::string(asset == 5 ? "failed" : "never"); };
  EXPECT_EQ(select("status:failed", status_of), "setosa");
  EXPECT_EQ(select("not status:never", status_of), "setosa");
  EXPECT_EQ(select("status:failed"),
            "selection, column 1: \"status:\" cannot be used here: nothing is known of materializations");
}

TEST(Selection, Operators) {
  EXPECT_EQ(select("setosa or virginica"), "setosa virginica");
  EXPECT_EQ(select("setosa OR virginica"), "setosa virginica");
  EXPECT_EQ(select("kind:csv and group:raw"), "raw/iris");
  EXPECT_EQ(select("not group:default"), "calendar raw/iris");
  EXPECT_EQ(select("not not setosa"), "setosa");
  EXPECT_EQ(select("setosa or virginica and report"), "setosa");  // and binds tighter
  EXPECT_EQ(select("(setosa or virginica) and virginica"), "virginica");
  EXPECT_EQ(select("not setosa and virginica"), "virginica");  // not binds tightest
  EXPECT_EQ(select("not (setosa or virginica) and group:default"), "a b/c\\/d iris_data report stub");
}

TEST(Selection, Levels) {
  EXPECT_EQ(select("+setosa"), "iris_data raw/iris setosa stub");
  EXPECT_EQ(select("1+setosa"), "iris_data setosa");
  EXPECT_EQ(select("2+setosa"), "iris_data raw/iris setosa stub");
  EXPECT_EQ(select("0+setosa"), "setosa");
  EXPECT_EQ(select("iris_data+"), "iris_data report setosa virginica");
  EXPECT_EQ(select("iris_data+1"), "iris_data setosa virginica");
  EXPECT_EQ(select("1+iris_data+1"), "iris_data raw/iris setosa stub virginica");
  EXPECT_EQ(select("+iris_data+"), "iris_data raw/iris report setosa stub virginica");
  EXPECT_EQ(select("99999999999999999999+setosa"), "iris_data raw/iris setosa stub");
  EXPECT_EQ(select("1 + setosa"), "iris_data setosa");
  EXPECT_EQ(select("1+(setosa or report)"), "calendar iris_data report setosa virginica");
  EXPECT_EQ(select("(setosa or raw/iris)+1"), "iris_data raw/iris report setosa");
  EXPECT_EQ(select("1+key:\"s*a\""), "iris_data setosa");
  EXPECT_EQ(select("+setosa and key:iris*"), "iris_data");
  EXPECT_EQ(select("not +report"), "a b/c\\/d");
}

TEST(Selection, RootsAndSinks) {
  EXPECT_EQ(select("roots(*)"), "a b/c\\/d calendar raw/iris stub");
  EXPECT_EQ(select("sinks(*)"), "a b/c\\/d report");
  EXPECT_EQ(select("roots(is:materializable)"), "a b/c\\/d raw/iris");
  EXPECT_EQ(select("roots(raw/iris or setosa)"), "raw/iris");  // over the gap between them
  EXPECT_EQ(select("sinks(raw/iris or setosa)"), "setosa");
  EXPECT_EQ(select("sinks(+report and not report)"), "calendar setosa virginica");
  EXPECT_EQ(select("roots(setosa)+1"), "report setosa");
}

TEST(Selection, OlderSyntax) {
  EXPECT_EQ(select("setosa,virginica"), "setosa virginica");
  EXPECT_EQ(select("setosa, virginica , report"), "report setosa virginica");
  EXPECT_EQ(select("*setosa"), "iris_data raw/iris setosa stub");
  EXPECT_EQ(select("setosa*"), "report setosa");
  EXPECT_EQ(select("*setosa*"), "iris_data raw/iris report setosa stub");
  EXPECT_EQ(select("*setosa,calendar"), "calendar iris_data raw/iris setosa stub");
  EXPECT_EQ(select("* and setosa"), "setosa");
  EXPECT_EQ(select("not *setosa and kind:<null>"), "a b/c\\/d calendar report virginica");
}

TEST(SelectionErrors, PointAtTheColumn) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "selection, column 1: the selection is empty; * selects all assets"},
      {"   ", "selection, column 1: the selection is empty; * selects all assets"},
      {"setosa virginica", "selection, column 8: expected \"and\", \"or\", \",\" or the end, found \"virginica\""},
      {"setosa and", "selection, column 11: expected an asset, an attribute or \"(\", found the end"},
      {"and setosa", "selection, column 1: expected an asset before \"and\"; an asset of that name is written in quotes"},
      {"setosa or or virginica",
       "selection, column 11: expected an asset before \"or\"; an asset of that name is written in quotes"},
      {"setosa,", "selection, column 8: expected an asset, an attribute or \"(\", found the end"},
      {"setosa,,report", "selection, column 8: expected an asset, an attribute or \"(\", found \",\""},
      {"(setosa", "selection, column 8: expected \")\" to close the \"(\" of column 1, found the end"},
      {"roots(setosa", "selection, column 13: expected \")\" to close the \"(\" of column 6, found the end"},
      {"setosa)", "selection, column 7: this \")\" closes nothing"},
      {"()", "selection, column 2: expected an asset, an attribute or \"(\", found \")\""},
      {"grup:raw",
       "selection, column 1: unknown attribute \"grup\"; known are key, group, tag, kind, owner, code_location, status and is. "
       "Did you mean \"group\"?"},
      {"setosa or table_name:x",
       "selection, column 11: Headrace does not know \"table_name:\"; it selects by key, group, tag, kind, owner, code_location, "
       "status and is"},
      {"root(setosa)", "selection, column 1: unknown function \"root\"; known are roots and sinks. Did you mean \"roots\"?"},
      {"status:faild",
       "selection, column 8: unknown value \"faild\" of \"status:\"; known are never, in_progress, materialized, failed and "
       "stale. Did you mean \"failed\"?"},
      {"is:extern",
       "selection, column 4: unknown value \"extern\" of \"is:\"; known are external and materializable. Did you mean "
       "\"external\"?"},
      {"group:", "selection, column 7: expected a value after \"group:\", found the end"},
      {"group: or x", "selection, column 11: expected \"and\", \"or\", \",\" or the end, found \"x\""},
      {"group:\"raw", "selection, column 7: expected a value after \"group:\", found a quote that is never closed"},
      {"\"setosa", "selection, column 1: this quote is never closed"},
      {"++setosa", "selection, column 2: \"++\" is no number of levels: write 2+ for two"},
      {"setosa++", "selection, column 8: \"++\" is no number of levels: write +2 for two"},
      {"+", "selection, column 2: expected an asset after \"+\", found the end"},
      {"+ and setosa", "selection, column 3: expected an asset before \"and\"; an asset of that name is written in quotes"},
      {"se*sa", "selection, column 3: a * within a name: patterns are written key:\"a*b\""},
      {"a//b", "selection, column 1: asset key \"a//b\" is not allowed: a part is empty"},
      {"ü, ö, x y", "selection, column 9: expected \"and\", \"or\", \",\" or the end, found \"y\""},
      {"setosa = 1", "selection, column 8: expected \"and\", \"or\", \",\" or the end, found \"=\""},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(select(text), message) << text;
}

TEST(SelectionErrors, UnknownKeysComeWithSuggestions) {
  EXPECT_EQ(select("report or iris_dta"), "selection, column 11: no asset has the key \"iris_dta\". Did you mean \"iris_data\"?");
  EXPECT_EQ(select("key:iris"),
            "selection, column 5: no asset has the key \"iris\". Did you mean \"raw/iris\" or \"iris_data\"?");
  EXPECT_EQ(select("weather"), "selection, column 1: no asset has the key \"weather\".");
  EXPECT_EQ(select("Setosa"), "selection, column 1: no asset has the key \"Setosa\". Did you mean \"setosa\"?");
}

TEST(SelectionErrors, CarryTheColumn) {
  EXPECT_EQ(Selection::parse("setosa )").error().detail, (nlohmann::json{{"column", 8}}));
  EXPECT_EQ(Selection::parse("setosa )").error().code, ErrorCode::invalid);
}

TEST(Selection, DeepNestingIsAnErrorNotACrash) {
  const auto repeat = [](const std::string& text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
  };
  EXPECT_EQ(select(repeat("(", 150) + "setosa" + repeat(")", 150)), "setosa");
  for (const std::string& opening : {std::string("("), std::string("not "), std::string("roots("), std::string("+(")}) {
    EXPECT_NE(select(repeat(opening, 100'000)).find("nested deeper than 200 levels"), std::string::npos) << opening;
  }
}

TEST(Selection, TenThousandKeysAreQuick) {
  std::vector<AssetDefinition> assets;
  std::string list;
  for (int i = 0; i < 10'000; ++i) {
    assets.push_back(asset("asset_" + std::to_string(i)));
    list += (i > 0 ? " or asset_" : "asset_") + std::to_string(i);
  }
  const auto graph = testing::graph_of(assets);
  EXPECT_EQ(Selection::parse(list).value().resolve(graph).value().size(), 10'000u);
}

TEST(Selection, TooManyConditionsAreRefused) {
  const auto chain = [](const std::string& term, const std::string& sign, int times) {
    std::string result = term;
    for (int i = 1; i < times; ++i) result += sign + term;
    return result;
  };
  EXPECT_EQ(select(chain("setosa", " and ", 1000)), "setosa");
  EXPECT_EQ(select(chain("setosa", ",", 50'000)), "setosa");
  for (const std::string& text : {chain("setosa", " and ", 50'000), chain("roots(setosa)", ",", 50'000),
                                  chain("kind:csv", " or ", 50'000), chain("+setosa", ",", 50'000)}) {
    EXPECT_NE(select(text).find("more than 2000 conditions"), std::string::npos) << select(text);
  }
}

TEST(Selection, RandomTextNeverCrashes) {
  testing::Random random(3);
  const std::string pieces[] = {"setosa", "*", "+",  "2",  "(",    ")",         ",",      "and",     "or",   "not", " ",
                                ":",      "=", "\"", "\\", "key:", "group:raw", "roots(", "tag:a=b", "\xff", "ü",   "<null>"};
  int good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int i = random.below(10); i >= 0; --i) text += pieces[random.below(std::size(pieces))];
    const auto selection = Selection::parse(text);
    if (!selection) {
      const auto column = selection.error().detail.at("column").get<std::size_t>();
      ASSERT_TRUE(column >= 1 && column <= text.size() + 1) << text;
    } else {
      ++good;
      select(text);
    }
  }
  EXPECT_GT(good, 500);
}

}  // namespace
}  // namespace headrace
