// What may be launched, what is refused, and with which words.
#include <gtest/gtest.h>

#include <runs/run_request.hpp>

namespace headrace::runs {
namespace {

using nlohmann::json;

/// A database in which only the named assets were ever materialized.
class FakeReader final : public storage::Reader {
 public:
  explicit FakeReader(std::vector<std::string> materialized = {}) : materialized_(std::move(materialized)) {}
  std::optional<storage::AssetRow> asset(const std::string& key) override {
    for (const auto& known : materialized_)
      if (known == key) return storage::AssetRow{.asset_key = key, .materialization = 1};
    return std::nullopt;
  }
  std::int64_t as_of() override { return 0; }
  std::vector<Event> read_after(std::int64_t, int) override { return {}; }
  std::vector<Event> run_events(std::int64_t, std::int64_t, int) override { return {}; }
  std::optional<Event> event(std::int64_t) override { return {}; }
  std::optional<storage::RunRow> run(std::int64_t) override { return {}; }
  std::optional<std::int64_t> run_number(const std::string&) override { return {}; }
  std::vector<storage::RunRow> runs(const RunFilter&) override { return {}; }
  std::vector<std::int64_t> unfinished_runs() override { return {}; }
  std::map<RunStatus, std::int64_t> run_counts() override { return {}; }
  std::int64_t used_bytes() override { return 0; }
  std::vector<storage::StepRow> steps(std::int64_t) override { return {}; }
  std::optional<storage::AttemptRow> attempt(std::int64_t, int, int) override { return {}; }
  std::vector<storage::AssetRow> assets() override { return {}; }
  std::optional<Event> latest_materialization(const std::string&, const std::string&) override { return {}; }
  std::vector<Event> materializations(const std::string&, const std::optional<std::string>&, std::int64_t, int) override {
    return {};
  }
  std::optional<std::string> definitions(const std::string&) override { return {}; }
  std::vector<storage::WorkerRow> workers() override { return {}; }

