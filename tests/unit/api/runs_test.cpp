#include "fixture.hpp"

namespace headrace::api {
namespace {

using http::testing::RawClient;
using http::testing::request;
using testing::Api;
using testing::json;

TEST(Runs, AreReadByNumberAndById) {
  Api api;
  api.commit({Api::created(1), Api::event(EventKind::run_started, 1, -1, "", json::object()), Api::started(1, 0, "a")});
  api.commit({Api::ended(1, 0, "a", "failure")});
  const auto run = api.get("/api/v1/runs/1");
  EXPECT_EQ(run, api.get("/api/v1/runs/" + Api::run_id(1)));
  EXPECT_EQ(run["status"], "running");
  EXPECT_EQ(run["selection"], "*");
  EXPECT_EQ(run["tags"], json({{"team", "x"}}));
  EXPECT_EQ(run["steps"][0]["error"]["message"], "bad row");
  EXPECT_EQ(run["steps"][0]["error"]["phase"], "asset");
  EXPECT_EQ(run["steps"][1]["waits_for"], 7);  // as the launcher says
  EXPECT_TRUE(run["steps"][2]["waits_for"].is_null());
  EXPECT_EQ(run["steps"][2]["held_by"], "pool \"db\" (limit 2)");
  EXPECT_TRUE(run["held_by"].is_null());
  for (const char* id : {"2", "0", "-1", "01900000-0000-7000-8000-000000000099", "x", "1%20"})
    api.get("/api/v1/runs/" + std::string(id), 404);
}

TEST(Runs, AreListedNewestFirstAndFiltered) {
  Api api;
  for (int run = 1; run <= 5; ++run) api.commit({Api::created(run, {run % 2 ? "a" : "b"})});
  api.commit({Api::event(EventKind::run_ended, 3, -1, "", {{"status", "canceled"}, {"message", nullptr}})});
  const auto page = api.get("/api/v1/runs?limit=2");
  EXPECT_EQ(page["items"][0]["number"], 5);
  EXPECT_EQ(page["items"].size(), 2u);
  EXPECT_EQ(api.get("/api/v1/runs?limit=2&cursor=" + page["next_cursor"].get<std::string>())["items"][0]["number"], 3);
  EXPECT_EQ(api.get("/api/v1/runs?status=canceled")["items"].size(), 1u);
  EXPECT_EQ(api.get("/api/v1/runs?asset=b")["items"].size(), 2u);
  api.get("/api/v1/runs?status=lost", 400);
  api.get("/api/v1/runs?asset=", 400);
}

TEST(Runs, GiveTheirEventsPageByPage) {
  Api api;
  api.commit({Api::created(1), Api::created(2)});
  api.commit(Api::success(1, 0, "a"));
  std::vector<std::int64_t> ids;
  for (std::int64_t after = 0;;) {
    const auto page = api.get("/api/v1/runs/1/events?limit=2&after=" + std::to_string(after));
    if (page["items"].empty()) break;
    for (const auto& item : page["items"]) ids.push_back(item["id"]);
    after = ids.back();
  }
  EXPECT_EQ(ids, (std::vector<std::int64_t>{1, 3, 4, 5}));
  const auto event = api.get("/api/v1/runs/1/events?after=3&limit=1")["items"][0];
  EXPECT_EQ(event["type"], "materialized");
  EXPECT_EQ(event["run_id"], Api::run_id(1));
  EXPECT_EQ(event["step_key"], "a");
  EXPECT_EQ(event["message"], "Materialized a");
}

TEST(Runs, ArePlannedWithoutBeingLaunched) {
  Api api;
  const auto plan = api.post("/api/v1/runs/plan", R"({"selection": "+b"})", 200);
  EXPECT_EQ(plan["steps"][1]["upstream"], json({"a"}));
  EXPECT_EQ(plan["refusals"], json::array());
  EXPECT_EQ(api.post("/api/v1/runs/plan", R"({"assets": [["nothing"]]})", 200)["refusals"][0]["code"], "unknown_asset");
  EXPECT_TRUE(api.launcher.launched.empty());
}

TEST(Commands, LaunchWithEveryOutcome) {
  Api api;
  const auto answer = api.ask(http::testing::post_request("/api/v1/runs", R"({"selection": "*", "tags": {"k": "v"}})"));
  EXPECT_EQ(answer.status, 201);
  EXPECT_TRUE(answer.has("Location: /api/v1/runs/1\r\n"));
  EXPECT_EQ(api.launcher.launched.at(0).tags, json({{"k", "v"}}));
  api.launcher.next = runs::LaunchedRun{"01900000-0000-7000-8000-000000000001", 1, false};
  api.post("/api/v1/runs", R"({"selection": "*"})", 200);
  api.launcher.next = fail(ErrorCode::conflict, "other body");
  api.post("/api/v1/runs", R"({"selection": "*"})", 409);
  api.launcher.next = fail(ErrorCode::unavailable, "disk full");
  api.post("/api/v1/runs", R"({"selection": "*"})", 503);
  api.launcher.next =
      fail(ErrorCode::refused, "no",
           {{"refusals",
             json::array({{{"code", "unset_variable"}, {"message", "X is not set"}, {"variable", "X"}, {"asset_key", "c/d"}}})}});
  EXPECT_EQ(api.post("/api/v1/runs", R"({"selection": "*"})", 422)["refusals"], json::array({{{"code", "unset_variable"},
                                                                                              {"message", "X is not set"},
                                                                                              {"variable", "X"},
                                                                                              {"asset_key", {"c", "d"}},
                                                                                              {"resource", nullptr},
                                                                                              {"code_location", nullptr}}}));
}

TEST(Commands, RefuseBadBodies) {
  Api api;
  const std::string deep = "{\"selection\":\"*\",\"config\":" + std::string(70, '[') + std::string(70, ']') + "}";
  const std::string nested = "{\"selection\":\"*\",\"config\":{\"a\":" + std::string(60, '[') + std::string(60, ']') + "}}";
  for (const std::string& body :
       {std::string(""), std::string("{"), std::string("[]"), std::string("null"), deep, std::string("{\"selection\":\"*\"}x"),
        std::string("{\"selection\":\"\xff\"}"), std::string(R"({"selection":"*","colour":1})"),
        std::string(R"({"selection":"*","config":[]})")})
    api.post("/api/v1/runs", body, 400);
  EXPECT_TRUE(api.launcher.launched.empty());
  api.post("/api/v1/runs", nested, 201);
}

TEST(Runs, AreRetriedFromFailureOrFromTheStart) {
  Api api;
  api.commit({Api::created(1)});
  EXPECT_EQ(api.post("/api/v1/runs/1/retry", R"({"from": "failure"})", 201)["number"], 1);
  api.post("/api/v1/runs/" + Api::run_id(1) + "/retry", R"({"from": "start"})", 201);
  ASSERT_EQ(api.launcher.retried.size(), 2u);
  EXPECT_EQ(api.launcher.retried[0].second, runs::RetryFrom::failure);
  EXPECT_EQ(api.launcher.retried[1].second, runs::RetryFrom::start);
  api.post("/api/v1/runs/9/retry", R"({"from": "start"})", 404);
  for (const char* body : {"", "{}", R"({"from": "middle"})", R"({"from": "start", "force": true})", "[]"})
    api.post("/api/v1/runs/1/retry", body, 400);
  EXPECT_EQ(api.launcher.retried.size(), 2u);
}

TEST(Commands, CancelByNumberAndById) {
  Api api;
  api.commit({Api::created(1)});
  EXPECT_EQ(api.post("/api/v1/runs/1/cancel", "", 202)["run_id"], Api::run_id(1));
  api.post("/api/v1/runs/" + Api::run_id(1) + "/cancel", "{}", 202);
  EXPECT_EQ(api.launcher.canceled, (std::vector<std::int64_t>{1, 1}));
  api.post("/api/v1/runs/9/cancel", "", 404);
  api.post("/api/v1/runs/1/cancel", R"({"force": true})", 400);
  api.launcher.cancel_result = fail(ErrorCode::conflict, "ended");
  api.post("/api/v1/runs/1/cancel", "", 409);
}

TEST(CodeLocations, ReloadAndShowThemselves) {
  Api api;
  EXPECT_EQ(api.post("/api/v1/code-locations/here/reload", "", 202)["name"], "here");
  EXPECT_EQ(api.workspace.reloads, 1);
  api.post("/api/v1/code-locations/nowhere/reload", "", 404);
  api.post("/api/v1/code-locations/here/reload", "{\"x\":1}", 400);
  EXPECT_EQ(api.get("/api/v1/code-locations")["items"][0]["asset_count"], 3);
  EXPECT_EQ(api.get("/readyz"), json({{"ready", true}, {"loading", json::array()}}));
}

TEST(Resources, NeverShowSecretsOrValuesOfVariables) {
  Api api;
  using testing::config_field;
  api.workspace.set(
      testing::definitions({testing::asset("a")}, {config_field("prefix", "value", "\"data\"", nullptr, true, false),
                                                   config_field("key", "value", nullptr, nullptr, true, true),
                                                   config_field("path", "env_var", nullptr, "DATA_PATH", false, false)}));
  const auto resource = api.get("/api/v1/code-locations/here/resources/io_manager");
  EXPECT_EQ(resource["config"][0]["value"], "\"data\"");
  EXPECT_EQ(resource["config"][1]["is_secret"], true);
  EXPECT_TRUE(resource["config"][1]["value"].is_null());
  EXPECT_EQ(resource["config"][2]["env_var"], "DATA_PATH");
  EXPECT_EQ(resource["config"][2]["is_set"], false);
  EXPECT_EQ(resource["used_by"], json::array({json::array({"a"})}));
  EXPECT_EQ(api.get("/api/v1/assets/a")["unset_variables"], json({"DATA_PATH"}));
  api.get("/api/v1/code-locations/here/resources/nothing", 404);
}

TEST(Events, AreStreamedFromTheReadersCursor) {
  Api api;
  api.commit({Api::created(1)});
  RawClient client(api.server->port());
  client.send(request("GET", "/api/v1/events?topics=run:" + Api::run_id(1) + "&after=0", "Last-Event-ID: 0\r\n"));
  EXPECT_NE(client.read_until("\r\n\r\n").find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(client.read_until("\"type\":\"run_created\"}\n\n").find("id: 1\nevent: run_created\n"), std::string::npos);
  api.commit(Api::success(1, 0, "a"));
  const auto rest = client.read_until("\"type\":\"step_ended\"}\n\n");
  EXPECT_NE(rest.find("event: materialized\n"), std::string::npos);
  EXPECT_NE(rest.find("\"step_key\":\"a\""), std::string::npos);
}

TEST(Events, RefuseWhatTheyDoNotKnow) {
  Api api;
  for (const char* query :
       {"", "?topics=", "?topics=everything", "?topics=run:", "?topics=assets&after=-1", "?topics=assets&after=x"})
    api.get("/api/v1/events" + std::string(query), 400);
  api.get("/api/v1/events?topics=run:42", 404);
  EXPECT_EQ(api.get_raw("/api/v1/events?topics=assets", "Last-Event-ID: x\r\n").status, 400);
}

TEST(Metrics, AreText) {
  Api api;
  api.commit({Api::created(1)});
  const auto answer = api.get_raw("/metrics");
  EXPECT_NE(answer.body.find("\nheadrace_last_event_id 1\n"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("headrace_code_locations{state=\"loaded\"} 1\n"), std::string::npos);
}

}  // namespace
}  // namespace headrace::api
