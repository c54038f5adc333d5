// What the exit status of every command says; scripts rely on it (docs/reference/cli.md).
#pragma once

namespace headrace::cli {

enum ExitStatus : int {
  k_done = 0,
  k_failed = 1,        ///< it was tried and did not succeed: a run failed, definitions are not valid, a file cannot be written
  k_usage = 2,         ///< the command line, a variable or headrace.toml is wrong; nothing was tried
  k_no_daemon = 3,     ///< no daemon answers
  k_not_found = 4,     ///< the daemon knows no such asset, run or code location
  k_interrupted = 130  ///< SIGINT
};

}  // namespace headrace::cli
