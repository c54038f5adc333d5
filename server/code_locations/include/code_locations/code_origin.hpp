// What a code location's definitions were made from: for who reads the source files that they name.
#pragma once

#include <cstdint>
#include <string>

#include <code_locations/code_location.hpp>
#include <config/redaction.hpp>

namespace headrace::code_locations {

/// Immutable once made.
struct CodeOrigin {
  std::string working_directory;  ///< what the paths of sources are relative to
  std::int64_t load_began = 0;    ///< microseconds UTC: a source that changed since may not be what was loaded
  /// When the program that was loaded was written: a newer source is not in it. 0: the sources themselves are loaded.
  std::int64_t program_written = 0;
  config::Redactor redactor;  ///< of the secrets in the environment that it was loaded with
};

/// The values of the variables that the definitions call secret, or whose names say so.
config::Redactor redactor_of(const ProcessEnvironment& environment, const Definitions& definitions);

/// When a file was last written, microseconds UTC; 0: there is none.
std::int64_t time_written(const std::string& path);

}  // namespace headrace::code_locations
