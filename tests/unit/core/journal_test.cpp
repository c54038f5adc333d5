#include <core/protocol.hpp>

#include <gtest/gtest.h>

#include "graphs.hpp"

namespace headrace::protocol {
namespace {

using nlohmann::json;
using testing::Random;

json line(int i) { return {{"type", "observed"}, {"time", i}, {"text", "line\n" + std::to_string(i)}}; }

std::string journal(int lines) {
  std::string bytes;
  for (int i = 0; i < lines; ++i) bytes += journal_line(line(i));
  return bytes;
}

TEST(Journal, ChecksumIsZlibs) {
  EXPECT_EQ(crc32(""), 0u);
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339u);
}

TEST(Journal, ReadsWhatItWrites) {
  const std::string bytes = journal(3);
  const auto chunk = read_journal(bytes);
  ASSERT_EQ(chunk.lines.size(), 3u);
  EXPECT_EQ(chunk.lines[2], line(2));
  EXPECT_EQ(chunk.consumed, bytes.size());
  EXPECT_FALSE(chunk.damaged);
}

TEST(Journal, ATornLastLineIsLeftForLater) {
  const std::string bytes = journal(3), two = journal(2);
  for (std::size_t size = two.size(); size < bytes.size(); ++size) {
    const auto chunk = read_journal(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(chunk.lines.size(), 2u);
    EXPECT_EQ(chunk.consumed, two.size());
    EXPECT_FALSE(chunk.damaged);
  }
}

TEST(Journal, NothingAfterABadLineCounts) {
  const std::string two = journal(2);
  for (const std::string& bad : {std::string("\n"), std::string("00000000 {}\n"), std::string("{\"type\":\"x\"}\n"),
                                 std::string(64, '\0') + "\n", std::string("0000\n")}) {
    const auto chunk = read_journal(two + bad + journal(2));
    EXPECT_EQ(chunk.lines.size(), 2u);
    EXPECT_EQ(chunk.consumed, two.size());
    EXPECT_TRUE(chunk.damaged);
  }
}

TEST(Journal, AnyChangedByteIsNoticed) {
  const std::string bytes = journal(2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto chunk = read_journal(changed);
    // A line break that is no longer one joins two lines, or leaves the last one open.
    EXPECT_TRUE(chunk.damaged || chunk.consumed < bytes.size()) << "byte " << i;
    for (const auto& good : chunk.lines) EXPECT_TRUE(good == line(0) || good == line(1)) << "byte " << i;
  }
}

TEST(Journal, ALineWithoutTypeOrTimeIsBad) {
  for (const json& bad :
       {json::object(), json::array(), json(7), json({{"type", "x"}}), json({{"time", 1}}), json({{"type", 1}, {"time", 1}})}) {
    EXPECT_TRUE(read_journal(journal_line(bad)).damaged) << bad;
  }
}

TEST(Journal, ALineWhoseFieldsHaveTheWrongTypeIsBad) {
  const std::pair<std::string, json> bad[] = {
      {"step_started", {{"step_key", "a"}, {"attempt", "1"}}},
      {"step_started", {{"step_key", "a"}, {"attempt", nullptr}}},
      {"step_started", {{"run_id", 7}}},
      {"step_started", {{"offsets", {1, 2}}}},
      {"step_started", {{"offsets", {1, -2, 3}}}},
      {"worker_started", {{"pid", "x"}}},
      {"step_ended", {{"status", "skipped"}}},
      {"step_ended", {{"status", "success"}, {"error", "text"}}},
      {"step_ended", json::object()},
      {"materialized", {{"asset_key", "setosa"}}},
      {"materialized", {{"asset_key", {".."}}}},
      {"materialized", {{"metadata", {{"nrows", 50}}}}},
      {"observed", {{"metadata", json::array()}}},
      {"inputs_loaded", {{"inputs", {{{"metadata", 7}}}}}},
      {"inputs_loaded", {{"inputs", {7}}}},
  };
  for (auto [type, fields] : bad) {
    fields["type"] = type;
    fields["time"] = 1;
    EXPECT_TRUE(read_journal(journal_line(fields)).damaged) << fields;
    fields["type"] = "a_later_kind";
    const bool is_common_field = fields.contains("attempt") || fields.contains("run_id") || fields.contains("offsets");
    EXPECT_EQ(read_journal(journal_line(fields)).damaged, is_common_field) << fields;
  }
}

TEST(Journal, AbsentAndNullFieldsAreGood) {
  EXPECT_FALSE(read_journal(journal_line({{"type", "step_started"}, {"time", 1}})).damaged);
  EXPECT_FALSE(
      read_journal(journal_line({{"type", "materialized"}, {"time", 1}, {"stored", nullptr}, {"metadata", nullptr}})).damaged);
}

TEST(Journal, AnyChunkingGivesTheSameAsOneChunk) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    std::string bytes = journal(random.below(20));
    if (random.chance(50) && !bytes.empty())
      bytes[static_cast<std::size_t>(random.below(static_cast<int>(bytes.size())))] ^= 0x20;
    const auto whole = read_journal(bytes);

    std::vector<json> lines;
    std::size_t read_to = 0, available = 0;
    bool damaged = false;
    while (!damaged && available < bytes.size()) {
      available = std::min(bytes.size(), available + 1 + static_cast<std::size_t>(random.below(100)));
      auto chunk = read_journal(std::string_view(bytes).substr(read_to, available - read_to));
      lines.insert(lines.end(), chunk.lines.begin(), chunk.lines.end());
      read_to += chunk.consumed;
      damaged = chunk.damaged;
    }
    ASSERT_EQ(lines, whole.lines) << "seed " << seed;
    ASSERT_EQ(read_to, whole.consumed);
    ASSERT_EQ(damaged, whole.damaged);
  }
}

TEST(Journal, RandomBytesAreNeverTaken) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = random.below(200); i > 0; --i) bytes += static_cast<char>(random.chance(20) ? '\n' : random.below(256));
    const auto chunk = read_journal(bytes);
    ASSERT_TRUE(chunk.lines.empty());
    ASSERT_EQ(chunk.consumed, 0u);
    ASSERT_EQ(chunk.damaged, bytes.find('\n') != std::string::npos);
    parse_host_message(bytes);  // must not throw either
  }
}

TEST(Journal, RandomJsonWithAGoodChecksumNeverThrows) {
  Random random(2);
  const std::string pieces[] = {"{", "}",     "[",  "]",  "\"type\"", "\"time\"", ":",    ",", "1",
                                "-", "1e999", "\"", "\\", "null",     "true",     "\xff", " ", "\"\\ud800\""};
  for (int round = 0; round < 5000; ++round) {
    std::string body;
    for (int i = random.below(20); i > 0; --i) body += pieces[random.below(std::size(pieces))];
    char checksum[16];
    std::snprintf(checksum, sizeof checksum, "%08x ", crc32(body));
    read_journal(checksum + body + "\n");
    parse_host_message(body);
  }
}

TEST(Journal, ADeeplyNestedLineIsBadNotACrash) {
  const std::string body = R"({"type":"x","time":1,"a":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}";
  char checksum[16];
  std::snprintf(checksum, sizeof checksum, "%08x ", crc32(body));
  EXPECT_TRUE(read_journal(checksum + body + "\n").damaged);
}

}  // namespace
}  // namespace headrace::protocol
