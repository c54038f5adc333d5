// What is wrong with loaded (or not loaded) code locations, each with its place.
#pragma once

#include <code_locations/workspace.hpp>
#include <text.hpp>

namespace headrace::cli {

struct WorkspaceProblem {
  std::string code_location;
  std::string file;  ///< empty: unknown
  int line = 0;      ///< 0: unknown
  std::string asset_key;
  std::string type, message, stack;
  bool is_error = true;  ///< false: a warning
};

/// Whether every code location is loaded or failed.
bool is_settled(const code_locations::WorkspaceSnapshot& workspace);
/// Of a settled workspace: failed loads, what does not fit together, and warnings.
std::vector<WorkspaceProblem> find_problems(const code_locations::WorkspaceSnapshot& workspace);

/// "definitions.py:6: asset two: error: …", with the stack below.
std::string to_text(const WorkspaceProblem& problem, const Style& style);
nlohmann::json to_json(const WorkspaceProblem& problem);

}  // namespace headrace::cli
