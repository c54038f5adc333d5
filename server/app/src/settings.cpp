#include <app/settings.hpp>

#include <config/code_locations_file.hpp>
#include <config/concurrency_file.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <thread>

namespace headrace::app {
namespace fs = std::filesystem;
namespace {

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

/// Where the command was found: as it was called, without following links (a link in a virtual environment stays there).
fs::path folder_of(const std::string& program) {
  if (program.find('/') != std::string::npos) return fs::absolute(program).parent_path();
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty();) {
    const auto end = std::min(rest.find(':'), rest.size());
    fs::path folder(rest.substr(0, end));
    if (is_program(folder / program)) return fs::absolute(folder);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

/// A time limit from the environment, in milliseconds: HEADRACE_<NAME>_MS.
Result<void> take_limit(const char* variable, std::chrono::milliseconds& limit) {
  const char* text = std::getenv(variable);
  if (!text || !*text) return {};
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (*end || value < 0) return fail(ErrorCode::invalid, std::string(variable) + "=" + text + " is not a number of milliseconds");
  limit = std::chrono::milliseconds(value);
  return {};
}

Result<void> take_environment(Settings& settings) {
  for (auto [name, limit] : std::initializer_list<std::pair<const char*, std::chrono::milliseconds*>>{
           {"HEADRACE_CANCEL_GRACE_MS", &settings.runs.cancel_grace},
           {"HEADRACE_WORKER_BIRTH_MS", &settings.runs.birth_limit},
           {"HEADRACE_STORE_RETRY_MS", &settings.runs.store_retry},
           {"HEADRACE_STOP_LIMIT_MS", &settings.stop_limit},
           {"HEADRACE_HOST_RESTART_MS", &settings.restart_delay},
           {"HEADRACE_HOST_CLOSE_MS", &settings.host_close_limit},
           {"HEADRACE_PREVIEW_MS", &settings.previews.time}}) {
    if (auto taken = take_limit(name, *limit); !taken) return taken;
  }
  if (const char* durability = std::getenv("HEADRACE_DURABILITY"); durability && *durability) {
    const std::string value = durability;
    if (value != "full" && value != "fast")
      return fail(ErrorCode::invalid, "HEADRACE_DURABILITY=" + value + " must be full or fast");
    settings.storage.durability = value == "fast" ? storage::Durability::fast : storage::Durability::full;
  }
  return {};
}

code_locations::LocationSpec python_location(const std::string& name, std::vector<std::string> target, const DevOptions& options,
                                             const std::string& python, const fs::path& working_directory) {
  code_locations::LocationSpec spec{
      .name = name, .argv = {python, "-m", "headrace.host"}, .working_directory = working_directory.string()};
  spec.argv.insert(spec.argv.end(), target.begin(), target.end());
  if (!options.attribute.empty()) spec.argv.insert(spec.argv.end(), {"-a", options.attribute});
  if (!options.compat.empty()) spec.argv.insert(spec.argv.end(), {"--compat", options.compat});
  return spec;
}

/// Those of headrace.toml; relative paths start at its folder.
Result<void> add_locations_of_file(Settings& settings, const fs::path& file, const DevOptions& options,
                                   const std::string& python) {
  auto entries = config::read_code_locations(file);
  if (!entries) return fail(ErrorCode::invalid, "-w: " + entries.error().message);
  for (const auto& entry : *entries) {
    const fs::path folder = fs::absolute(file).parent_path(), directory = (folder / entry.working_directory).lexically_normal();
    DevOptions own = options;
    own.attribute = entry.attribute;
    auto location =
        !entry.module.empty() ? python_location(entry.name, {"-m", entry.module}, own, python, directory)
        : !entry.file.empty()
            ? python_location(entry.name, {"-f", (folder / entry.file).string()}, own, python, directory)
            : code_locations::LocationSpec{
                  .name = entry.name, .argv = {(folder / entry.executable).lexically_normal()}, .working_directory = directory};
    location.build = entry.build;
    settings.locations.push_back(std::move(location));
  }
  return {};
}

Result<void> check_names(const std::vector<code_locations::LocationSpec>& locations) {
  std::set<std::string> names;
  for (const auto& location : locations) {
    if (!names.insert(location.name).second)
      return fail(ErrorCode::invalid,
                  "two code locations are called \"" + location.name + "\": each -m, -f and --exe must give another name");
    if (location.name.empty() || location.name.find('/') != std::string::npos || location.name.front() == '.')
      return fail(ErrorCode::invalid, "\"" + location.name + "\" cannot be the name of a code location");
  }
  return {};
}

}  // namespace

std::string find_python(const std::string& given, const std::string& program) {
  if (!given.empty()) return given;
  const fs::path folder = folder_of(program);
  if (!folder.empty() && is_program(folder / "python")) return (folder / "python").string();
  if (const char* environment = std::getenv("VIRTUAL_ENV"); environment && is_program(fs::path(environment) / "bin" / "python"))
    return (fs::path(environment) / "bin" / "python").string();
  return "python3";
}

Result<Settings> make_settings(const DevOptions& options, const std::string& program) {
  Settings settings;
  settings.host = options.host;
  settings.port = options.port;
  std::error_code error;
  const fs::path start = fs::current_path(error);
  settings.working_directory =
      options.working_directory.empty() ? start : fs::weakly_canonical(start / options.working_directory, error);
  if (!fs::is_directory(settings.working_directory, error))
    return fail(ErrorCode::invalid, "-d: the working directory \"" + options.working_directory + "\" does not exist");
  if (!options.compat.empty() && options.compat != "dagster")
    return fail(ErrorCode::invalid, "--compat: \"" + options.compat + "\" is not known; the one choice is dagster");
  const char* home = std::getenv("HEADRACE_HOME");
  settings.home = !options.home.empty() ? start / options.home : home && *home ? start / home : start / ".headrace";

  const std::string python = find_python(options.python, program);
  for (const auto& module : options.modules)
    settings.locations.push_back(python_location(module, {"-m", module}, options, python, settings.working_directory));
  for (const auto& file : options.files)
    settings.locations.push_back(
        python_location(fs::path(file).filename().string(), {"-f", file}, options, python, settings.working_directory));
  for (const auto& exe : options.programs) {
    settings.locations.push_back({.name = fs::path(exe).filename().string(),
                                  .argv = {fs::absolute(exe).string()},
                                  .working_directory = settings.working_directory.string()});
  }
  if (!options.config.empty())
    if (auto added = add_locations_of_file(settings, start / options.config, options, python); !added)
      return tl::unexpected(added.error());
  if (settings.locations.empty())
    return fail(ErrorCode::invalid, "name a code location: -m MODULE, -f FILE.py, --exe PROGRAM or -w headrace.toml");
  if (auto checked = check_names(settings.locations); !checked) return tl::unexpected(checked.error());
  if (!options.config.empty()) {
    auto limits = config::read_concurrency(start / options.config);
    if (!limits) return fail(ErrorCode::invalid, "-w: " + limits.error().message);
    settings.runs.limits = std::move(*limits);
  }
  const auto wanted = static_cast<std::size_t>(settings.runs.limits.workers_per_run);
  settings.runs.most_workers_per_run = wanted > 0 ? wanted : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
  if (auto taken = take_environment(settings); !taken) return tl::unexpected(taken.error());
  return settings;
}

}  // namespace headrace::app
