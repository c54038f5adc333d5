// `headrace dev` and `headrace serve`: the same daemon, on a developer's terminal and as a service.
#include <commands.hpp>
#include <logging.hpp>
#include <spdlog/spdlog.h>

namespace headrace::cli {
namespace {

int run_daemon(const std::string& command, const DaemonOptions& options, const CommandLine& line) {
  auto settings = make_settings(options, line.program);
  if (!settings) return complain(command, settings.error().message, k_usage);
  set_up_logging(settings->log_level, settings->log_format);
  if (!settings->workspace_file.empty()) spdlog::info("code locations: {}", settings->workspace_file.string());
  for (const auto& warning : settings->warnings) spdlog::warn("{}", warning);
  return line.programs.serve(std::move(*settings));
}

}  // namespace

void add_location_options(CLI::App& command, DaemonOptions& options) {
  command.add_option("-m,--module-name", options.modules, "Python module with the definitions; may be given more than once");
  command.add_option("-f,--python-file", options.files, "Python file with the definitions; may be given more than once");
  command.add_option("--exe", options.programs, "Program that is a code location (C++ SDK); may be given more than once");
  command.add_option("-w,--workspace", options.workspace,
                     "headrace.toml: code locations, and all other settings; or a workspace.yaml or pyproject.toml");
  command.add_option("-a,--attribute", options.attribute, "Name of the definitions in the module or file");
  command.add_option("-d,--working-directory", options.working_directory, "Where the code runs and .env is read (default: here)");
  command.add_option("--python", options.python, "Python interpreter for the code locations");
  command.add_option("--compat", options.compat, "Whose imports to answer even if they are installed: dagster");
  command.add_option("--home", options.home,
                     "Folder for the event log, logs and values (default: $HEADRACE_HOME, else .headrace)");
  command.add_option("--log-level", options.log_level, "debug, info, warning or error (default: info)")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  command.add_option("--log-format", options.log_format, "text, or json: one object a line (default: text)")
      ->check(CLI::IsMember({"text", "json"}));
}

void add_serve_commands(const CommandLine& line) {
  const auto add = [&line](const std::string& name, const char* description, const char* examples, bool is_service) {
    const auto options = std::make_shared<DaemonOptions>();
    options->is_service = is_service;
    auto* command = add_command(line.app, name, description, examples);
    add_location_options(*command, *options);
    command->add_option("-h,--host", options->host, "Address to listen on (default: 127.0.0.1)");
    command->add_option("-p,--port", options->port, "Port to listen on; 0 takes a free one (default: 3000)");
    command->callback([options, name, line] { line.chosen = [=] { return run_daemon(name, *options, line); }; });
  };
  add("dev", "Serve code locations: load their definitions, run them, show them in the browser",
      "  headrace dev                          what headrace.toml, pyproject.toml or workspace.yaml here says\n"
      "  headrace dev -m my_package            a Python module\n"
      "  headrace dev -f definitions.py -p 0   a file, on a free port\n"
      "  headrace dev --exe build/etl          a C++ program",
      false);
  add("serve", "The same daemon as a service: reads headrace.toml; running steps outlive a restart",
      "  headrace serve                                    what headrace.toml here says\n"
      "  headrace serve -w /etc/headrace/headrace.toml --home /var/lib/headrace",
      true);
}

}  // namespace headrace::cli
