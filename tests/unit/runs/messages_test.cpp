// What a step is told of its inputs, and a code location that speaks another protocol.
#include "engine.hpp"

namespace headrace::runs {
namespace {

using nlohmann::json;

class MessagesTest : public EngineTest {
 protected:
  /// The inputs of b as run_step gave them (plain.py journals what it was told).
  static json inputs_of_b(Engine& engine, std::int64_t run) {
    for (const auto& event : engine.reader().run_events(run, 0, 1000))
      if (event.kind == EventKind::inputs_loaded && event.asset_key == "b") return json::parse(event.payload)["inputs"];
    return nullptr;
  }
  static std::int64_t materialization_of_a(Engine& engine) { return engine.reader().latest_materialization("a", "")->id; }
};

TEST_F(MessagesTest, AStepReadsItsOwnRunsMaterializationElseTheLatest) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch({{"selection", "b"}});
  engine.until_ended(1);
  EXPECT_TRUE(inputs_of_b(engine, 1)[0]["materialization"].is_null()) << "never materialized";

  engine.launch({{"selection", "a"}});
  engine.until_ended(2);
  const auto first = materialization_of_a(engine);
  engine.launch({{"selection", "b"}});
  engine.until_ended(3);
  auto input = inputs_of_b(engine, 3)[0];
  EXPECT_EQ(input["in_run"], false);
  EXPECT_EQ(input["materialization"]["event_id"], first);
  EXPECT_EQ(input["materialization"]["run_id"], engine.reader().run(2)->run_id);

  engine.launch();
  engine.until_ended(4);
  input = inputs_of_b(engine, 4)[0];
  EXPECT_EQ(input["name"], "a");
  EXPECT_EQ(input["in_run"], true);
  EXPECT_EQ(input["code_location"], "plain");
  EXPECT_EQ(input["materialization"]["event_id"], materialization_of_a(engine));
  EXPECT_GT(materialization_of_a(engine), first);
}

TEST_F(MessagesTest, AnSdkThatSpeaksAnotherProtocolIsNamed) {
  folder_.write_graph({{"assets", {{"a", json::array()}}}, {"protocol", 99}});
  Engine engine(folder_);
  const auto* view = engine.locations().find("plain");
  engine.until([&] { return view->view().state == code_locations::LocationState::failed; }, "the refusal");
  const auto message = view->view().error.value("message", "");
  EXPECT_NE(message.find("speaks protocol 99, this daemon speaks 1"), std::string::npos) << message;
}

}  // namespace
}  // namespace headrace::runs
