#include <core/protocol.hpp>

#include <core/json.hpp>

#include "json_fields.hpp"
#include "text.hpp"

namespace headrace::protocol {
namespace {

using nlohmann::json;

// ---- host → daemon -----------------------------------------------------------------------------------------------------

Hello read_hello(JsonFields& fields) {
  Hello hello;
  hello.protocol = static_cast<int>(fields.integer("protocol"));
  hello.language = fields.text("language");
  hello.language_version = fields.text_or("language_version");
  hello.sdk = fields.text_or("sdk");
  hello.executable = fields.text_or("executable");
  hello.fork = fields.boolean_or("fork", false);
  hello.pid = static_cast<int>(fields.integer_or("pid", 0));
  return hello;
}

DefinitionsAnswer read_definitions(JsonFields& fields) {
  DefinitionsAnswer answer;
  answer.hash = fields.text("hash");
  const std::string start = fields.text_or("worker_start", "fork");
  if (start != "fork" && start != "spawn")
    fields.complain("\"worker_start\" must be \"fork\" or \"spawn\", not " + text::quote(start));
  answer.fork_workers = start == "fork";
  answer.worker_start_reason = fields.text_or("worker_start_reason");
  answer.load_seconds = fields.number_or("load_seconds", 0);
  answer.definitions = fields.object("definitions");
  return answer;
}

WorkerExited read_worker_exited(JsonFields& fields) {
  WorkerExited exited;
  exited.worker_id = fields.integer("worker_id");
  exited.pid = static_cast<int>(fields.integer_or("pid", 0));
  exited.exit_code = static_cast<int>(fields.integer_or("exit_code", -1));
  exited.signal = static_cast<int>(fields.integer_or("signal", 0));
  return exited;
}

WorkerForked read_worker_forked(JsonFields& fields) {
  WorkerForked forked;
  forked.worker_id = fields.integer("worker_id");
  forked.pid = static_cast<int>(fields.integer("pid"));
  return forked;
}

ForkFailed read_fork_failed(JsonFields& fields) {
  ForkFailed failed;
  failed.worker_id = fields.integer("worker_id");
  failed.message = fields.text_or("message", "no reason given");
  return failed;
}

HostMessage read_host_message(const std::string& type, JsonFields& fields) {
  if (type == "hello") return read_hello(fields);
  if (type == "definitions") return read_definitions(fields);
  if (type == "load_failed") return LoadFailed{fields.object("error")};
  if (type == "worker_exited") return read_worker_exited(fields);
  if (type == "worker_forked") return read_worker_forked(fields);
  if (type == "fork_failed") return read_fork_failed(fields);
  fields.complain("unknown type");
  return Hello{};
}

// ---- daemon → host and worker ------------------------------------------------------------------------------------------

/// Empty strings of our structs are absent values of the protocol.
json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json input_json(const StepInput& input) {
  return {{"name", input.name},
          {"asset_key", input.asset_key.to_json()},
          {"partition", text_or_null(input.partition)},
          {"code_location", text_or_null(input.code_location)},
          {"in_run", input.in_run},
          {"materialization", input.materialization}};
}

}  // namespace

Result<HostMessage> parse_host_message(std::string_view line) {
  const auto parsed = parse_json(line);
  if (!parsed) return fail(ErrorCode::invalid, "message from the host: " + parsed.error().message);
  const bool has_type = parsed->is_object() && parsed->contains("type") && (*parsed)["type"].is_string();
  if (!has_type) return fail(ErrorCode::invalid, "message from the host: it is not an object with a \"type\"");
  const std::string type = (*parsed)["type"].get<std::string>();
  JsonFields fields(*parsed, "message " + text::quote(type) + " from the host");
  HostMessage message = read_host_message(type, fields);
  if (!fields.ok()) return fields.error();
  return message;
}

std::string describe() { return R"({"type":"describe"})"; }
std::string shutdown() { return R"({"type":"shutdown"})"; }
std::string fork_worker(std::int64_t worker_id) { return dump_json({{"type", "fork_worker"}, {"worker_id", worker_id}}); }

std::string run_step(const RunStep& step) {
  json inputs = json::array();
  for (const auto& input : step.inputs) inputs.push_back(input_json(input));
  json message{{"type", "run_step"},
               {"run_id", step.run_id},
               {"run_number", step.run_number},
               {"step_key", step.step_key},
               {"attempt", step.attempt},
               {"asset_key", step.asset_key.to_json()},
               {"partition", text_or_null(step.partition)},
               {"inputs", std::move(inputs)},
               {"run_config", step.run_config},
               {"tags", step.tags},
               {"time_limit_ms", step.time_limit_ms > 0 ? json(step.time_limit_ms) : json(nullptr)}};
  if (step.memory_limit > 0) message["memory_limit"] = step.memory_limit;
  if (step.claim > 0) message["claim"] = step.claim;
  if (!step.after.empty()) message["after"] = step.after;
  return dump_json(message);
}

std::string cancel_step(std::string_view run_id, std::string_view step_key, int attempt) {
  return dump_json({{"type", "cancel_step"}, {"run_id", run_id}, {"step_key", step_key}, {"attempt", attempt}});
}

}  // namespace headrace::protocol
