// headrace.toml and its twin in the environment: every value of the file may also be given as a variable, which goes before the
// file. docs/reference/configuration.md says what each means; setting_names() is the list that both are held against.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <config/dotenv.hpp>
#include <config/retention.hpp>
#include <core/concurrency.hpp>

namespace headrace::config {

/// One of [[code_locations]]: paths are absolute, or as written where the text came from nowhere.
struct CodeLocationEntry {
  std::string name;
  std::string executable, module, file;  ///< one of them
  std::string build, attribute, working_directory;
  std::string python;  ///< empty: the daemon's choice
};

struct HeadraceToml {
  std::string home;        ///< empty: not said
  std::string durability;  ///< "", "full" or "fast"
  std::string python;      ///< of code locations that name none
  std::string host;        ///< empty: not said
  std::optional<std::uint16_t> port;
  std::string token_file;  ///< the token itself is no key: a secret has no place in a file that is shared
  std::vector<std::string> host_names;
  std::string log_level, log_format;
  ConcurrencyLimits concurrency;
  Retention retention;
  std::vector<CodeLocationEntry> code_locations;
};

/// `file` is what errors call it; relative paths start at `folder`, those from variables where the process started (`start`).
struct TomlSource {
  std::string text;
  std::string file = "headrace.toml";
  std::filesystem::path folder, start;
};

/// Errors name the file and the line, or the variable, and the key, with "did you mean". An empty text: variables alone.
Result<HeadraceToml> parse_headrace_toml(const TomlSource& source, const Variables& environment);
/// The same of a file; an empty path: variables alone.
Result<HeadraceToml> read_headrace_toml(const std::filesystem::path& file, const Variables& environment);

/// "[server] port" and "HEADRACE_PORT": every setting with its variable.
struct SettingName {
  std::string table, key, variable;
};
const std::vector<SettingName>& setting_names();

}  // namespace headrace::config
