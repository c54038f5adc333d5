#include <core/definitions.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

using nlohmann::json;

json iris() {
  return json::parse(R"({
    "assets":[
      {"key":["iris_data"],"step_key":"iris_data","io_manager_key":"my_io_manager","required_resources":["my_io_manager"],
       "source":{"file":"my_assets.py","line":5,"last_line":8}},
      {"key":["flowers","setosa"],"step_key":"flowers__setosa","group":"flowers","kinds":["python"],"tags":{"team":"a"},
       "deps":[{"key":["iris_data"],"input":"iris_data"},{"key":["calendar"]}],"io_manager_key":"my_io_manager",
       "required_resources":["my_io_manager","db"],"future":1}],
    "resources":[
      {"key":"my_io_manager","type":"m.MyIOManager","is_io_manager":true,
       "config":[{"name":"path_prefix","type":"string","source":"env_var","env_var":"DATA_PATH","is_set":false}]},
      {"key":"db","config":[{"name":"limit","type":"int","source":"default","value":"10"},{"name":"password","source":"value","is_secret":true}]}],
    "env_vars":["DATA_PATH"]})");
}

std::string error_of(const json& definitions) {
  const auto parsed = Definitions::from_json("my_module", "hash", definitions);
  return parsed ? "no error" : parsed.error().message;
}

TEST(Definitions, ReadsAssetsAndResources) {
  const auto definitions = Definitions::from_json("my_module", "hash", iris()).value();
  EXPECT_EQ(definitions.code_location, "my_module");
  EXPECT_EQ(definitions.hash, "hash");
  EXPECT_EQ(definitions.env_vars, std::vector<std::string>{"DATA_PATH"});
  ASSERT_EQ(definitions.assets.size(), 2u);
  const auto& setosa = definitions.assets[1];
  EXPECT_EQ(setosa.key, AssetKey({"flowers", "setosa"}));
  EXPECT_EQ(setosa.group, "flowers");
  EXPECT_TRUE(setosa.stores_output);
  ASSERT_EQ(setosa.deps.size(), 2u);
  EXPECT_EQ(setosa.deps[0].input, "iris_data");
  EXPECT_EQ(setosa.deps[1].input, "");
  EXPECT_EQ(definitions.assets[0].group, "default");
  EXPECT_EQ(definitions.assets[0].source_file, "my_assets.py");
  EXPECT_EQ(definitions.assets[0].source_line, 5);
  EXPECT_EQ(definitions.assets[0].source_last_line, 8);

  const auto& prefix = definitions.find_resource("my_io_manager")->config.at(0);
  EXPECT_EQ(prefix.source, ConfigField::Source::env_var);
  EXPECT_EQ(prefix.env_var, "DATA_PATH");
  EXPECT_FALSE(prefix.is_set);
  EXPECT_FALSE(prefix.value);
  EXPECT_EQ(definitions.find_resource("db")->config.at(0).value, "10");
  EXPECT_EQ(definitions.find_resource("nobody"), nullptr);
}

TEST(Definitions, ReadsHowStepsAreRun) {
  auto described = iris();
  described["assets"][0].update({{"retry_policy", {{"max_retries", 3}, {"delay", 1.5}, {"backoff", "exponential"}}},
                                 {"pool", "db"},
                                 {"priority", 5},
                                 {"time_limit", 0.25},
                                 {"memory_limit", 1 << 30}});
  described["execution"] = {{"isolation", "step"}, {"start", "spawn"}, {"max_workers", 3}, {"max_rss", 4096}};
  const auto definitions = Definitions::from_json("my_module", "hash", described).value();
  const auto& asset = definitions.assets[0];
  ASSERT_TRUE(asset.retry_policy);
  EXPECT_EQ(asset.retry_policy->max_retries, 3);
  EXPECT_EQ(asset.retry_policy->backoff, RetryPolicy::Backoff::exponential);
  EXPECT_EQ(asset.pool, "db");
  EXPECT_EQ(asset.priority, 5);
  EXPECT_EQ(asset.time_limit_ms, 250);
  EXPECT_EQ(asset.memory_limit, 1 << 30);
  EXPECT_FALSE(definitions.assets[1].retry_policy);
  EXPECT_EQ(definitions.execution.isolation, Execution::Isolation::step);
  EXPECT_EQ(definitions.execution.start, Execution::Start::spawn);
  EXPECT_EQ(definitions.execution.max_workers, 3);
  EXPECT_EQ(definitions.execution.with_tag("in_process")->isolation, Execution::Isolation::in_process);
  EXPECT_EQ(definitions.execution.with_tag("in_process")->start, Execution::Start::spawn);
  EXPECT_NE(definitions.execution.with_tag("thread").error().message.find("in_process"), std::string::npos);
}

TEST(Definitions, WrongLimitsNameTheAssetAndTheField) {
  auto described = iris();
  described["assets"][0]["retry_policy"] = {{"max_retries", "often"}};
  EXPECT_NE(error_of(described).find("iris_data"), std::string::npos) << error_of(described);
  EXPECT_NE(error_of(described).find("max_retries"), std::string::npos) << error_of(described);
  described = iris();
  described["execution"] = {{"isolation", "thread"}};
  EXPECT_NE(error_of(described).find("thread"), std::string::npos) << error_of(described);
}

TEST(Definitions, KnowsWhoUsesAResource) {
  const auto definitions = Definitions::from_json("my_module", "hash", iris()).value();
  EXPECT_EQ(definitions.used_by("my_io_manager"),
            (std::vector<AssetKey>{AssetKey({"iris_data"}), AssetKey({"flowers", "setosa"})}));
  EXPECT_EQ(definitions.used_by("db"), std::vector<AssetKey>{AssetKey({"flowers", "setosa"})});
}

