#include <workspace_file.hpp>

#include <config/pyproject.hpp>
#include <workspace_yaml.hpp>

namespace headrace::cli {
namespace fs = std::filesystem;
namespace {

bool is_yaml(const fs::path& file) { return file.extension() == ".yaml" || file.extension() == ".yml"; }

}  // namespace

Result<fs::path> find_workspace_file(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / "headrace.toml", error)) return folder / "headrace.toml";
  const auto project = config::read_pyproject(folder / "pyproject.toml");
  if (!project) return tl::unexpected(project.error());
  if (!project->empty()) return folder / "pyproject.toml";
  if (fs::exists(folder / "workspace.yaml", error)) return folder / "workspace.yaml";
  return fs::path();
}

bool is_headrace_toml(const fs::path& file) { return !is_yaml(file) && file.filename() != "pyproject.toml"; }

Result<std::vector<config::CodeLocationEntry>> read_workspace_file(const fs::path& file, const config::Variables& environment) {
  return is_yaml(file) ? read_workspace_yaml(file, environment) : config::read_pyproject(file);
}

}  // namespace headrace::cli
