// The environment of code locations' processes: the daemon's own less its secrets, plus .env, plus the protocol's variables.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <code_locations/code_location.hpp>
#include <storage/event_log.hpp>

namespace headrace::app {

struct EnvironmentSource {
  std::filesystem::path working_directory;  ///< where .env is
  std::filesystem::path home;
  storage::Durability durability = storage::Durability::full;
};

/// Reads .env anew each time. "NAME=value" items; an error for a malformed .env names file and line.
Result<std::vector<std::string>> make_environment(const EnvironmentSource& source, const code_locations::LocationSpec& spec);

}  // namespace headrace::app
