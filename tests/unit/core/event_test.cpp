#include <core/event.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

Event event(EventKind kind, const nlohmann::json& payload = nlohmann::json::object()) {
  Event result;
  result.kind = kind;
  result.step = 0;
  result.attempt = 1;
  result.asset_key = "setosa";
  result.payload = payload.dump();
  return result;
}

TEST(EventNames, AreReadBack) {
  for (int i = 0; i < 100; ++i) {
    const auto name = to_string(static_cast<EventKind>(i));
    if (name == "unknown") continue;
    EXPECT_EQ(static_cast<int>(event_kind_from(name).value()), i);
  }
  for (int i = 0; i < 7; ++i) EXPECT_EQ(static_cast<int>(run_status_from(to_string(static_cast<RunStatus>(i))).value()), i);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(static_cast<int>(step_status_from(to_string(static_cast<StepStatus>(i))).value()), i);
}

TEST(EventNames, AreThoseOfTheApi) {
  EXPECT_EQ(to_string(EventKind::step_started), "step_started");
  EXPECT_EQ(to_string(EventKind::materialized), "materialized");
  EXPECT_EQ(to_string(RunStatus::canceling), "canceling");
  EXPECT_EQ(to_string(StepStatus::skipped), "skipped");
  EXPECT_EQ(to_string(AssetStatus::in_progress), "in_progress");
  EXPECT_EQ(to_string(static_cast<RunStatus>(99)), "unknown");
}

TEST(EventNames, UnknownOnesAreRefusedWithTheKnown) {
  EXPECT_EQ(run_status_from("done").error().message,
            R"(unknown run status "done"; known are queued, starting, running, success, failure, canceling and canceled)");
  EXPECT_FALSE(event_kind_from("unknown"));
  EXPECT_FALSE(step_status_from(""));
}

TEST(EventMessage, IsOneSentence) {
  EXPECT_EQ(message(event(EventKind::daemon_started, {{"version", "0.1.0"}, {"pid", 1}})), "Headrace 0.1.0 started");
  EXPECT_EQ(message(event(EventKind::code_location_loaded, {{"name", "my_module"}, {"asset_count", 2}, {"resource_count", 1}})),
            "Loaded code location my_module: 2 assets, 1 resource");
  EXPECT_EQ(
      message(event(EventKind::code_location_failed,
                    {{"name", "m"}, {"error", {{"type", "SyntaxError"}, {"message", "bad"}, {"file", "a.py"}, {"line", 7}}}})),
      "Code location m failed to load: SyntaxError: bad (a.py:7)");
  EXPECT_EQ(message(event(EventKind::run_created, {{"steps", {1, 2, 3}}})), "Created the run: 3 steps");
  EXPECT_EQ(message(event(EventKind::run_ended, {{"status", "failure"}, {"message", "1 of 2 steps failed"}})),
            "Run failed: 1 of 2 steps failed");
  EXPECT_EQ(message(event(EventKind::run_ended, {{"status", "success"}, {"message", nullptr}})), "Run succeeded");
  EXPECT_EQ(message(event(EventKind::inputs_loaded, {{"inputs", {{{"name", "iris_data"}}, {{"name", "b"}}}}})),
            "Loaded iris_data and b for setosa");
  EXPECT_EQ(message(event(EventKind::inputs_loaded, {{"inputs", nlohmann::json::array()}})), "setosa has no inputs to load");
  EXPECT_EQ(message(event(EventKind::materialized)), "Materialized setosa");
  EXPECT_EQ(message(event(EventKind::step_ended, {{"status", "success"}, {"seconds", 0.0123}})), "setosa succeeded in 0.012 s");
  EXPECT_EQ(message(event(EventKind::step_ended, {{"status", "success"}, {"seconds", 125.7}})), "setosa succeeded in 2 min 5 s");
  EXPECT_EQ(message(event(EventKind::step_ended, {{"status", "skipped"}})), "Skipped setosa");
  EXPECT_EQ(
      message(event(EventKind::step_ended,
                    {{"status", "failure"},
                     {"error", {{"type", "ValueError"}, {"message", "bad row 17"}, {"file", "my_assets.py"}, {"line", 21}}}})),
      "setosa failed: ValueError: bad row 17 (my_assets.py:21)");
}

TEST(EventMessage, NamesPartitionAndLaterAttempts) {
  Event started = event(EventKind::step_started);
  started.partition = "2024-01-01";
  started.attempt = 2;
  EXPECT_EQ(message(started), "Started setosa (partition 2024-01-01) (attempt 2)");
}

TEST(EventMessage, SurvivesAnyPayload) {
  for (const std::string payload :
       {"", "null", "[]", "7", "{\"error\":7,\"inputs\":7,\"status\":7,\"seconds\":\"x\",\"steps\":-1,\"name\":[]}",
        "{\"inputs\":[1,null]}", "{\"seconds\":1e300,\"status\":\"success\"}", "{\"error\":{\"line\":-3,\"file\":\"x\"}}",
        "\xff{"}) {
    for (int kind = 0; kind < 30; ++kind) {
      Event any = event(static_cast<EventKind>(kind));
      any.payload = payload;
      EXPECT_FALSE(message(any).empty());
    }
  }
}

TEST(Rfc3339, IsUtcWithMicroseconds) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(1767323045000006), "2026-01-02T03:04:05.000006Z");
  EXPECT_EQ(to_rfc3339(951782399999999), "2000-02-28T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(951868800000000), "2000-03-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace headrace
