#include "fixture.hpp"

namespace headrace::api {
namespace {

using testing::Api;
using testing::asset;
using testing::definitions;
using testing::json;

std::vector<std::string> names(const json& list) {
  std::vector<std::string> found;
  for (const auto& item : list["items"]) found.push_back(AssetKey(item["key"].get<std::vector<std::string>>()).to_string());
  return found;
}

TEST(Assets, AreListedByKeyPageByPage) {
  Api api;
  std::vector<json> many;
  for (char c = 'a'; c <= 'g'; ++c) many.push_back(asset(std::string(1, c), {}, {{"group", c < 'd' ? "early" : "late"}}));
  api.workspace.set(definitions(many));
  std::vector<std::string> seen;
  std::string cursor;
  for (;;) {
    const auto page = api.get("/api/v1/assets?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
    EXPECT_LE(page["items"].size(), 3u);
    for (const auto& name : names(page)) seen.push_back(name);
    if (page["next_cursor"].is_null()) break;
    cursor = page["next_cursor"];
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"}));
  EXPECT_EQ(names(api.get("/api/v1/assets?group=late&q=F")), (std::vector<std::string>{"f"}));
  EXPECT_EQ(names(api.get("/api/v1/assets?code_location=elsewhere")), std::vector<std::string>{});
  EXPECT_TRUE(api.get("/api/v1/assets?limit=7")["next_cursor"].is_null());
}

TEST(Assets, QueriesAreStrict) {
  Api api;
  for (const char* query :
       {"limit=0", "limit=1001", "limit=x", "limit=", "limit=1&limit=2", "limit=1.0", "limit=+1", "limit=99999999999999999999"})
    api.get("/api/v1/assets?" + std::string(query), 400);
  EXPECT_NE(api.get("/api/v1/assets?grouq=x", 400)["detail"].get<std::string>().find("there are group, code_location"),
            std::string::npos);
}

TEST(Assets, AreFoundByOneSegment) {
  Api api;
  const auto found = api.get("/api/v1/assets/c%2Fd");
  EXPECT_EQ(found["key"], json({"c", "d"}));
  EXPECT_EQ(found["deps"], json::array({json::array({"b"})}));
  api.get("/api/v1/assets/c/d", 404);
  EXPECT_NE(api.get("/api/v1/assets/C%2Fd", 404)["detail"].get<std::string>().find("Did you mean"), std::string::npos);
  for (const char* key : {"..", "%2e%2e", "a%2F..%2Fb", "%00", "a%2F", "%2F"})
    EXPECT_GE(api.get_raw("/api/v1/assets/" + std::string(key)).status, 400) << key;
}

TEST(Assets, HaveTheirLatestMaterialization) {
  Api api;
  api.commit({Api::created(1)});
  api.commit(Api::success(1, 0, "a"));
  const auto one = api.get("/api/v1/assets/a");
  EXPECT_EQ(one["status"], "materialized");
  EXPECT_EQ(one["last_run"], 1);
  EXPECT_EQ(one["as_of"], 4);
  EXPECT_EQ(one["latest_materialization"], json({{"event_id", 3},
                                                 {"run_id", Api::run_id(1)},
                                                 {"run_number", 1},
                                                 {"step_key", "a"},
                                                 {"asset_key", {"a"}},
                                                 {"partition", nullptr},
                                                 {"timestamp", "2023-11-14T22:13:20.000000Z"},
                                                 {"metadata", {{"nrows", {{"type", "int"}, {"value", 3}}}}},
                                                 {"stored", nullptr}}));
  EXPECT_EQ(api.get("/api/v1/assets/a/materializations")["items"], json::array({one["latest_materialization"]}));
  EXPECT_EQ(api.get("/api/v1/assets/b/materializations")["items"], json::array());
  api.get("/api/v1/assets/nothing/materializations", 404);
}

TEST(Assets, MaterializationsComeNewestFirstPageByPage) {
  Api api;
  for (int run = 1; run <= 5; ++run) {
    api.commit({Api::created(run, {"a"})});
    api.commit(Api::success(run, 0, "a"));
  }
  std::vector<int> runs;
  std::string cursor;
  for (;;) {
    const auto page = api.get("/api/v1/assets/a/materializations?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& item : page["items"]) runs.push_back(item["run_number"]);
    if (page["next_cursor"].is_null()) break;
    cursor = page["next_cursor"];
  }
  EXPECT_EQ(runs, (std::vector<int>{5, 4, 3, 2, 1}));
}

TEST(Assets, StatusesFollowTheLog) {
  Api api;
  const auto statuses = [&] { return api.get("/api/v1/graph/status")["status"]; };
  EXPECT_EQ(statuses(), json({0, 0, 0}));
  api.commit({Api::created(1), Api::started(1, 0, "a")});
  EXPECT_EQ(statuses(), json({1, 0, 0}));
  api.commit({Api::materialized(1, 0, "a"), Api::ended(1, 0, "a", "success")});
  EXPECT_EQ(statuses(), json({2, 0, 0}));
  api.commit(Api::success(1, 1, "b"));
  api.commit(Api::success(1, 2, "c/d"));
  EXPECT_EQ(statuses(), json({2, 2, 2}));
  api.commit({Api::created(2, {"a"})});
  api.commit(Api::success(2, 0, "a"));
  EXPECT_EQ(statuses(), json({2, 4, 4}));  // b is older than a, and so is what b makes
  api.commit({Api::created(3, {"b"}), Api::started(3, 0, "b"), Api::ended(3, 0, "b", "failure")});
  EXPECT_EQ(statuses(), json({2, 3, 4}));
  EXPECT_EQ(api.get("/api/v1/assets/b")["status"], "failed");
}

TEST(Graph, HasColumnsInOneOrder) {
  Api api;
  const auto graph = api.get("/api/v1/graph");
  EXPECT_EQ(graph["labels"], json({"a", "b", "c/d"}));
  EXPECT_EQ(graph["assets"][2], json({"c", "d"}));
  EXPECT_EQ(graph["edges"], json({{"from", {0, 1}}, {"to", {1, 2}}}));
  for (const char* column : {"x", "y", "group", "kinds", "external", "status", "code_location"})
    EXPECT_EQ(graph[column].size(), 3u) << column;
  EXPECT_EQ(graph["code_locations"], json({"here"}));
  EXPECT_EQ(graph["groups"][0]["name"], "default");
  EXPECT_LT(graph["x"][0], graph["x"][1]);
}

TEST(Graph, IsNotSentTwice) {
  Api api;
  const auto etag = api.get("/api/v1/graph")["etag"].get<std::string>();
  const auto again = api.get_raw("/api/v1/graph", "If-None-Match: " + etag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_TRUE(again.has("ETag: " + etag));
  api.workspace.set(definitions({asset("a")}));
  EXPECT_EQ(api.get_raw("/api/v1/graph", "If-None-Match: " + etag + "\r\n").status, 200);
}

TEST(Graph, TakesSelections) {
  Api api;
  EXPECT_EQ(api.get("/api/v1/graph?selection=%2Bb")["labels"], json({"a", "b"}));
  EXPECT_EQ(api.get("/api/v1/graph/status?selection=b")["status"], json({0}));
  EXPECT_NE(api.get("/api/v1/graph?selection=b")["etag"], api.get("/api/v1/graph")["etag"]);
  EXPECT_EQ(api.get("/api/v1/graph/status?selection=b")["etag"], api.get("/api/v1/graph?selection=b")["etag"]);
  EXPECT_TRUE(api.get("/api/v1/graph?selection=b%20and", 400).contains("column"));
  api.commit({Api::created(1)});
  api.commit(Api::success(1, 0, "a"));
  EXPECT_EQ(api.get("/api/v1/graph?selection=status:materialized")["labels"], json({"a"}));
}

}  // namespace
}  // namespace headrace::api
