// What a daemon is started with. The command line goes before variables, these before headrace.toml, that before the defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <code_locations/code_location.hpp>
#include <code_locations/previews.hpp>
#include <config/retention.hpp>
#include <core/result.hpp>
#include <runs/run_coordinator.hpp>
#include <storage/event_log.hpp>
#include <storage/retention.hpp>

namespace headrace::cli {

/// The options of commands that start a daemon, as given; empty: not given.
struct DaemonOptions {
  std::vector<std::string> modules, files, programs;
  std::string attribute, working_directory, python, compat, home, workspace, host, log_level, log_format;
  std::optional<std::uint16_t> port;
  bool is_service = false;
};

struct Settings {
  bool is_service = false;  ///< `headrace serve`
  std::string host;
  std::uint16_t port = 0;
  std::string token;                                    ///< empty: none
  std::vector<std::string> host_names;                  ///< under which the daemon answers besides addresses
  std::chrono::milliseconds guess_time{60'000};         ///< in which an address may send a few wrong tokens
  std::chrono::milliseconds session_time{604'800'000};  ///< for which a browser stays signed in
  std::vector<std::string> warnings;                    ///< of the settings, for the log
  std::filesystem::path workspace_file;  ///< where the code locations were read; empty: they were named on the command line
  std::filesystem::path home;
  std::filesystem::path working_directory;  ///< .env is read here
  std::string log_level, log_format;
  std::vector<code_locations::LocationSpec> locations;
  storage::Options storage;
  storage::Retention retention;
  std::chrono::milliseconds retention_pace{3'600'000};  ///< between two looks at what may be pruned
  runs::RunSettings runs;
  code_locations::PreviewLimits previews;
  std::chrono::milliseconds stop_limit{4'000};        ///< from SIGTERM to the exit
  std::chrono::milliseconds restart_delay{200};       ///< of a dead host, doubled each time
  std::chrono::milliseconds host_close_limit{2'000};  ///< for a host whose control socket has ended
};

/// Checks the options, reads headrace.toml and the variables, and fills in defaults; errors name the place and what to do.
/// `program` is how this command was called (argv[0]): Python is looked for beside it.
Result<Settings> make_settings(const DaemonOptions& options, const std::string& program);

/// The limits of [retention] as the event log takes them.
storage::Retention to_storage(const config::Retention& retention);

}  // namespace headrace::cli
