// Reading headrace.toml: tables key by key, with errors that name the file and the line, or the variable.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <core/result.hpp>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace headrace::config {

/// Nodes know where they came from, but copies of them do not: never copy one (toml++ drops the place).
/// Reads tables key by key and keeps the first thing that is wrong.
class TomlReader {
 public:
  /// Refuses keys that are not known, with "did you mean".
  void known_keys(const toml::table& table, const std::string& place, const std::vector<std::string>& known);
  const toml::table* table(const toml::table& parent, const char* name);        ///< null: not there
  std::string text(const toml::table& parent, const char* name);                ///< "": not there
  std::vector<std::string> texts(const toml::table& parent, const char* name);  ///< a list; empty: not there
  std::string choice(const toml::table& parent, const char* name, const std::vector<std::string>& choices);
  int limit(const toml::node& node, const std::string& name);  ///< a whole number of at least 1
  int limit_if(const toml::table& parent, const char* name);   ///< 0: not there
  std::int64_t number(const toml::node& node, const char* name, std::int64_t least, std::int64_t most);
  void complain(const toml::node& node, const std::string& what);
  const std::string& error() const { return error_; }

 private:
  std::string error_;
};

/// Whether the node was given by a variable; then its place is the variable's name.
bool is_from_environment(const toml::node& node);

}  // namespace headrace::config