TEST(Definitions, InputManagersCountAsUsed) {
  auto changed = iris();
  changed["assets"][1]["deps"][0]["input_manager_key"] = "db";
  changed["assets"][1]["required_resources"] = json::array();
  const auto definitions = Definitions::from_json("my_module", "hash", changed).value();
  EXPECT_EQ(definitions.used_by("db").size(), 1u);
}

TEST(Definitions, ErrorsNameAssetAndField) {
  const auto changed = [](auto change) {
    auto definitions = iris();
    change(definitions);
    return error_of(definitions);
  };
  EXPECT_EQ(error_of(7), R"(definitions of code location "my_module": must be an object)");
  EXPECT_EQ(changed([](json& d) { d["assets"] = "x"; }), R"(definitions of code location "my_module": "assets" must be a list)");
  EXPECT_EQ(changed([](json& d) { d["assets"][0].erase("key"); }),
            R"(asset 1 of the list: "key" is missing; it must be an asset key (a list of strings))");
  EXPECT_EQ(changed([](json& d) { d["assets"][0]["key"] = {".."}; }),
            R"(asset 1 of the list: "key": asset key ".." is not allowed: a part may not be "..")");
  EXPECT_EQ(changed([](json& d) { d["assets"][1].erase("step_key"); }),
            R"(asset "flowers/setosa": "step_key" is missing; it must be a string)");
  EXPECT_EQ(changed([](json& d) { d["assets"][1]["group"] = 7; }), R"(asset "flowers/setosa": "group" must be a string)");
  EXPECT_EQ(changed([](json& d) { d["assets"][1]["kinds"] = {1}; }),
            R"(asset "flowers/setosa": "kinds" must be a list of strings)");
  EXPECT_EQ(changed([](json& d) { d["assets"][1]["tags"]["x"] = 1; }), R"(asset "flowers/setosa": the tag "x" must be a string)");
  EXPECT_EQ(changed([](json& d) { d["assets"][1]["metadata"]["n"] = 1; }),
            R"(asset "flowers/setosa": metadata "n" must be an object with "type" and "value")");
  EXPECT_EQ(changed([](json& d) { d["assets"][1]["deps"][0].erase("key"); }),
            R"(asset "flowers/setosa", a dependency: "key" is missing; it must be an asset key (a list of strings))");
  EXPECT_EQ(changed([](json& d) { d["assets"][1]["source"] = "x"; }), R"(asset "flowers/setosa": "source" must be an object)");
  EXPECT_EQ(changed([](json& d) { d["resources"][0]["config"][0]["source"] = "environment"; }),
            R"(resource "my_io_manager", a config field: "source" must be "value", "env_var" or "default", not "environment")");
  EXPECT_EQ(changed([](json& d) { d["resources"][0]["config"][0].erase("env_var"); }),
            R"(resource "my_io_manager", a config field: "env_var" must name the variable)");
  EXPECT_EQ(changed([](json& d) { d["resources"][1]["key"] = "my_io_manager"; }),
            R"(definitions of code location "my_module": two resources have the key "my_io_manager")");
}

TEST(Definitions, UnknownResourcesAreListedWithTheKnown) {
  auto definitions = iris();
  definitions["assets"][0]["io_manager_key"] = "io";
  EXPECT_EQ(
      error_of(definitions),
      R"(asset "iris_data" names the IO manager "io", which is not among the resources of code location "my_module" ("my_io_manager" and "db"))");
  definitions = iris();
  definitions["assets"][0]["required_resources"] = {"s3"};
  EXPECT_EQ(error_of(definitions).substr(0, 45), R"(asset "iris_data" names the resource "s3", wh)");
}

TEST(Definitions, NeverTakesTheValueOfASecretOrAVariable) {
  auto definitions = iris();
  definitions["resources"][1]["config"][1]["value"] = "\"hunter2\"";
  EXPECT_EQ(error_of(definitions), R"(resource "db", a config field: a secret field must not carry its "value")");
  definitions = iris();
  definitions["resources"][0]["config"][0]["value"] = "\"/data\"";
  EXPECT_EQ(error_of(definitions),
            R"(resource "my_io_manager", a config field: a field read from the environment must not carry its "value")");
}

/// Every value of the document, however deep, replaced by values of every type: an error or not, but never an exception.
TEST(Definitions, SurvivesAnyValueAnywhere) {
  const json good = iris(), flat = good.flatten();
  int refused = 0;
  for (const auto& [pointer, value] : flat.items()) {
    for (json::json_pointer place(pointer); !place.empty(); place.pop_back()) {
      for (const json& other : {json(nullptr), json(7), json(-1.5), json(true), json("x"), json(""), json::array(),
                                json::object(), json::array({nullptr}), json(18446744073709551615u)}) {
        json changed = good;
        changed[place] = other;
        const auto parsed = Definitions::from_json("m", "h", changed);
        if (parsed) continue;
        ++refused;
        ASSERT_FALSE(parsed.error().message.empty());
      }
    }
  }
  EXPECT_GT(refused, 300);
}

TEST(Definitions, ExternalAssetsNeedNoStep) {
  EXPECT_TRUE(Definitions::from_json("m", "h", json::parse(R"({"assets":[{"key":["a"],"is_external":true}]})")));
  EXPECT_TRUE(Definitions::from_json("m", "h", json::object()));
}

}  // namespace
}  // namespace headrace
