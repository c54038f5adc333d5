// The file that says which code locations there are: headrace.toml, or Dagster's pyproject.toml or workspace.yaml.
#pragma once

#include <filesystem>
#include <vector>

#include <config/headrace_toml.hpp>

namespace headrace::cli {

/// The first of headrace.toml, pyproject.toml (with [tool.dagster] or [tool.dg]) and workspace.yaml in `folder`; empty: none.
Result<std::filesystem::path> find_workspace_file(const std::filesystem::path& folder);
/// Whether all settings stand in it, not only code locations.
bool is_headrace_toml(const std::filesystem::path& file);
/// The code locations of one that is not a headrace.toml.
Result<std::vector<config::CodeLocationEntry>> read_workspace_file(const std::filesystem::path& file,
                                                                   const config::Variables& environment);

}  // namespace headrace::cli
