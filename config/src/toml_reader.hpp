// Reading headrace.toml: tables key by key, with errors that name the file, the line and the key.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <core/asset_graph.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace headrace::config {

/// Reads tables key by key and keeps the first thing that is wrong.
class TomlReader {
 public:
  explicit TomlReader(std::string file) : file_(std::move(file)) {}

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

inline tl::unexpected<Error> toml_error(const toml::parse_result& parsed, const std::string& file) {
  return fail(ErrorCode::invalid,
              file + ":" + std::to_string(parsed.error().source().begin.line) + ": " + std::string(parsed.error().description()));
}

inline Result<std::string> read_toml(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream || text.fail()) return fail(ErrorCode::invalid, "cannot read \"" + file.string() + "\"");
  return text.str();
}

}  // namespace headrace::config
