// What a seed is: the code and its versions, the daemon's settings, how badly the world behaves, and how much happens in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <runs/run_coordinator.hpp>

#include "code.hpp"
#include "machine.hpp"

namespace headrace::simulator {

struct Scenario {
  Temper temper;
  runs::RunSettings settings;
  std::vector<LocationCode> code;
  std::vector<std::string> assets;
  std::map<std::string, Witness::Rules> rules;  ///< by asset key
  int launches = 1, cancels = 0, retries = 0, reloads = 0;
  int crashes = 0, stops = 0, reboots = 0, power_losses = 0, host_deaths = 0, kills = 0, full_disks = 0, clock_changes = 0;
  std::int64_t duration = 10 * k_second;  ///< in which all that happens; then everybody is left in peace
};

Scenario make_scenario(Random& random);

}  // namespace headrace::simulator
