#include <core/protocol.hpp>

#include <array>

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
  if (start != "fork" && start != "spawn") fields.complain("\"worker_start\" must be \"fork\" or \"spawn\", not " + text::quote(start));
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

// ---- the journal -------------------------------------------------------------------------------------------------------

constexpr std::size_t k_checksum_digits = 8;

/// As exactly eight lower-case hex digits and a space.
std::string checksum_text(std::string_view bytes) {
  static constexpr char k_hex[] = "0123456789abcdef";
  const std::uint32_t checksum = crc32(bytes);
  std::string result;
  for (int shift = 28; shift >= 0; shift -= 4) result += k_hex[(checksum >> shift) & 15];
  return result + ' ';
}

/// One line without its line break. Null: a bad line. A good one is an object with `type` and `time`.
json read_journal_line(std::string_view line) {
  if (line.size() <= k_checksum_digits) return nullptr;
  const std::string_view body = line.substr(k_checksum_digits + 1);
  if (line.substr(0, k_checksum_digits + 1) != checksum_text(body)) return nullptr;
  auto parsed = parse_json(body);
  if (!parsed) return nullptr;
  JsonFields fields(*parsed, "journal");
  fields.text("type");
  fields.integer("time");
  return fields.ok() ? std::move(*parsed) : json(nullptr);
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest & 1) != 0 ? (rest >> 1) ^ 0xEDB88320U : rest >> 1;
    table[byte] = rest;
  }
  return table;
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
  return dump_json({{"type", "run_step"},
                    {"run_id", step.run_id},
                    {"run_number", step.run_number},
                    {"step_key", step.step_key},
                    {"attempt", step.attempt},
                    {"asset_key", step.asset_key.to_json()},
                    {"partition", text_or_null(step.partition)},
                    {"inputs", std::move(inputs)},
                    {"run_config", step.run_config},
                    {"tags", step.tags},
                    {"time_limit_ms", step.time_limit_ms > 0 ? json(step.time_limit_ms) : json(nullptr)}});
}

std::string cancel_step(std::string_view run_id, std::string_view step_key, int attempt) {
  return dump_json({{"type", "cancel_step"}, {"run_id", run_id}, {"step_key", step_key}, {"attempt", attempt}});
}

JournalChunk read_journal(std::string_view bytes) {
  JournalChunk chunk;
  while (true) {
    const std::size_t end = bytes.find('\n', chunk.consumed);
    if (end == std::string_view::npos) return chunk;
    json line = read_journal_line(bytes.substr(chunk.consumed, end - chunk.consumed));
    if (line.is_null()) {
      chunk.damaged = true;
      return chunk;
    }
    chunk.lines.push_back(std::move(line));
    chunk.consumed = end + 1;
  }
}

std::string journal_line(const nlohmann::json& json) {
  const std::string body = dump_json(json);
  return checksum_text(body) + body + '\n';
}

std::uint32_t crc32(std::string_view bytes) {
  static constexpr auto k_table = make_crc_table();
  std::uint32_t rest = 0xFFFFFFFFU;
  for (const char c : bytes) rest = k_table[(rest ^ static_cast<unsigned char>(c)) & 0xFF] ^ (rest >> 8);
  return ~rest;
}

}  // namespace headrace::protocol
