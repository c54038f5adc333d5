#include <config/code_locations_file.hpp>

#include <toml_reader.hpp>

namespace headrace::config {
namespace {

CodeLocationEntry read_entry(TomlReader& reader, const toml::table& table) {
  reader.known_keys(table, "[[code_locations]]",
                    {"name", "executable", "module", "file", "build", "attribute", "working_directory"});
  CodeLocationEntry entry{.name = reader.text(table, "name"),
                          .executable = reader.text(table, "executable"),
                          .module = reader.text(table, "module"),
                          .file = reader.text(table, "file"),
                          .build = reader.text(table, "build"),
                          .attribute = reader.text(table, "attribute"),
                          .working_directory = reader.text(table, "working_directory")};
  const int sources = !entry.executable.empty() + !entry.module.empty() + !entry.file.empty();
  if (sources != 1) reader.complain(table, "each of \"code_locations\" must have one of \"executable\", \"module\" and \"file\"");
  if (!entry.attribute.empty() && !entry.executable.empty())
    reader.complain(table, "\"attribute\" is for a \"module\" or \"file\"");
  if (entry.name.empty()) {
    entry.name = !entry.module.empty()
                     ? entry.module
                     : std::filesystem::path(entry.file.empty() ? entry.executable : entry.file).filename().string();
  }
  return entry;
}

}  // namespace

Result<std::vector<CodeLocationEntry>> parse_code_locations(std::string_view text, const std::string& file) {
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) return toml_error(parsed, file);
  TomlReader reader(file);
  std::vector<CodeLocationEntry> entries;
  if (const auto* node = parsed.table().get("code_locations")) {
    if (!node->is_array_of_tables()) reader.complain(*node, "\"code_locations\" must be a list of tables: [[code_locations]]");
    if (const auto* list = node->is_array_of_tables() ? node->as_array() : nullptr)
      for (const auto& item : *list) entries.push_back(read_entry(reader, *item.as_table()));
  }
  if (!reader.error().empty()) return fail(ErrorCode::invalid, reader.error());
  return entries;
}

Result<std::vector<CodeLocationEntry>> read_code_locations(const std::filesystem::path& file) {
  auto text = read_toml(file);
  if (!text) return tl::unexpected(text.error());
  return parse_code_locations(*text, file.filename().string());
}

}  // namespace headrace::config
