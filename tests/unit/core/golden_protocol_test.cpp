// The files of tests/golden/protocol, which both SDKs are held against too.
#include <fstream>
#include <sstream>

#include <core/definitions.hpp>
#include <core/json.hpp>
#include <core/metadata.hpp>
#include <core/protocol.hpp>
#include <gtest/gtest.h>

#include <tests_dir.hpp>

namespace headrace::protocol {
namespace {

using nlohmann::json;

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(k_tests_dir) + "/golden/protocol/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::vector<std::string> read_lines(const std::string& name) {
  std::vector<std::string> lines;
  std::istringstream bytes(read_file(name));
  for (std::string line; std::getline(bytes, line);) lines.push_back(line);
  return lines;
}

const json& index() {
  static const json k_index = json::parse(read_file("index.json"));
  return k_index;
}

std::string text_in(const json& object, const char* field) {
  return object.at(field).is_null() ? "" : object.at(field).get<std::string>();
}

/// The structs that the daemon would fill to send this message.
StepInput input_from(const json& input) {
  return {input.at("name"),
          AssetKey::from_json(input.at("asset_key")).value(),
          text_in(input, "code_location"),
          input.at("in_run"),
          input.at("materialization"),
          text_in(input, "partition")};
}
RunStep run_step_from(const json& message) {
  RunStep step;
  step.run_id = message.at("run_id");
  step.run_number = message.at("run_number");
  step.step_key = message.at("step_key");
  step.attempt = message.at("attempt");
  step.asset_key = AssetKey::from_json(message.at("asset_key")).value();
  step.partition = text_in(message, "partition");
  for (const auto& input : message.at("inputs")) step.inputs.push_back(input_from(input));
  step.run_config = message.at("run_config");
  step.tags = message.at("tags");
  step.time_limit_ms = message.at("time_limit_ms").is_null() ? 0 : message.at("time_limit_ms").get<std::int64_t>();
  step.claim = message.value("claim", step.claim);
  step.after = message.value("after", step.after);
  return step;
}
std::string written_again(const json& message) {
  const std::string type = message.at("type");
  if (type == "describe") return describe();
  if (type == "shutdown") return shutdown();
  if (type == "fork_worker") return fork_worker(message.at("worker_id"));
  if (type == "run_step") return run_step(run_step_from(message));
  if (type == "cancel_step")
    return cancel_step(message.at("run_id").get<std::string>(), message.at("step_key").get<std::string>(), message.at("attempt"));
  return "no function writes " + type;
}

TEST(GoldenProtocol, HostMessages) {
  int checked = 0;
  for (const auto& entry : index().at("messages")) {
    if (entry.at("to") != "daemon") continue;
    const auto lines = read_lines(entry.at("file"));
    EXPECT_EQ(lines.size(), entry.at("count").get<std::size_t>());
    for (const auto& line : lines) {
      const auto message = parse_host_message(line);
      EXPECT_EQ(message.has_value(), entry.at("valid").get<bool>()) << line << "\n" << (message ? "" : message.error().message);
      ++checked;
    }
  }
  EXPECT_GT(checked, 10);
}

TEST(GoldenProtocol, DefinitionsAreUnderstood) {
  int checked = 0;
  auto lines = read_lines("host_to_daemon.jsonl");
  lines.push_back(read_lines("host_to_daemon_last_line.jsonl").at(0));
  for (const auto& line : lines) {
    const auto message = parse_host_message(line).value();
    const auto* answer = std::get_if<DefinitionsAnswer>(&message);
    if (answer == nullptr) continue;
    const auto definitions = Definitions::from_json("golden", answer->hash, answer->definitions);
    EXPECT_TRUE(definitions) << definitions.error().message;
    if (++checked == 3) EXPECT_EQ(definitions->assets.at(0).source_last_line, 8);
  }
  EXPECT_EQ(checked, 3);
}

TEST(GoldenProtocol, DaemonMessages) {
  int checked = 0;
  for (const auto& entry : index().at("messages")) {
    if (entry.at("from") != "daemon") continue;
    for (const auto& line : read_lines(entry.at("file"))) {
      EXPECT_EQ(json::parse(written_again(json::parse(line))), json::parse(line));
      ++checked;
    }
  }
  EXPECT_GT(checked, 5);
}

TEST(GoldenProtocol, Journals) {
  int checked = 0;
  for (const auto& entry : index().at("journals")) {
    SCOPED_TRACE(entry.at("file").get<std::string>() + ": " + entry.value("why", ""));
    const std::string bytes = read_file(entry.at("file"));
    EXPECT_EQ(bytes.size(), entry.at("bytes").get<std::size_t>());
    const auto chunk = read_journal(bytes);
    EXPECT_EQ(chunk.lines.size(), entry.at("lines").get<std::size_t>());
    EXPECT_EQ(chunk.consumed, entry.at("consumed").get<std::size_t>());
    EXPECT_EQ(chunk.damaged, entry.at("damaged").get<bool>());
    for (const auto& line : chunk.lines) {
      if (!line.contains("metadata")) continue;
      const auto checked_metadata = check_metadata(line.at("metadata"));
      EXPECT_TRUE(checked_metadata) << checked_metadata.error().message;
    }
    ++checked;
  }
  EXPECT_GT(checked, 5);
}

}  // namespace
}  // namespace headrace::protocol
