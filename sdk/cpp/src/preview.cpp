#include <preview.hpp>

#include <core/json.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <journal.hpp>
#include <secrets.hpp>
#include <surroundings.hpp>

namespace headrace {
inline namespace sdk {
namespace {

constexpr std::size_t k_most_bytes = 256 * 1024;  // of a text
constexpr std::size_t k_most_characters = 200;    // of a cell

struct NobodyListens final : StepReporter {
  void inputs_loaded(const json&) override {}
  void observed(const AssetKey&, const std::optional<std::string>&, const json&) override {}
  void materialized(const Materialization&) override {}
  void log(std::string_view, const std::string&) override {}
};

/// Lines of cells: quotes may hold commas, line breaks and doubled quotes. A last line without its end is left out unless
/// `is_whole`.
std::vector<std::vector<std::string>> parse_csv(std::string_view text, bool is_whole) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> line;
  std::string cell;
  bool in_quotes = false, has_begun = false;
  const auto end_cell = [&] { line.push_back(std::exchange(cell, {})); };
  const auto end_line = [&] {
    end_cell();
    lines.push_back(std::exchange(line, {}));
    has_begun = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_quotes && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      cell += text[++i];
    } else if (c == '"') {
      in_quotes = !in_quotes;
      has_begun = true;
    } else if (in_quotes || (c != ',' && c != '\n' && c != '\r')) {
      cell += c;
      has_begun = true;
    } else if (c == ',') {
      end_cell();
      has_begun = true;
    } else if (c == '\n' && (has_begun || !line.empty())) {
      end_line();
    }
  }
  if (is_whole && (has_begun || !line.empty())) end_line();
  return lines;
}

/// The narrowest type that all of a column's texts are, where nobody wrote down which it has.
std::string guessed_type(const std::vector<std::vector<std::string>>& lines, std::size_t column) {
  bool are_whole = true, are_numbers = true;
  for (std::size_t i = 1; i < lines.size() && are_numbers; ++i) {
    if (column >= lines[i].size() || lines[i][column].empty()) continue;
    const auto& cell = lines[i][column];
    char* end = nullptr;
    std::strtoll(cell.c_str(), &end, 10);
    are_whole = are_whole && *end == '\0';
    std::strtod(cell.c_str(), &end);
    are_numbers = *end == '\0';
  }
  return !are_numbers ? "string" : are_whole ? "int64" : "double";
}

/// Of a text, and whether that is all of it.
std::pair<std::string, bool> beginning_of(const Stored& stored) {
  auto text = stored.beginning(k_most_bytes + 1);
  const bool is_whole = text.size() <= k_most_bytes;
  text.resize(std::min(text.size(), k_most_bytes));
  while (!is_whole && !text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return {text, is_whole};
}

json preview_of(const Location& location, const json& message) {
  if (!location.resolved) throw std::runtime_error("The code location cannot be loaded.");
  const auto& stored = message.at("stored");
  const auto name = stored.value("format", "");
  const auto* format = find_stored_format(name);
  if (format == nullptr || !format->preview)
    throw std::runtime_error(
        "A value stored as " + name + " has no preview here" +
        (name == "parquet" || name == "arrow_ipc" ? ": the program is built without headrace::tables." : "."));
  const MemoryLimit limit(message.value("memory_limit", std::int64_t{0}));
  NobodyListens nobody;
  ResourceSession session(location.resolved);
  Run run;
  run.run_id = "preview";
  session.begin(run, nobody);
  const auto opened = open_stored(*location.resolved, session, stored);
  if (!opened) throw std::runtime_error("No resource of the code location reads " + stored.value("uri", "") + ".");
  return format->preview(*opened, message.value("rows", std::int64_t{20}), stored.value("schema", json(nullptr)));
}

}  // namespace

std::string shortened(const std::string& text) {
  std::size_t characters = 0, end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (++characters == k_most_characters) end = i;
    if (characters > k_most_characters) return text.substr(0, end) + "…";
  }
  return text;
}

json preview_csv(const Stored& stored, std::int64_t rows, const json& schema) {
  const auto [text, is_whole] = beginning_of(stored);
  auto lines = parse_csv(text, is_whole);
  json columns = json::array(), shown = json::array();
  for (std::size_t i = 0; !lines.empty() && i < lines.front().size(); ++i) {
    const auto& name = lines.front()[i];
    json column{{"name", shortened(name)}, {"type", guessed_type(lines, i)}, {"nullable", true}};
    for (const auto& known : schema.is_array() ? schema : json::array())
      if (known.value("name", "") == name) column = known;
    columns.push_back(std::move(column));
  }
  for (std::size_t i = 1; i < lines.size() && i <= static_cast<std::size_t>(rows); ++i) {
    json row = json::array();
    for (const auto& cell : lines[i]) row.push_back(shortened(cell));
    shown.push_back(std::move(row));
  }
  const auto total = is_whole && !lines.empty() ? json(lines.size() - 1) : json(nullptr);
  return {{"columns", columns}, {"rows", shown}, {"total_rows", total}, {"text", nullptr}};
}

json preview_json(const Stored& stored, std::int64_t, const json&) {
  const auto [text, is_whole] = beginning_of(stored);
  return {{"columns", nullptr}, {"rows", nullptr}, {"total_rows", nullptr}, {"text", is_whole ? text : text + "…"}};
}

json preview_line(const Location& location, const json& message) {
  json line{{"type", "previewed"}, {"time", now()}, {"preview", nullptr}, {"error", nullptr}};
  try {
    line["preview"] = preview_of(location, message);
  } catch (const std::bad_alloc&) {
    line["error"] = "Not enough memory for a preview.";
  } catch (const std::exception& error) {
    line["error"] = mask(error.what());
  }
  return line;
}

}  // namespace sdk
}  // namespace headrace
