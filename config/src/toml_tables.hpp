// The tables of headrace.toml, each read by a source of its own. Private to config.
#pragma once

#include <config/headrace_toml.hpp>
#include <toml_reader.hpp>

namespace headrace::config {

ConcurrencyLimits read_concurrency(TomlReader& reader, const toml::table& table);
Retention read_retention(TomlReader& reader, const toml::table& table);
/// Relative paths start at `source.folder`, those of a variable at `source.start`.
std::vector<CodeLocationEntry> read_code_locations(TomlReader& reader, const toml::table& root, const TomlSource& source);

/// The whole of a TOML file; the error says that it cannot be read.
Result<TomlSource> read_toml_source(const std::filesystem::path& file);

/// Where a relative path of this node starts.
std::filesystem::path base_of(const toml::node& node, const TomlSource& source);

/// The keys that `table` may have ("": the file itself): from setting_names().
std::vector<std::string> keys_of(std::string_view table);

}  // namespace headrace::config
