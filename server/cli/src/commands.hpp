// The commands, each added by a source of its own: options on the parser, and what to do once they are read.
#pragma once

#include <CLI/CLI.hpp>
#include <cli/command_line.hpp>
#include <exit_status.hpp>

namespace headrace::cli {

/// Set by the command that was given; answers the exit status. Empty: none was.
using Action = std::function<int()>;

struct CommandLine {
  CLI::App& app;
  Action& chosen;
  const Programs& programs;
  std::string program;  ///< how this command was called (argv[0])
};

void add_serve_commands(const CommandLine& line);    // dev, serve
void add_storage_commands(const CommandLine& line);  // storage rebuild, backup, prune, check
void add_init_command(const CommandLine& line);
void add_materialize_command(const CommandLine& line);
void add_validate_command(const CommandLine& line);        // definitions validate
void add_asset_commands(const CommandLine& line);          // asset list, show
void add_run_commands(const CommandLine& line);            // run list, show, cancel
void add_code_location_commands(const CommandLine& line);  // code-location list, reload
void add_completion_command(const CommandLine& line);

/// -m, -f, --exe, -w, -a, -d, --python, --compat, --home, --log-level: which code, and where what happens is kept.
void add_location_options(CLI::App& command, DaemonOptions& options);

/// A subcommand with its help, and examples below it. The caller adds options, then calls its callback().
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description, const std::string& examples);

/// "headrace COMMAND: message" on stderr; answers `status`.
int complain(const std::string& command, const std::string& message, int status);

}  // namespace headrace::cli
