// [[code_locations]]:
//
//   [[code_locations]]
//   executable = "build/etl"        # a C++ code location; or: module = "my_package", or: file = "definitions.py"
//   build = "cmake --build build"   # run by sh before each load: "Reload definitions" compiles
//   name = "etl"                    # default: the executable's, module's or file's
//   working_directory = "etl"       # default: the folder of headrace.toml
//   attribute = "defs"              # of a module or file: which Definitions
//   python = "etl/.venv/bin/python" # of a module or file: its own interpreter
#include <algorithm>
#include <toml_tables.hpp>

namespace headrace::config {
namespace fs = std::filesystem;
namespace {

/// Joined with its start; left alone while nobody knows where it starts.
std::string path_at(const fs::path& base, const std::string& path) {
  return path.empty() || base.empty() ? path : (base / path).lexically_normal().string();
}

CodeLocationEntry read_entry(TomlReader& reader, const toml::table& table, const fs::path& base) {
  reader.known_keys(table, "[[code_locations]]",
                    {"name", "executable", "module", "file", "build", "attribute", "working_directory", "python"});
  CodeLocationEntry entry{.name = reader.text(table, "name"),
                          .executable = reader.text(table, "executable"),
                          .module = reader.text(table, "module"),
                          .file = reader.text(table, "file"),
                          .build = reader.text(table, "build"),
                          .attribute = reader.text(table, "attribute"),
                          .working_directory = reader.text(table, "working_directory"),
                          .python = reader.text(table, "python")};
  const int sources = !entry.executable.empty() + !entry.module.empty() + !entry.file.empty();
  if (sources != 1) reader.complain(table, "each of \"code_locations\" must have one of \"executable\", \"module\" and \"file\"");
  for (const char* key : {"attribute", "python"})
    if (table.contains(key) && !entry.executable.empty())
      reader.complain(*table.get(key), "\"" + std::string(key) + "\" is for a \"module\" or \"file\"");
  if (entry.name.empty())
    entry.name =
        !entry.module.empty() ? entry.module : fs::path(entry.file.empty() ? entry.executable : entry.file).filename().string();
  entry.executable = path_at(base, entry.executable);
  entry.file = path_at(base, entry.file);
  entry.working_directory = path_at(base, entry.working_directory.empty() ? "." : entry.working_directory);
  if (entry.python.find('/') != std::string::npos) entry.python = path_at(base, entry.python);  // else: found on the PATH
  return entry;
}

}  // namespace

fs::path base_of(const toml::node& node, const TomlSource& source) {
  return is_from_environment(node) ? source.start : source.folder;
}

std::vector<CodeLocationEntry> read_code_locations(TomlReader& reader, const toml::table& root, const TomlSource& source) {
  std::vector<CodeLocationEntry> entries;
  const auto* node = root.get("code_locations");
  if (!node) return entries;
  if (!node->is_array_of_tables() && !(node->is_array() && node->as_array()->empty())) {
    reader.complain(*node, "\"code_locations\" must be a list of tables: [[code_locations]]");
    return entries;
  }
  for (const auto& item : *node->as_array()) {
    auto entry = read_entry(reader, *item.as_table(), base_of(item, source));
    const auto same = [&](const CodeLocationEntry& other) { return other.name == entry.name; };
    if (std::any_of(entries.begin(), entries.end(), same))
      reader.complain(item, "two code locations are called \"" + entry.name + "\": give one of them another \"name\"");
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace headrace::config
