// The environment of code locations' processes: the daemon's own less its secrets, then .env, then what the daemon adds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <config/dotenv.hpp>

namespace headrace::config {

/// This process's variables. Not safe against a concurrent setenv (nobody here calls it).
Variables process_environment();

/// What no child process may see: the daemon's token and credentials, and what systemd says to the daemon.
bool is_for_daemon_alone(std::string_view name);

/// "NAME=value" items for exec. Later lists override earlier ones; what is for the daemon alone is in none, wherever it
/// came from; names that no environment can hold (empty, with "=" or a zero byte) are left out.
std::vector<std::string> child_environment(const Variables& own, const Variables& dotenv, const Variables& added);

}  // namespace headrace::config
