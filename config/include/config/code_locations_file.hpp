// The tables [[code_locations]] of headrace.toml:
//
//   [[code_locations]]
//   executable = "build/etl"        # a C++ code location; or: module = "my_package", or: file = "definitions.py"
//   build = "cmake --build build"   # run by sh before each load: "Reload definitions" compiles
//   name = "etl"                    # default: the executable's, module's or file's
//   working_directory = "etl"       # default: the folder of headrace.toml
//   attribute = "defs"              # of a module or file: which Definitions
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <core/result.hpp>

namespace headrace::config {

struct CodeLocationEntry {
  std::string name;
  std::string executable, module, file;  ///< one of them; paths as written
  std::string build, attribute, working_directory;
};

/// Errors name the file, the line and the key, with "did you mean".
Result<std::vector<CodeLocationEntry>> parse_code_locations(std::string_view text, const std::string& file);
Result<std::vector<CodeLocationEntry>> read_code_locations(const std::filesystem::path& file);

}  // namespace headrace::config
