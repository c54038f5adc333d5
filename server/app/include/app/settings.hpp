// What a daemon is started with: from the command line and the environment.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <code_locations/code_location.hpp>
#include <code_locations/previews.hpp>
#include <core/result.hpp>
#include <runs/run_coordinator.hpp>
#include <storage/event_log.hpp>

namespace headrace::app {

/// The options of `headrace dev`, as given.
struct DevOptions {
  std::vector<std::string> modules, files, programs;
  std::string attribute, working_directory, python, compat, home;
  std::string config;  ///< headrace.toml; empty: none
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;
  std::string log_level = "info";
};

struct Settings {
  std::string host;
  std::uint16_t port = 0;
  std::filesystem::path home;
  std::filesystem::path working_directory;  ///< .env is read here
  std::vector<code_locations::LocationSpec> locations;
  storage::Options storage;
  runs::RunSettings runs;
  code_locations::PreviewLimits previews;
  std::chrono::milliseconds stop_limit{4'000};        ///< from SIGTERM to the exit
  std::chrono::milliseconds restart_delay{200};       ///< of a dead host, doubled each time
  std::chrono::milliseconds host_close_limit{2'000};  ///< for a host whose control socket has ended
};

/// Checks the options and fills in defaults; errors name the option and what to do.
/// `program` is how this command was called (argv[0]): Python is looked for beside it.
Result<Settings> make_settings(const DevOptions& options, const std::string& program);

/// The Python that code locations run under: `given`, else the one beside `program`, else $VIRTUAL_ENV's, else python3.
std::string find_python(const std::string& given, const std::string& program);

}  // namespace headrace::app
