// `headrace init NAME [--cpp]`: the folder of a first project.
#pragma once

#include <filesystem>

#include <core/result.hpp>

namespace headrace::cli {

/// Writes the files of a project into a new (or empty) folder; they can be served as they are. The error names what is in the
/// way.
Result<void> init_project(const std::filesystem::path& folder, bool is_cpp);

}  // namespace headrace::cli
