#include <core/protocol.hpp>

#include <gtest/gtest.h>

namespace headrace::protocol {
namespace {

using nlohmann::json;

std::string error_of(std::string_view line) {
  const auto message = parse_host_message(line);
  return message ? "no error" : message.error().message;
}

template <class Message>
Message parsed(std::string_view line) {
  return std::get<Message>(parse_host_message(line).value());
}

TEST(HostMessages, Hello) {
  const auto hello = parsed<Hello>(
      R"({"type":"hello","protocol":1,"language":"python","language_version":"3.11.2","sdk":"headrace 0.1.0","fork":true,"pid":4711,"executable":"/usr/bin/python3"})");
  EXPECT_EQ(hello.protocol, k_version);
  EXPECT_EQ(hello.language, "python");
  EXPECT_TRUE(hello.fork);
  EXPECT_EQ(hello.pid, 4711);
  EXPECT_EQ(hello.executable, "/usr/bin/python3");
  EXPECT_FALSE(parsed<Hello>(R"({"type":"hello","protocol":2,"language":"cpp","future":[1]})").fork);
}

TEST(HostMessages, Definitions) {
  const auto answer = parsed<DefinitionsAnswer>(
      R"({"type":"definitions","hash":"abc","worker_start":"spawn","worker_start_reason":"threads","load_seconds":0.31,"definitions":{"assets":[]}})");
  EXPECT_EQ(answer.hash, "abc");
  EXPECT_FALSE(answer.fork_workers);
  EXPECT_EQ(answer.worker_start_reason, "threads");
  EXPECT_DOUBLE_EQ(answer.load_seconds, 0.31);
  EXPECT_TRUE(answer.definitions.contains("assets"));
  EXPECT_TRUE(parsed<DefinitionsAnswer>(
                  R"({"type":"definitions","hash":"x","worker_start":"fork","worker_start_reason":null,"definitions":{}})")
                  .fork_workers);
}

TEST(HostMessages, EndsOfWorkers) {
  const auto killed = parsed<WorkerExited>(R"({"type":"worker_exited","worker_id":7,"pid":4720,"exit_code":null,"signal":9})");
  EXPECT_EQ(killed.worker_id, 7);
  EXPECT_EQ(killed.exit_code, -1);
  EXPECT_EQ(killed.signal, 9);
  EXPECT_EQ(parsed<WorkerExited>(R"({"type":"worker_exited","worker_id":7,"pid":1,"exit_code":75,"signal":null})").exit_code, 75);
  EXPECT_EQ(parsed<WorkerForked>(R"({"type":"worker_forked","worker_id":7,"pid":4720})").pid, 4720);
  EXPECT_EQ(parsed<ForkFailed>(R"({"type":"fork_failed","worker_id":7,"message":"no memory"})").message, "no memory");
  EXPECT_EQ(parsed<LoadFailed>(R"({"type":"load_failed","error":{"type":"SyntaxError"}})").error.at("type"), "SyntaxError");
}

TEST(HostMessages, ErrorsNameTheField) {
  EXPECT_EQ(error_of(R"({"type":"hello"})"), R"(message "hello" from the host: "protocol" is missing; it must be an integer)");
  EXPECT_EQ(error_of(R"({"type":"hello","protocol":"1"})"),
            R"(message "hello" from the host: "protocol" must be an integer of 64 bits)");
  EXPECT_EQ(error_of(R"({"type":"goodbye"})"), R"(message "goodbye" from the host: unknown type)");
  EXPECT_EQ(error_of(R"({"type":"definitions","hash":"x","worker_start":"thread","definitions":{}})"),
            R"(message "definitions" from the host: "worker_start" must be "fork" or "spawn", not "thread")");
  EXPECT_EQ(error_of("[]"), "message from the host: it is not an object with a \"type\"");
  EXPECT_EQ(error_of(R"({"type":"worker_exited","worker_id":18446744073709551615})"),
            R"(message "worker_exited" from the host: "worker_id" must be an integer of 64 bits)");
  EXPECT_NE(error_of("not json").find("not valid JSON"), std::string::npos);
}

TEST(DaemonMessages, AreOneLineEach) {
  EXPECT_EQ(json::parse(describe()), json({{"type", "describe"}}));
  EXPECT_EQ(json::parse(shutdown()), json({{"type", "shutdown"}}));
  EXPECT_EQ(json::parse(fork_worker(7)), json({{"type", "fork_worker"}, {"worker_id", 7}}));
  EXPECT_EQ(json::parse(cancel_step("r", "a\nb", 2)),
            json({{"type", "cancel_step"}, {"run_id", "r"}, {"step_key", "a\nb"}, {"attempt", 2}}));
  EXPECT_EQ(cancel_step("r", "a\nb", 2).find('\n'), std::string::npos);
}

TEST(DaemonMessages, RunStepWritesAbsentValuesAsNull) {
  RunStep step;
  step.run_id = "r";
  step.asset_key = AssetKey({"a"});
  step.inputs.push_back({"x", AssetKey({"x"})});
  const auto written = json::parse(run_step(step));
  EXPECT_TRUE(written.at("partition").is_null());
  EXPECT_TRUE(written.at("time_limit_ms").is_null());
  EXPECT_TRUE(written.at("inputs").at(0).at("materialization").is_null());
  EXPECT_TRUE(written.at("run_config").is_object());
}

TEST(DaemonMessages, BytesThatAreNotUtf8DoNotThrow) { EXPECT_NO_THROW(cancel_step("\xff", "\xff", 1)); }

}  // namespace
}  // namespace headrace::protocol
