// Dagster's workspace.yaml: which code locations there are.
#pragma once

#include <filesystem>
#include <vector>

#include <config/headrace_toml.hpp>

namespace headrace::cli {

/// Errors name the file and the line. Texts may be {env: NAME}, looked up in `environment`.
Result<std::vector<config::CodeLocationEntry>> read_workspace_yaml(const std::filesystem::path& file,
                                                                   const config::Variables& environment);

}  // namespace headrace::cli
