// The environment of code locations' processes: the daemon's own less its secrets, plus .env, plus the protocol's variables.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <code_locations/code_location.hpp>
#include <storage/event_log.hpp>

namespace headrace::app {

struct EnvironmentSource {
  std::filesystem::path home;
  storage::Durability durability = storage::Durability::full;
};

/// Reads .env of the location's working directory anew each time; lines that make no sense become warnings with file and line.
Result<code_locations::ProcessEnvironment> make_environment(const EnvironmentSource& source,
                                                            const code_locations::LocationSpec& spec);

}  // namespace headrace::app
