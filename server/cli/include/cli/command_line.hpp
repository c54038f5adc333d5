// The command line: `headrace COMMAND …`. docs/reference/cli.md lists the commands and their exit statuses.
#pragma once

#include <functional>

#include <cli/foreground.hpp>
#include <cli/settings.hpp>

namespace headrace::cli {

/// What commands need of the composition root; each answers the exit status.
struct Programs {
  std::function<int(Settings)> serve;
  std::function<int(Settings, Foreground&)> run_in_foreground;
};

/// Reads the arguments, does what they say, answers the exit status.
int run(int argc, char** argv, const Programs& programs);

}  // namespace headrace::cli
