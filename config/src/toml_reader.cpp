#include <toml_reader.hpp>

#include <algorithm>
#include <core/asset_graph.hpp>

namespace headrace::config {

bool is_from_environment(const toml::node& node) { return node.source().path && node.source().path->starts_with("HEADRACE_"); }

void TomlReader::known_keys(const toml::table& table, const std::string& place, const std::vector<std::string>& known) {
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = closest_names(name, known, 1);
    complain(value,
             "unknown key \"" + name + "\" in " + place + (near.empty() ? "" : ". Did you mean \"" + near.front() + "\"?"));
  }
}

const toml::table* TomlReader::table(const toml::table& parent, const char* name) {
  const auto* node = parent.get(name);
  if (node && !node->is_table()) complain(*node, std::string("\"") + name + "\" must be a table");
  return node ? node->as_table() : nullptr;
}

std::string TomlReader::text(const toml::table& parent, const char* name) {
  const auto* node = parent.get(name);
  if (!node) return {};
  const auto value = node->value_exact<std::string>();
  if (!value || value->empty()) complain(*node, std::string("\"") + name + "\" must be a text");
  return value.value_or("");
}

std::vector<std::string> TomlReader::texts(const toml::table& parent, const char* name) {
  std::vector<std::string> all;
  const auto* node = parent.get(name);
  if (!node) return all;
  const auto* list = node->as_array();
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (const auto text = (*list)[i].value_exact<std::string>(); text && !text->empty()) all.push_back(*text);
  if (!list || all.size() != list->size()) complain(*node, "\"" + std::string(name) + "\" must be a list of texts");
  return all;
}

std::string TomlReader::choice(const toml::table& parent, const char* name, const std::vector<std::string>& choices) {
  auto value = text(parent, name);
  if (value.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  std::string all;
  for (std::size_t i = 0; i < choices.size(); ++i) all += (i == 0 ? "" : i + 1 < choices.size() ? ", " : " or ") + choices[i];
  complain(*parent.get(name), std::string("\"") + name + "\" must be " + all + "; it is \"" + value + "\"");
  return value;
}

std::int64_t TomlReader::number(const toml::node& node, const char* name, std::int64_t least, std::int64_t most) {
  const auto value = node.value_exact<std::int64_t>();
  if (value && *value >= least && *value <= most) return *value;
  complain(node,
           std::string("\"") + name + "\" must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return least;
}

int TomlReader::limit(const toml::node& node, const std::string& name) {
  const auto value = node.value_exact<std::int64_t>();
  if (value && *value >= 1 && *value <= 1'000'000) return static_cast<int>(*value);
  complain(node, "\"" + name + "\" must be a whole number of at least 1");
  return 0;
}

int TomlReader::limit_if(const toml::table& parent, const char* name) {
  const auto* node = parent.get(name);
  return node ? limit(*node, name) : 0;
}

void TomlReader::complain(const toml::node& node, const std::string& what) {
  if (!error_.empty()) return;
  const auto& source = node.source();
  error_ = source.path ? *source.path : "headrace.toml";
  if (!is_from_environment(node)) error_ += ":" + std::to_string(source.begin.line);
  error_ += ": " + what;
}

}  // namespace headrace::config
