#include <cli/settings.hpp>

#include <config/environment.hpp>
#include <config/headrace_toml.hpp>
#include <config/token.hpp>

#include <algorithm>
#include <cstdlib>
#include <find_python.hpp>
#include <set>
#include <thread>
#include <workspace_file.hpp>

namespace headrace::cli {
namespace fs = std::filesystem;
namespace {

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

Result<void> take_limits(Settings& settings) {
  for (auto [name, limit] : std::initializer_list<std::pair<const char*, std::chrono::milliseconds*>>{
           {"HEADRACE_CANCEL_GRACE_MS", &settings.runs.cancel_grace},
           {"HEADRACE_WORKER_BIRTH_MS", &settings.runs.birth_limit},
           {"HEADRACE_STORE_RETRY_MS", &settings.runs.store_retry},
           {"HEADRACE_STOP_LIMIT_MS", &settings.stop_limit},
           {"HEADRACE_HOST_RESTART_MS", &settings.restart_delay},
           {"HEADRACE_HOST_CLOSE_MS", &settings.host_close_limit},
           {"HEADRACE_PREVIEW_MS", &settings.previews.time},
           {"HEADRACE_RETENTION_MS", &settings.retention_pace},
           {"HEADRACE_GUESS_MS", &settings.guess_time},
           {"HEADRACE_SESSION_MS", &settings.session_time}}) {
    if (auto taken = take_limit(name, *limit); !taken) return taken;
  }
  return {};
}

/// What all Python code locations have in common.
struct PythonDefaults {
  std::string python, attribute, compat;
};

code_locations::LocationSpec python_location(const std::string& name, std::vector<std::string> target,
                                             const PythonDefaults& defaults, const std::string& working_directory) {
  code_locations::LocationSpec spec{
      .name = name, .argv = {defaults.python, "-m", "headrace.host"}, .working_directory = working_directory};
  spec.argv.insert(spec.argv.end(), target.begin(), target.end());
  if (!defaults.attribute.empty()) spec.argv.insert(spec.argv.end(), {"-a", defaults.attribute});
  if (!defaults.compat.empty()) spec.argv.insert(spec.argv.end(), {"--compat", defaults.compat});
  return spec;
}

/// Those of -m, -f and --exe.
void add_named_locations(Settings& settings, const DaemonOptions& options, const PythonDefaults& defaults) {
  const std::string directory = settings.working_directory.string();
  for (const auto& module : options.modules)
    settings.locations.push_back(python_location(module, {"-m", module}, defaults, directory));
  for (const auto& file : options.files)
    settings.locations.push_back(python_location(fs::path(file).filename().string(), {"-f", file}, defaults, directory));
  for (const auto& exe : options.programs) {
    settings.locations.push_back(
        {.name = fs::path(exe).filename().string(), .argv = {fs::absolute(exe).string()}, .working_directory = directory});
  }
}

/// Those of headrace.toml.
void add_entries(Settings& settings, const std::vector<config::CodeLocationEntry>& entries, const PythonDefaults& defaults) {
  for (const auto& entry : entries) {
    PythonDefaults own = defaults;
    own.attribute = entry.attribute;
    if (!entry.python.empty()) own.python = entry.python;
    auto location = !entry.module.empty() ? python_location(entry.name, {"-m", entry.module}, own, entry.working_directory)
                    : !entry.file.empty()
                        ? python_location(entry.name, {"-f", entry.file}, own, entry.working_directory)
                        : code_locations::LocationSpec{
                              .name = entry.name, .argv = {entry.executable}, .working_directory = entry.working_directory};
    location.build = entry.build;
    settings.locations.push_back(std::move(location));
  }
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

bool names_locations(const DaemonOptions& options) {
  return !options.modules.empty() || !options.files.empty() || !options.programs.empty();
}

/// The file that -w names, else the one that is found; empty where the code locations are on the command line.
Result<fs::path> choose_workspace_file(const DaemonOptions& options, const fs::path& start, const fs::path& working_directory) {
  if (!options.workspace.empty()) return start / options.workspace;
  if (names_locations(options)) return fs::path();
  return find_workspace_file(working_directory);
}

/// What headrace.toml and the variables say; where another file names the code locations, with those.
Result<config::HeadraceToml> read_workspace(const fs::path& file) {
  const auto environment = config::process_environment();
  const bool is_toml = file.empty() || is_headrace_toml(file);
  auto toml = config::read_headrace_toml(is_toml ? file : fs::path(), environment);
  if (!toml || is_toml || !toml->code_locations.empty()) return toml;
  auto entries = read_workspace_file(file, environment);
  if (!entries) return tl::unexpected(entries.error());
  toml->code_locations = std::move(*entries);
  return toml;
}

Result<fs::path> find_working_directory(const DaemonOptions& options, const fs::path& start) {
  std::error_code error;
  const fs::path found =
      options.working_directory.empty() ? start : fs::weakly_canonical(start / options.working_directory, error);
  if (!fs::is_directory(found, error))
    return fail(ErrorCode::invalid, "-d: the working directory \"" + options.working_directory + "\" does not exist");
  return found;
}

/// Everything but the code locations.
void take_toml(Settings& settings, const config::HeadraceToml& toml, const DaemonOptions& options, const fs::path& start) {
  const auto either = [](const std::string& first, const std::string& second, const char* last) {
    return !first.empty() ? first : !second.empty() ? second : last;
  };
  settings.is_service = options.is_service;
  settings.host = either(options.host, toml.host, "127.0.0.1");
  settings.port = options.port.value_or(toml.port.value_or(3000));
  settings.home = start / either(options.home, toml.home, ".headrace");
  settings.log_level = either(options.log_level, toml.log_level, "info");
  settings.log_format = either(options.log_format, toml.log_format, "text");
  settings.host_names = toml.host_names;
  settings.retention = to_storage(toml.retention);
  if (toml.durability == "fast") settings.storage.durability = storage::Durability::fast;
  settings.runs.limits = toml.concurrency;
  const auto wanted = static_cast<std::size_t>(toml.concurrency.workers_per_run);
  settings.runs.most_workers_per_run = wanted > 0 ? wanted : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
}

}  // namespace

Result<Settings> make_settings(const DaemonOptions& options, const std::string& program) {
  Settings settings;
  std::error_code error;
  const fs::path start = fs::current_path(error);
  auto working_directory = find_working_directory(options, start);
  if (!working_directory) return tl::unexpected(working_directory.error());
  settings.working_directory = std::move(*working_directory);
  if (!options.compat.empty() && options.compat != "dagster")
    return fail(ErrorCode::invalid, "--compat: \"" + options.compat + "\" is not known; the one choice is dagster");

  auto workspace_file = choose_workspace_file(options, start, settings.working_directory);
  if (!workspace_file) return tl::unexpected(workspace_file.error());
  settings.workspace_file = std::move(*workspace_file);
  const auto toml = read_workspace(settings.workspace_file);
  if (!toml) return tl::unexpected(toml.error());
  take_toml(settings, *toml, options, start);
  const auto token = config::find_token(config::process_environment(), toml->token_file);
  if (!token) return tl::unexpected(token.error());
  settings.token = token->text;
  if (!token->warning.empty()) settings.warnings.push_back(token->warning);
  config::forget_token_variable();
  if (auto taken = take_limits(settings); !taken) return tl::unexpected(taken.error());

  const PythonDefaults defaults{find_python(!options.python.empty() ? options.python : toml->python, program), options.attribute,
                                options.compat};
  add_named_locations(settings, options, defaults);
  if (!settings.workspace_file.empty() || !names_locations(options)) add_entries(settings, toml->code_locations, defaults);
  if (settings.locations.empty())
    return fail(ErrorCode::invalid,
                settings.workspace_file.empty()
                    ? "name a code location: -m MODULE, -f FILE.py, --exe PROGRAM or -w headrace.toml (none of "
                      "headrace.toml, pyproject.toml with [tool.dagster] and workspace.yaml is in " +
                          settings.working_directory.string() + ")"
                    : "\"" + settings.workspace_file.string() + "\" names no code location");
  if (auto checked = check_names(settings.locations); !checked) return tl::unexpected(checked.error());
  return settings;
}

storage::Retention to_storage(const config::Retention& retention) {
  return {std::chrono::duration_cast<std::chrono::microseconds>(retention.max_age).count(), retention.max_bytes,
          retention.keep_runs};
}

}  // namespace headrace::cli
