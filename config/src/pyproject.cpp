#include <config/pyproject.hpp>

#include <toml_reader.hpp>
#include <toml_tables.hpp>

namespace headrace::config {
namespace fs = std::filesystem;
namespace {

const toml::table* table_at(const toml::table& root, std::initializer_list<const char*> path) {
  const toml::table* table = &root;
  for (const char* name : path) table = table ? table->get_as<toml::table>(name) : nullptr;
  return table;
}

/// [tool.dagster]: module_name, or modules = [{type = "module", name = "…"}]; code_location_name.
std::vector<std::string> dagster_modules(TomlReader& reader, const toml::table& table) {
  const auto name = reader.text(table, "module_name");
  const auto* node = table.get("modules");
  if (!node) return name.empty() ? std::vector<std::string>{} : std::vector{name};
  const auto* list = node->as_array();
  if (!list || list->empty()) {
    reader.complain(*node, "\"modules\" in [tool.dagster] must be a list of tables with \"type\" and \"name\", and not empty");
    return {};
  }
  if (!name.empty()) reader.complain(*node, "[tool.dagster] has both \"module_name\" and \"modules\": keep one of them");
  std::vector<std::string> modules;
  for (const auto& item : *list) {
    const auto* entry = item.as_table();
    if (!entry || reader.text(*entry, "type") != "module" || !entry->contains("name")) {
      reader.complain(item, "each of \"modules\" in [tool.dagster] must be {type = \"module\", name = \"…\"}");
      break;
    }
    modules.push_back(reader.text(*entry, "name"));
  }
  return modules;
}

/// [tool.dg.project]: code_location_target_module, else the module definitions of root_module.
std::string dg_module(TomlReader& reader, const toml::table& table) {
  if (const auto* node = table.get("autoload_defs"); node && node->value_or(false))
    reader.complain(
        *node, "\"autoload_defs\" in [tool.dg.project] is not there yet: name the module in \"code_location_target_module\"");
  if (const auto target = reader.text(table, "code_location_target_module"); !target.empty()) return target;
  const auto root = reader.text(table, "root_module");
  if (root.empty()) reader.complain(table, "[tool.dg.project] must have \"root_module\"");
  return root + ".definitions";
}

}  // namespace

Result<std::vector<CodeLocationEntry>> parse_pyproject(const TomlSource& source) {
  const toml::parse_result parsed = toml::parse(source.text, source.file);
  if (!parsed)
    return fail(ErrorCode::invalid, source.file + ":" + std::to_string(parsed.error().source().begin.line) + ": " +
                                        std::string(parsed.error().description()));
  TomlReader reader;
  std::vector<std::string> modules;
  std::string name;
  if (const auto* dg = table_at(parsed.table(), {"tool", "dg", "project"})) {
    modules.push_back(dg_module(reader, *dg));
    name = reader.text(*dg, "code_location_name");
  } else if (const auto* dagster = table_at(parsed.table(), {"tool", "dagster"})) {
    modules = dagster_modules(reader, *dagster);
    name = reader.text(*dagster, "code_location_name");
  }
  if (!reader.error().empty()) return fail(ErrorCode::invalid, reader.error());
  std::vector<CodeLocationEntry> entries;
  for (const auto& module : modules)
    entries.push_back({.name = name.empty() || modules.size() > 1 ? module : name,
                       .module = module,
                       .working_directory = source.folder.string()});
  return entries;
}

Result<std::vector<CodeLocationEntry>> read_pyproject(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::vector<CodeLocationEntry>{};
  const auto source = read_toml_source(file);
  if (!source) return tl::unexpected(source.error());
  return parse_pyproject(*source);
}

}  // namespace headrace::config
