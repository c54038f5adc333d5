// The daemon's own check of definitions, and its selections: the same code, so that the same errors come before the daemon is
// asked.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace headrace::checked_graph {

/// Empty: definitions that the daemon will take; else what is wrong with them.
std::string complaint_about(const nlohmann::json& definitions);
/// Step keys of the selected assets, upstream first. Throws std::runtime_error with the selection's error.
std::vector<std::string> plan(const nlohmann::json& definitions, const std::string& selection);

}  // namespace headrace::checked_graph
