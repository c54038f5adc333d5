// The environment of code locations' processes: the daemon's own less its secrets, then .env, then what the daemon adds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <config/dotenv.hpp>

namespace headrace::config {

/// This process's variables. Not safe against a concurrent setenv (nobody here calls it).
Variables process_environment();

/// The daemon's own secrets, which no child process may see (HEADRACE_TOKEN).
bool is_own_secret(std::string_view name);

/// "NAME=value" items for exec. Later lists override earlier ones; the daemon's own secrets are in none, wherever they
/// came from; names that no environment can hold (empty, with "=" or a zero byte) are left out.
std::vector<std::string> child_environment(const Variables& own, const Variables& dotenv, const Variables& added);

}  // namespace headrace::config
