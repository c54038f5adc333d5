#include <config/headrace_toml.hpp>

#include <config/environment.hpp>
#include <fstream>
#include <sstream>
#include <toml_tables.hpp>

namespace headrace::config {
namespace fs = std::filesystem;
namespace {

/// How a variable's text becomes a value of the file: as it is, as TOML ("8", "[…]"), or as the inside of a TOML table
/// ("a=1,b=2").
enum class Shape { text, toml, table };

struct Setting {
  const char *table, *key, *variable;
  Shape shape;
};
constexpr Setting k_settings[] = {
    {"", "home", "HEADRACE_HOME", Shape::text},
    {"", "durability", "HEADRACE_DURABILITY", Shape::text},
    {"", "python", "HEADRACE_PYTHON", Shape::text},
    {"", "code_locations", "HEADRACE_CODE_LOCATIONS", Shape::toml},
    {"server", "host", "HEADRACE_HOST", Shape::text},
    {"server", "port", "HEADRACE_PORT", Shape::toml},
    {"server", "token_file", "HEADRACE_TOKEN_FILE", Shape::text},
    {"server", "host_names", "HEADRACE_HOST_NAMES", Shape::toml},
    {"log", "level", "HEADRACE_LOG_LEVEL", Shape::text},
    {"log", "format", "HEADRACE_LOG_FORMAT", Shape::text},
    {"concurrency", "runs", "HEADRACE_CONCURRENCY_RUNS", Shape::toml},
    {"concurrency", "steps", "HEADRACE_CONCURRENCY_STEPS", Shape::toml},
    {"concurrency", "workers_per_run", "HEADRACE_CONCURRENCY_WORKERS_PER_RUN", Shape::toml},
    {"concurrency", "default_pool", "HEADRACE_CONCURRENCY_DEFAULT_POOL", Shape::toml},
    {"concurrency", "pools", "HEADRACE_CONCURRENCY_POOLS", Shape::table},
    {"concurrency", "code_locations", "HEADRACE_CONCURRENCY_CODE_LOCATIONS", Shape::table},
    {"concurrency", "run_tags", "HEADRACE_CONCURRENCY_RUN_TAGS", Shape::toml},
    {"retention", "max_age", "HEADRACE_RETENTION_MAX_AGE", Shape::text},
    {"retention", "max_size", "HEADRACE_RETENTION_MAX_SIZE", Shape::text},
    {"retention", "keep_runs", "HEADRACE_RETENTION_KEEP_RUNS", Shape::toml},
};

std::string value_of(const Variables& environment, std::string_view name) {
  for (const auto& [key, value] : environment)
    if (key == name) return value;
  return {};
}

/// Every variable that is set, put into the table as if the file had said it.
Result<void> lay_over(toml::table& root, const Variables& environment) {
  for (const auto& setting : k_settings) {
    const std::string text = value_of(environment, setting.variable);
    if (text.empty()) continue;
    const std::string value = setting.shape == Shape::toml ? text
                              : setting.shape == Shape::table
                                  ? "{" + text + "}"
                                  : nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    toml::parse_result parsed = toml::parse("value = " + value, std::string_view(setting.variable));
    auto* node = parsed ? parsed.table().get("value") : nullptr;
    if (!node || parsed.table().size() != 1)
      return fail(ErrorCode::invalid, std::string(setting.variable) + "=" + text + " makes no sense: see \"" + setting.key +
                                          "\" in docs/reference/configuration.md");
    toml::table* table = &root;
    if (*setting.table) {
      if (!root.contains(setting.table)) root.insert(setting.table, toml::table());
      table = root.get(setting.table)->as_table();
    }
    if (table) table->insert_or_assign(setting.key, std::move(*node));  // else: the file's error is told by who reads it
  }
  return {};
}

HeadraceToml read_all(TomlReader& reader, const toml::table& root, const TomlSource& source) {
  HeadraceToml result;
  reader.known_keys(root, "the file", keys_of(""));
  result.home = reader.text(root, "home");
  if (!result.home.empty()) result.home = base_of(*root.get("home"), source) / result.home;
  result.durability = reader.choice(root, "durability", {"full", "fast"});
  result.python = reader.text(root, "python");
  if (result.python.find('/') != std::string::npos) result.python = base_of(*root.get("python"), source) / result.python;
  if (const auto* server = reader.table(root, "server")) {
    reader.known_keys(*server, "[server]", keys_of("server"));
    result.host = reader.text(*server, "host");
    if (const auto* port = server->get("port")) result.port = static_cast<std::uint16_t>(reader.number(*port, "port", 0, 65'535));
    result.token_file = reader.text(*server, "token_file");
    if (!result.token_file.empty()) result.token_file = base_of(*server->get("token_file"), source) / result.token_file;
    result.host_names = reader.texts(*server, "host_names");
  }
  if (const auto* log = reader.table(root, "log")) {
    reader.known_keys(*log, "[log]", keys_of("log"));
    result.log_level = reader.choice(*log, "level", {"debug", "info", "warning", "error"});
    result.log_format = reader.choice(*log, "format", {"text", "json"});
  }
  if (const auto* table = reader.table(root, "concurrency")) result.concurrency = read_concurrency(reader, *table);
  if (const auto* table = reader.table(root, "retention")) result.retention = read_retention(reader, *table);
  result.code_locations = read_code_locations(reader, root, source);
  return result;
}

}  // namespace

const std::vector<SettingName>& setting_names() {
  static const std::vector<SettingName> names = [] {
    std::vector<SettingName> all;
    for (const auto& setting : k_settings) all.push_back({setting.table, setting.key, setting.variable});
    return all;
  }();
  return names;
}

std::vector<std::string> keys_of(std::string_view table) {
  std::vector<std::string> keys;
  for (const auto& setting : k_settings)
    if (setting.table == table) keys.emplace_back(setting.key);
  if (table.empty()) keys.insert(keys.end(), {"server", "log", "concurrency", "retention"});
  return keys;
}

Result<HeadraceToml> parse_headrace_toml(const TomlSource& source, const Variables& environment) {
  toml::parse_result parsed = toml::parse(source.text, source.file);
  if (!parsed)
    return fail(ErrorCode::invalid, source.file + ":" + std::to_string(parsed.error().source().begin.line) + ": " +
                                        std::string(parsed.error().description()));
  if (auto laid = lay_over(parsed.table(), environment); !laid) return tl::unexpected(laid.error());
  TomlReader reader;
  auto result = read_all(reader, parsed.table(), source);
  if (!reader.error().empty()) return fail(ErrorCode::invalid, reader.error());
  return result;
}

Result<TomlSource> read_toml_source(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream || text.fail()) return fail(ErrorCode::invalid, "cannot read \"" + file.string() + "\"");
  return TomlSource{.text = text.str(), .file = file.filename().string(), .folder = fs::absolute(file).parent_path()};
}

Result<HeadraceToml> read_headrace_toml(const fs::path& file, const Variables& environment) {
  auto source = file.empty() ? Result<TomlSource>(TomlSource{}) : read_toml_source(file);
  if (!source) return tl::unexpected(source.error());
  std::error_code error;
  source->start = fs::current_path(error);
  return parse_headrace_toml(*source, environment);
}

}  // namespace headrace::config
