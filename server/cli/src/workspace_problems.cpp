#include <workspace_problems.hpp>

#include <algorithm>

namespace headrace::cli {
namespace {

using code_locations::LocationState;
using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int line_of(const json& object) {
  const auto found = object.find("line");
  return found != object.end() && found->is_number_integer() ? found->get<int>() : 0;
}

WorkspaceProblem problem_of(const std::string& location, const json& error) {
  const auto to_blame = text_of(error, "code_location");
  return {.code_location = to_blame.empty() ? location : to_blame,
          .file = text_of(error, "file"),
          .line = line_of(error),
          .asset_key = text_of(error, "asset_key"),
          .type = text_of(error, "type"),
          .message = text_of(error, "message"),
          .stack = text_of(error, "stack")};
}

}  // namespace

bool is_settled(const code_locations::WorkspaceSnapshot& workspace) {
  return std::all_of(workspace.locations.begin(), workspace.locations.end(),
                     [](const auto& location) { return location.state != LocationState::loading && !location.reloading; });
}

std::vector<WorkspaceProblem> find_problems(const code_locations::WorkspaceSnapshot& workspace) {
  std::vector<WorkspaceProblem> problems;
  std::vector<std::shared_ptr<const Definitions>> loaded;
  for (const auto& location : workspace.locations) {
    if (location.error.is_object()) problems.push_back(problem_of(location.name, location.error));
    if (location.definitions) loaded.push_back(location.definitions);
    for (const auto& warning : location.warnings)
      problems.push_back({.code_location = location.name, .message = warning, .is_error = false});
  }
  // A location that came early may read what a later one was to define.
  if (loaded.size() == workspace.locations.size()) {
    if (const auto graph = AssetGraph::build(loaded, {}); !graph) {
      auto error = graph.error().detail;
      error["type"] = "DagsterInvalidDefinitionError";
      error["message"] = graph.error().message;
      problems.push_back(problem_of(text_of(error, "code_location"), error));
    }
  }
  return problems;
}

std::string to_text(const WorkspaceProblem& problem, const Style& style) {
  std::string place = problem.file.empty() ? problem.code_location : problem.file;
  if (problem.line > 0) place += ":" + std::to_string(problem.line);
  std::string text = style.bold(printable(place)) + ": ";
  if (!problem.asset_key.empty()) text += "asset " + printable(problem.asset_key) + ": ";
  text += problem.is_error ? style.red("error") : style.yellow("warning");
  text += ": " + (problem.type.empty() ? "" : problem.type + ": ") + printable(problem.message);
  if (!problem.stack.empty()) text += "\n" + style.dim(printable(problem.stack));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

json to_json(const WorkspaceProblem& problem) {
  const auto or_null = [](const std::string& text) { return text.empty() ? json() : json(text); };
  return {{"severity", problem.is_error ? "error" : "warning"},
          {"code_location", problem.code_location},
          {"file", or_null(problem.file)},
          {"line", problem.line > 0 ? json(problem.line) : json()},
          {"asset_key", or_null(problem.asset_key)},
          {"type", or_null(problem.type)},
          {"message", problem.message},
          {"stack", or_null(problem.stack)}};
}

}  // namespace headrace::cli
