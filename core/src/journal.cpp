#include <core/protocol.hpp>

#include <algorithm>
#include <array>

#include <core/json.hpp>
#include <core/metadata.hpp>

#include "json_fields.hpp"

namespace headrace::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t k_checksum_digits = 8;

/// tables[n][byte]: what a byte contributes that n others follow, so that several bytes are taken at once.
using CrcTables = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest & 1) != 0 ? (rest >> 1) ^ 0xEDB88320U : rest >> 1;
    tables[0][byte] = rest;
  }
  for (std::size_t n = 1; n < tables.size(); ++n)
    for (std::size_t byte = 0; byte < 256; ++byte)
      tables[n][byte] = (tables[n - 1][byte] >> 8) ^ tables[0][tables[n - 1][byte] & 0xFF];
  return tables;
}

/// As exactly eight lower-case hex digits and a space.
std::string checksum_text(std::string_view bytes) {
  static constexpr char k_hex[] = "0123456789abcdef";
  const std::uint32_t checksum = crc32(bytes);
  std::string result;
  for (int shift = 28; shift >= 0; shift -= 4) result += k_hex[(checksum >> shift) & 15];
  return result + ' ';
}

// ---- what is in a line ---------------------------------------------------------------------------------------------------
// A good checksum proves that a worker wrote the line as it stands, not that its SDK wrote it well. Whoever reads the lines may
// rely on this: a field of the protocol that is there has the type that the protocol says, and a line of a step has its attempt.

void check_offsets(JsonFields& fields) {
  const auto& offsets = fields.list_or_empty("offsets");
  const bool good = std::all_of(offsets.begin(), offsets.end(), [](const json& offset) { return offset.is_number_unsigned(); });
  if (!good || (!offsets.empty() && offsets.size() != 3)) fields.complain("\"offsets\" must be three sizes");
}

void check_metadata_of(JsonFields& fields) {
  if (const auto checked = check_metadata(fields.object_or_empty("metadata")); !checked) fields.complain(checked.error());
}

void check_asset(JsonFields& fields) {
  if (!fields.any("asset_key").is_null()) fields.key("asset_key");
  fields.text_or("partition");
}

void check_inputs(JsonFields& fields) {
  for (const auto& item : fields.list_or_empty("inputs")) {
    JsonFields input(item, "input");
    input.text_or("name");
    check_asset(input);
    check_metadata_of(input);
    input.number_or("seconds", 0);
    if (!input.ok()) fields.complain("\"inputs\" has a bad entry");
  }
}

void check_materialized(JsonFields& fields) {
  check_asset(fields);
  check_metadata_of(fields);
  fields.object_or_empty("stored");
  fields.text_or("data_version");
  fields.object_or_empty("tags");
}

void check_step_ended(JsonFields& fields) {
  const std::string status = fields.text("status");
  if (status != "success" && status != "failure" && status != "canceled") fields.complain("unknown \"status\"");
  fields.object_or_empty("error");
  fields.number_or("seconds", 0);
}

void check_worker_started(JsonFields& fields) {
  for (const auto* name : {"worker_id", "pid", "start_time"}) fields.integer(name);
  for (const auto* name : {"boot_id", "hash"}) fields.text_or(name);
}

bool is_good(const json& line) {
  JsonFields fields(line, "journal");
  const std::string type = fields.text("type");
  fields.integer("time");
  fields.text_or("run_id");
  if (fields.text_if("step_key")) fields.integer("attempt");
  check_offsets(fields);
  if (type == "worker_started") check_worker_started(fields);
  if (type == "inputs_loaded") check_inputs(fields);
  if (type == "materialized" || type == "observed") check_materialized(fields);
  if (type == "step_ended") check_step_ended(fields);
  return fields.ok();
}

/// One line without its line break. Null: a bad line.
json read_line(std::string_view line) {
  if (line.size() <= k_checksum_digits) return nullptr;
  const std::string_view body = line.substr(k_checksum_digits + 1);
  if (line.substr(0, k_checksum_digits + 1) != checksum_text(body)) return nullptr;
  auto parsed = parse_json(body);
  return parsed && is_good(*parsed) ? std::move(*parsed) : json(nullptr);
}

}  // namespace

JournalChunk read_journal(std::string_view bytes) {
  JournalChunk chunk;
  while (true) {
    const std::size_t end = bytes.find('\n', chunk.consumed);
    if (end == std::string_view::npos) return chunk;
    json line = read_line(bytes.substr(chunk.consumed, end - chunk.consumed));
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
  static constexpr auto k_tables = make_crc_tables();
  const auto byte_at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  std::uint32_t rest = 0xFFFFFFFFU;
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    rest ^= byte_at(i) | byte_at(i + 1) << 8 | byte_at(i + 2) << 16 | byte_at(i + 3) << 24;
    rest =
        k_tables[3][rest & 0xFF] ^ k_tables[2][(rest >> 8) & 0xFF] ^ k_tables[1][(rest >> 16) & 0xFF] ^ k_tables[0][rest >> 24];
  }
  for (; i < bytes.size(); ++i) rest = k_tables[0][(rest ^ byte_at(i)) & 0xFF] ^ (rest >> 8);
  return ~rest;
}

}  // namespace headrace::protocol
