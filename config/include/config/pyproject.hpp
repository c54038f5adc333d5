// pyproject.toml's [tool.dagster] and [tool.dg.project]: which module holds the definitions, as Dagster reads it.
#pragma once

#include <filesystem>
#include <vector>

#include <config/headrace_toml.hpp>

namespace headrace::config {

/// Empty where the file says nothing of code locations. Errors name the file and the line.
Result<std::vector<CodeLocationEntry>> parse_pyproject(const TomlSource& source);
/// Empty too where there is no such file.
Result<std::vector<CodeLocationEntry>> read_pyproject(const std::filesystem::path& file);

}  // namespace headrace::config
