#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <config/concurrency_file.hpp>

#include <toml++/toml.h>

#include <algorithm>
#include <core/asset_graph.hpp>
#include <fstream>
#include <sstream>

namespace headrace::config {
namespace {

/// Reads tables key by key and keeps the first thing that is wrong.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  void known_keys(const toml::table& table, const std::string& place, const std::vector<std::string>& known) {
    for (const auto& [key, value] : table) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const auto near = closest_names(name, known, 1);
      complain(value,
               "unknown key \"" + name + "\" in " + place + (near.empty() ? "" : ". Did you mean \"" + near.front() + "\"?"));
    }
  }
  const toml::table* table(const toml::table& parent, const char* name) {
    const auto* node = parent.get(name);
    if (node && !node->is_table()) complain(*node, std::string("\"") + name + "\" must be a table");
    return node ? node->as_table() : nullptr;
  }
  int limit(const toml::node& node, const std::string& name) {
    const auto value = node.value_exact<std::int64_t>();
    if (value && *value >= 1 && *value <= 1'000'000) return static_cast<int>(*value);
    complain(node, "\"" + name + "\" must be a whole number of at least 1");
    return 0;
  }
  int limit_if(const toml::table& parent, const char* name) {
    const auto* node = parent.get(name);
    return node ? limit(*node, name) : 0;
  }
  std::string text(const toml::table& parent, const char* name) {
    const auto* node = parent.get(name);
    if (!node) return {};
    const auto value = node->value_exact<std::string>();
    if (!value || value->empty()) complain(*node, std::string("\"") + name + "\" must be a text");
    return value.value_or("");
  }
  void complain(const toml::node& node, const std::string& what) {
    if (!error_.empty()) return;
    error_ = file_ + ":" + std::to_string(node.source().begin.line) + ": " + what;
  }
  const std::string& error() const { return error_; }

 private:
  std::string file_, error_;
};

std::map<std::string, int> named_limits(Reader& reader, const toml::table& parent, const char* name) {
  std::map<std::string, int> limits;
  if (const auto* table = reader.table(parent, name))
    for (const auto& [key, node] : *table) limits[std::string(key.str())] = reader.limit(node, std::string(key.str()));
  return limits;
}

std::vector<ConcurrencyLimits::Tag> tag_limits(Reader& reader, const toml::table& parent) {
  std::vector<ConcurrencyLimits::Tag> limits;
  const auto* node = parent.get("run_tags");
  if (!node) return limits;
  if (!node->is_array()) reader.complain(*node, "\"run_tags\" must be a list of tables: [[concurrency.run_tags]]");
  for (const auto& item : node->is_array() ? *node->as_array() : toml::array()) {
    const auto* table = item.as_table();
    if (!table) {
      reader.complain(item, "each of \"run_tags\" must be a table with \"key\" and \"limit\"");
      continue;
    }
    reader.known_keys(*table, "[[concurrency.run_tags]]", {"key", "value", "limit"});
    if (!table->contains("key") || !table->contains("limit"))
      reader.complain(item, "each of \"run_tags\" must have \"key\" and \"limit\"");
    limits.push_back({reader.text(*table, "key"), reader.text(*table, "value"), reader.limit_if(*table, "limit")});
  }
  return limits;
}

}  // namespace

Result<ConcurrencyLimits> parse_concurrency(std::string_view text, const std::string& file) {
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed)
    return fail(ErrorCode::invalid, file + ":" + std::to_string(parsed.error().source().begin.line) + ": " +
                                        std::string(parsed.error().description()));
  Reader reader(file);
  ConcurrencyLimits limits;
  reader.known_keys(parsed.table(), "the file (only [concurrency] has a meaning yet)", {"concurrency"});
  if (const auto* table = reader.table(parsed.table(), "concurrency")) {
    reader.known_keys(*table, "[concurrency]",
                      {"runs", "steps", "workers_per_run", "default_pool", "pools", "code_locations", "run_tags"});
    limits.runs = reader.limit_if(*table, "runs");
    limits.steps = reader.limit_if(*table, "steps");
    limits.workers_per_run = reader.limit_if(*table, "workers_per_run");
    limits.default_pool = reader.limit_if(*table, "default_pool");
    limits.pools = named_limits(reader, *table, "pools");
    limits.code_locations = named_limits(reader, *table, "code_locations");
    limits.run_tags = tag_limits(reader, *table);
  }
  if (!reader.error().empty()) return fail(ErrorCode::invalid, reader.error());
  return limits;
}

Result<ConcurrencyLimits> read_concurrency(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream || text.fail()) return fail(ErrorCode::invalid, "cannot read \"" + file.string() + "\"");
  return parse_concurrency(text.str(), file.filename().string());
}

}  // namespace headrace::config
