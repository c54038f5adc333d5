#include <cstdio>
#include <commands.hpp>

namespace headrace::cli {

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description, const std::string& examples) {
  auto* command = parent.add_subcommand(name, description);
  command->set_help_flag("--help", "Show this text");
  if (!examples.empty()) command->footer("Examples:\n" + examples);
  return command;
}

int complain(const std::string& command, const std::string& message, int status) {
  std::fprintf(stderr, "headrace %s: %s\n", command.c_str(), message.c_str());
  return status;
}

int run(int argc, char** argv, const Programs& programs) {
  CLI::App app("Headrace: data assets, declared as functions, materialized, recorded and shown.", "headrace");
  app.set_help_flag("-h,--help", "Show this text; `headrace COMMAND --help` says more");
  app.set_version_flag("--version", std::string("headrace ") + HEADRACE_VERSION);
  app.require_subcommand(1);
  Action chosen;
  const CommandLine line{app, chosen, programs, argv[0]};
  add_serve_commands(line);
  add_materialize_command(line);
  add_validate_command(line);
  add_asset_commands(line);
  add_run_commands(line);
  add_code_location_commands(line);
  add_init_command(line);
  add_storage_commands(line);
  add_completion_command(line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? k_done : k_usage;
  }
  return chosen();
}

}  // namespace headrace::cli
