#include <code_locations/code_origin.hpp>

#include <config/secret_name.hpp>
#include <sys/stat.h>

#include <set>

namespace headrace::code_locations {
namespace {

std::set<std::string, std::less<>> secret_variables(const Definitions& definitions) {
  std::set<std::string, std::less<>> names;
  const auto add = [&](const std::vector<ConfigField>& config) {
    for (const auto& field : config)
      if (field.is_secret && !field.env_var.empty()) names.insert(field.env_var);
  };
  for (const auto& resource : definitions.resources) add(resource.config);
  for (const auto& asset : definitions.assets) add(asset.config);
  return names;
}

bool is_path(std::string_view value) { return value.starts_with("/") || value.starts_with("./"); }

}  // namespace

config::Redactor redactor_of(const ProcessEnvironment& environment, const Definitions& definitions) {
  config::Redactor redactor;
  const auto names = secret_variables(definitions);
  for (const auto& item : environment.items) {
    const auto equals = item.find('=');
    if (equals == std::string::npos) continue;
    const auto name = item.substr(0, equals);
    std::string_view value = std::string_view(item).substr(equals + 1);
    if (!names.contains(name) && (!config::is_secret_name(name) || is_path(value))) continue;
    // Line by line: a source keeps its line numbers.
    while (!value.empty()) {
      const auto end = std::min(value.find('\n'), value.size());
      redactor.add(value.substr(0, end));
      value.remove_prefix(std::min(end + 1, value.size()));
    }
  }
  return redactor;
}

std::int64_t time_written(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000 + status.st_mtim.tv_nsec / 1000;
}

}  // namespace headrace::code_locations