 private:
  void begin() override {}
  void end() override {}
  std::vector<std::string> materialized_;
};

json asset(const std::string& name, const std::vector<std::string>& inputs) {
  json deps = json::array();
  for (const auto& input : inputs) deps.push_back({{"key", {input}}, {"input", input}, {"input_manager_key", nullptr}});
  return {{"key", {name}}, {"step_key", name}, {"deps", deps}, {"io_manager_key", "files"}, {"required_resources", {"files"}}};
}

json field(const std::string& name, bool is_set, bool is_secret) {
  return {{"name", name},     {"type", "string"},       {"source", "env_var"}, {"value", nullptr}, {"env_var", "DATA_" + name},
          {"is_set", is_set}, {"is_secret", is_secret}, {"is_required", true}};
}

/// iris_data → setosa, both kept by the IO manager "files".
code_locations::WorkspaceSnapshot guide(bool variable_is_set = true) {
  json resource{{"key", "files"},          {"type", "Files"},
                {"is_io_manager", true},   {"in_memory", false},
                {"nested", json::array()}, {"config", {field("PATH", variable_is_set, false), field("TOKEN", true, true)}}};
  auto parsed = Definitions::from_json("guide", "h",
                                       {{"assets", {asset("iris_data", {}), asset("setosa", {"iris_data"})}},
                                        {"resources", {resource}},
                                        {"env_vars", json::array()}});
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  auto definitions = std::make_shared<const Definitions>(std::move(*parsed));
  code_locations::WorkspaceSnapshot snapshot;
  snapshot.locations.push_back({.name = "guide", .state = code_locations::LocationState::loaded, .definitions = definitions});
  snapshot.graph = std::make_shared<const AssetGraph>(*AssetGraph::build({definitions}));
  return snapshot;
}

RunPreview preview(const json& body, const code_locations::WorkspaceSnapshot& snapshot,
                   std::vector<std::string> materialized = {}) {
  FakeReader reader(std::move(materialized));
  auto request = parse_run_request(body);
  EXPECT_TRUE(request);
  auto result = preview_run(snapshot, reader, *request);
  EXPECT_TRUE(result);
  return result ? *result : RunPreview{};
}

TEST(RunRequest, NamesAnUnknownFieldAndWhatWasMeant) {
  auto request = parse_run_request({{"selecton", "*"}});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().message, "unknown field \"selecton\". Did you mean \"selection\"?");
}

TEST(RunRequest, WantsEitherSelectionOrAssets) {
  EXPECT_FALSE(parse_run_request(json::object()));
  EXPECT_FALSE(parse_run_request({{"selection", "*"}, {"assets", {{"a"}}}}));
  EXPECT_FALSE(parse_run_request({{"assets", {"a"}}}));
  EXPECT_TRUE(parse_run_request({{"assets", json::array({json::array({"a", "b"})})}}));
}

TEST(RunRequest, TakesOnlyLowerCaseUuids) {
  EXPECT_TRUE(parse_run_request({{"selection", "*"}, {"run_id", "01890a5d-ac96-774b-bcce-b302099a8057"}}));
  for (const char* id : {"..", "01890A5D-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a805",
                         "01890a5dxac96-774b-bcce-b302099a8057"})
    EXPECT_FALSE(parse_run_request({{"selection", "*"}, {"run_id", id}})) << id;
}

TEST(RunRequest, HashesEverythingButTheRunId) {
  auto hash = [](json body) { return parse_run_request(body)->request_hash; };
  EXPECT_EQ(hash({{"selection", "*"}}), hash({{"selection", "*"}, {"run_id", "01890a5d-ac96-774b-bcce-b302099a8057"}}));
  EXPECT_NE(hash({{"selection", "*"}}), hash({{"selection", "setosa"}}));
  EXPECT_NE(hash({{"selection", "*"}}), hash({{"selection", "*"}, {"tags", {{"a", "b"}}}}));
}

TEST(RunPreview, OrdersStepsAndKnowsTheirUpstreams) {
  auto planned = preview({{"selection", "*"}}, guide());
  ASSERT_EQ(planned.steps.size(), 2u);
  EXPECT_EQ(planned.steps[0].step_key, "iris_data");
  EXPECT_EQ(planned.steps[1].upstream, std::vector<int>{0});
  EXPECT_TRUE(planned.refusals.empty());
}

TEST(RunPreview, SaysWhichUpstreamWasNeverMaterialized) {
  EXPECT_EQ(preview({{"selection", "setosa"}}, guide()).missing_upstreams, std::vector<std::string>{"iris_data"});
  EXPECT_TRUE(preview({{"selection", "setosa"}}, guide(), {"iris_data"}).missing_upstreams.empty());
}

TEST(RunPreview, RefusesAnUnsetVariableByName) {
  auto planned = preview({{"selection", "*"}}, guide(false));
  ASSERT_EQ(planned.refusals.size(), 1u);
  EXPECT_EQ(planned.refusals[0].code, "unset_variable");
  EXPECT_EQ(planned.refusals[0].variable, "DATA_PATH");
  EXPECT_NE(planned.refusals[0].message.find("DATA_PATH is not set; resource \"files\""), std::string::npos);
  EXPECT_EQ(planned.unset_variables, std::vector<std::string>{"DATA_PATH"});
}

TEST(RunPreview, RefusesAnUnknownAssetAndSaysWhatWasMeant) {
  auto planned = preview({{"assets", json::array({json::array({"setsa"})})}}, guide());
  ASSERT_FALSE(planned.refusals.empty());
  EXPECT_EQ(planned.refusals[0].message, "there is no asset \"setsa\". Did you mean \"setosa\"?");
}

TEST(RunPreview, RefusesASelectionThatMatchesNothing) {
  auto planned = preview({{"selection", "group:none"}}, guide());
  ASSERT_EQ(planned.refusals.size(), 1u);
  EXPECT_EQ(planned.refusals[0].code, "empty_selection");
}

TEST(RunPreview, RefusesWhileTheLocationIsNotLoaded) {
  code_locations::WorkspaceSnapshot snapshot;
  snapshot.graph = std::make_shared<const AssetGraph>();
  snapshot.locations.push_back(
      {.name = "guide", .state = code_locations::LocationState::failed, .error = {{"message", "SyntaxError: bad"}}});
  auto planned = preview({{"selection", "*"}}, snapshot);
  ASSERT_EQ(planned.refusals.size(), 1u);
  EXPECT_EQ(planned.refusals[0].code, "location_not_loaded");
  EXPECT_NE(planned.refusals[0].message.find("SyntaxError: bad"), std::string::npos);
}

TEST(RunPreview, RefusesALiteralSecretInTheRunsConfig) {
  auto body = [](json value) {
    return json{{"selection", "*"}, {"config", {{"resources", {{"files", {{"config", {{"TOKEN", value}}}}}}}}}};
  };
  auto literal = preview(body("hunter2"), guide());
  ASSERT_EQ(literal.refusals.size(), 1u);
  EXPECT_EQ(literal.refusals[0].code, "secret_in_config");
  EXPECT_EQ(literal.refusals[0].message.find("hunter2"), std::string::npos);
  EXPECT_TRUE(preview(body({{"env", "TOKEN"}}), guide()).refusals.empty());
}

}  // namespace
}  // namespace headrace::runs
