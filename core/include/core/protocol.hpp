// The codec of core/protocol/README.md, version 1: messages as structs, journal lines with their checksum. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <core/asset_key.hpp>

namespace headrace::protocol {

constexpr int k_version = 1;

// ---- host → daemon -------------------------------------------------------------------------------------------------
struct Hello {
  int protocol = 0;
  std::string language, language_version, sdk, executable;
  bool fork = false;
  int pid = 0;
};
struct DefinitionsAnswer {
  std::string hash;
  bool fork_workers = true;
  std::string worker_start_reason;
  double load_seconds = 0;
  nlohmann::json definitions;
};
struct LoadFailed {
  nlohmann::json error;
};
struct WorkerExited {
  std::int64_t worker_id = 0;
  int pid = 0;
  int exit_code = -1;
  int signal = 0;
};
struct WorkerForked {
  std::int64_t worker_id = 0;
  int pid = 0;
};
struct ForkFailed {
  std::int64_t worker_id = 0;
  std::string message;
};
using HostMessage = std::variant<Hello, DefinitionsAnswer, LoadFailed, WorkerExited, WorkerForked, ForkFailed>;
/// The error says what is wrong with the line (which field), never throws.
Result<HostMessage> parse_host_message(std::string_view line);

// ---- daemon → host and worker: one line each, without the line break -------------------------------------------------
std::string describe();
std::string shutdown();
std::string fork_worker(std::int64_t worker_id);
struct StepInput {
  std::string name;
  AssetKey asset_key;
  std::string code_location;
  bool in_run = false;
  nlohmann::json materialization = nullptr;
  std::string partition;  ///< empty: none
};
struct RunStep {
  std::string run_id;
  std::int64_t run_number = 0;
  std::string step_key;
  int attempt = 1;
  AssetKey asset_key;
  std::vector<StepInput> inputs;
  nlohmann::json run_config = nlohmann::json::object(), tags = nlohmann::json::object();
  std::int64_t time_limit_ms = 0;  ///< 0: none
  std::int64_t memory_limit = 0;   ///< bytes, 0: none
  std::string partition;           ///< empty: none
  std::int64_t claim = 0;          ///< what the worker must read from its claims before it begins; 0: nothing
  std::vector<std::string> after;  ///< keys of steps that the worker was given before, and that must succeed there first
};
std::string run_step(const RunStep& step);
std::string cancel_step(std::string_view run_id, std::string_view step_key, int attempt);

// ---- the journal -----------------------------------------------------------------------------------------------------
struct JournalChunk {
  /// Objects with `type` and `time`; with `attempt` where they have a `step_key`. Fields that the protocol names have the type it
  /// says, or are absent or null. Other fields, and those of a `type` that came later, may hold anything.
  std::vector<nlohmann::json> lines;
  std::size_t consumed = 0;  ///< bytes of whole good lines; the rest is to be read again with more behind it
  bool damaged = false;      ///< a bad line was met: nothing after `consumed` will ever count
};
/// Reads the whole lines at the beginning of `bytes`. A last line without its line break is left for later, not damage.
JournalChunk read_journal(std::string_view bytes);
/// One line with checksum and line break.
std::string journal_line(const nlohmann::json& json);
/// CRC-32 with zlib's polynomial.
std::uint32_t crc32(std::string_view bytes);

}  // namespace headrace::protocol
