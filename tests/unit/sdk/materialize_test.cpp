#include <headrace/sdk.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace headrace {
namespace {

struct Point {
  int x = 0;
  std::optional<double> y;
  std::vector<std::string> names;
  bool operator==(const Point&) const = default;
};
BOOST_DESCRIBE_STRUCT(Point, (), (x, y, names))

struct Rows : Config {
  int rows = 3;
};
BOOST_DESCRIBE_STRUCT(Rows, (), (rows))

struct Counter : ConfigurableResource {
  std::string url = "db://here";
  int port = 1;
  std::shared_ptr<int> ups = std::make_shared<int>(0), downs = std::make_shared<int>(0);
  void setup_for_execution(InitResourceContext&) { ++*ups; }
  void teardown_after_execution(InitResourceContext&) { ++*downs; }
};
BOOST_DESCRIBE_STRUCT(Counter, (), (url, port))

int forty_two() { return 42; }

TEST(Materialize, PassesValuesFromAssetToAsset) {
  const Definitions definitions{
      .assets = {asset("total", [](int a, const std::vector<int>& b) { return a + b.at(1); }, {.inputs = {"a", "b"}}),
                 asset("a", forty_two), asset("b", [] {
                   return std::vector<int>{1, 2};
                 })}};
  const auto run = materialize(definitions);
  EXPECT_TRUE(run.success());
  EXPECT_EQ(run.value<int>("total"), 44);
  EXPECT_EQ(run.stored.at("a").at("format"), "json");
  EXPECT_EQ(run.metadata("a").at("bytes"), MetadataValue(2));
}

TEST(Materialize, RunsWhatIsSelected) {
  const Definitions definitions{.assets = {asset("a", forty_two), asset("b", [](int a) { return a; }, {.inputs = {"a"}})}};
  const auto run = materialize(definitions, {.selection = "a"});
  EXPECT_EQ(run.values.size(), 1u);
  EXPECT_THROW(run.value<int>("b"), std::out_of_range);
  EXPECT_THROW(materialize(definitions, {.selection = "nothing_like_it"}), std::runtime_error);
}

TEST(Materialize, KeepsEveryKindOfValue) {
  const Definitions definitions{
      .assets = {asset("text", [] { return "hällo"; }), asset("number", [] { return 1.5; }), asset("yes", [] { return true; }),
                 asset("any",
                       [] {
                         return json{{"a", {1, nullptr}}};
                       }),
                 asset("point",
                       [] {
                         return Point{3, 0.5, {"p", "q"}};
                       }),
                 asset("points",
                       [] {
                         return std::map<std::string, Point>{{"one", Point{}}};
                       }),
                 asset("big", [] { return std::numeric_limits<std::int64_t>::max(); }),
                 asset("back",
                       [](std::string_view text, double number, bool yes, const json& any, const Point& point,
                          const std::map<std::string, Point>& points, std::int64_t big) {
                         return json{text, number, yes, any, point.x, *point.y, point.names, points.size(), big};
                       },
                       {.inputs = {"text", "number", "yes", "any", "point", "points", "big"}})}};
  const auto back = materialize(definitions).value<json>("back");
  EXPECT_EQ(back.dump(), R"(["hällo",1.5,true,{"a":[1,null]},3,0.5,["p","q"],1,9223372036854775807])");
}

TEST(Materialize, GivesContextConfigAndResources) {
  Counter counter;
  const Definitions definitions{.assets = {asset("all",
                                                 [](const Rows& config, AssetExecutionContext& context, Counter& db, int a) {
                                                   context.log.info("rows ", config.rows, " of ", db.url);
                                                   context.add_output_metadata({{"retries", context.retry_number()}});
                                                   return Output{a + config.rows, {.metadata = {{"said", "by output"}}}};
                                                 },
                                                 {.inputs = {"a"}}),
                                           asset("a", forty_two)},
                                .resources = {{"db", counter}}};
  const auto run = materialize(definitions, {.run_config = {{"ops", {{"all", {{"config", {{"rows", 8}}}}}}},
                                                            {"resources", {{"db", {{"config", {{"url", "db://there"}}}}}}}}});
  EXPECT_EQ(run.value<int>("all"), 50);
  EXPECT_EQ(run.log, std::vector<std::string>{"INFO - rows 8 of db://there"});
  EXPECT_EQ(run.metadata("all").at("said"), MetadataValue("by output"));
  EXPECT_EQ(run.metadata("all").at("retries"), MetadataValue(0));
  EXPECT_EQ(*counter.ups, 1);
  EXPECT_EQ(*counter.downs, 1);
}

TEST(Materialize, FillsFieldsFromTheEnvironment) {
  ::setenv("TEST_URL", "db://env", 1);
  ::setenv("TEST_PORT", "99", 1);
  const auto definitions = [](const Resource& resource) {
    return Definitions{.assets = {asset("a", [](Counter& db) { return db.url + std::to_string(db.port); })},
                       .resources = {{"db", resource}}};
  };
  Counter counter;
  counter.url = EnvVar("TEST_URL");
  EXPECT_EQ(materialize(definitions(configured(counter, {{"port", EnvVar("TEST_PORT")}}))).value<std::string>("a"), "db://env99");
  ::unsetenv("TEST_URL");
  try {
    materialize(definitions(counter));
    FAIL();
  } catch (const DefinitionError& error) {
    EXPECT_STREQ(error.what(), "The environment variable TEST_URL is not set: resource \"db\" needs it for its field url");
  }
}

TEST(Materialize, ThrowsTheStepsOwnErrorOrKeepsIt) {
  const Definitions definitions{.assets = {asset("bad", []() -> int { throw std::out_of_range("row 17"); }),
                                           asset("after", [](int bad) { return bad; }, {.inputs = {"bad"}}),
                                           asset("a", forty_two)}};
  EXPECT_THROW(materialize(definitions), std::out_of_range);
  const auto run = materialize(definitions, {.raise_on_error = false});
  EXPECT_FALSE(run.success());
  const auto& error = run.errors.at("bad");
  EXPECT_EQ(error.at("type"), "std::out_of_range");
  EXPECT_EQ(error.at("phase"), "asset");
  EXPECT_NE(error.at("stack").get<std::string>().find("materialize_test.cpp:"), std::string::npos) << error.at("stack");
  EXPECT_NE(error.at("file").get<std::string>().find("materialize_test.cpp"), std::string::npos);
  EXPECT_TRUE(run.values.contains("a"));
  EXPECT_FALSE(run.values.contains("after"));
}

TEST(Materialize, SaysWhatAStoredValueIsNot) {
  const Definitions definitions{.assets = {asset("text", [] { return "no number"; }),
                                           asset("number", [](int text) { return text; }, {.inputs = {"text"}})}};
  try {
    materialize(definitions);
    FAIL();
  } catch (const TypeError& error) {
    EXPECT_STREQ(error.what(), "the stored JSON is \"no number\", which is not a whole number");
  }
  const Definitions endless{.assets = {asset("nan", [] { return std::nan(""); })}};
  EXPECT_THROW(materialize(endless), TypeError);
}

TEST(Materialize, InMemoryValuesNeedNoForm) {
  struct Opaque {
    int* pointer = nullptr;
  };
  static int number = 7;
  const Definitions definitions{.assets = {asset("made", [] { return Opaque{&number}; }),
                                           asset("used", [](const Opaque& made) { return *made.pointer; }, {.inputs = {"made"}})},
                                .resources = {{"io_manager", InMemoryIOManager{}}}};
  EXPECT_EQ(materialize(definitions).value<int>("used"), 7);
}

TEST(Materialize, NestedErrorsTellTheirCause) {
  const Definitions definitions{.assets = {asset("a", []() -> int {
                                  try {
                                    throw std::runtime_error("the cause");
                                  } catch (...) {
                                    std::throw_with_nested(std::logic_error("what it led to"));
                                  }
                                })}};
  const auto error = materialize(definitions, {.raise_on_error = false}).errors.at("a");
  EXPECT_EQ(error.at("type"), "std::logic_error");
  EXPECT_NE(error.at("stack").get<std::string>().find("Caused by std::runtime_error: the cause"), std::string::npos);
}

}  // namespace
}  // namespace headrace
