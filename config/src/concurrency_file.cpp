#include <config/concurrency_file.hpp>

#include <toml_reader.hpp>

namespace headrace::config {
namespace {

std::map<std::string, int> named_limits(TomlReader& reader, const toml::table& parent, const char* name) {
  std::map<std::string, int> limits;
  if (const auto* table = reader.table(parent, name))
    for (const auto& [key, node] : *table) limits[std::string(key.str())] = reader.limit(node, std::string(key.str()));
  return limits;
}

std::vector<ConcurrencyLimits::Tag> tag_limits(TomlReader& reader, const toml::table& parent) {
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
  if (!parsed) return toml_error(parsed, file);
  TomlReader reader(file);
  ConcurrencyLimits limits;
  reader.known_keys(parsed.table(), "the file", {"concurrency", "code_locations"});
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
  auto text = read_toml(file);
  if (!text) return tl::unexpected(text.error());
  return parse_concurrency(*text, file.filename().string());
}

}  // namespace headrace::config
