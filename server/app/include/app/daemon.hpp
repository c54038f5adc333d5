// The composition root: every part of the daemon, made in order and stopped in reverse.
#pragma once

#include <cli/foreground.hpp>
#include <cli/settings.hpp>

namespace headrace::app {

/// Serves until SIGTERM or SIGINT; the exit status of the process. The thread that calls is the I/O thread.
/// SIGTERM: gives out no more steps, commits, exits; running steps finish and are adopted by the next start.
/// SIGINT: cancels running steps, waits for their end, exits; a second one kills them at once.
int serve(cli::Settings settings);

/// The same engine for one command: nothing listens, and it ends when the command says so. SIGTERM and SIGHUP are as SIGINT.
int run_in_foreground(cli::Settings settings, cli::Foreground& command);

}  // namespace headrace::app
