// [concurrency]: docs/reference/runs.md.
#include <toml_tables.hpp>

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
  const auto* list = node->as_array();
  if (!list) {
    reader.complain(*node, "\"run_tags\" must be a list of tables: [[concurrency.run_tags]]");
    return limits;
  }
  for (const auto& item : *list) {
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

ConcurrencyLimits read_concurrency(TomlReader& reader, const toml::table& table) {
  reader.known_keys(table, "[concurrency]", keys_of("concurrency"));
  ConcurrencyLimits limits;
  limits.runs = reader.limit_if(table, "runs");
  limits.steps = reader.limit_if(table, "steps");
  limits.workers_per_run = reader.limit_if(table, "workers_per_run");
  limits.default_pool = reader.limit_if(table, "default_pool");
  limits.pools = named_limits(reader, table, "pools");
  limits.code_locations = named_limits(reader, table, "code_locations");
  limits.run_tags = tag_limits(reader, table);
  return limits;
}

}  // namespace headrace::config
