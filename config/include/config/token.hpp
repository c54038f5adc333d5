// The token that opens the API to other machines: where it is looked for, and what it has to be.
#pragma once

#include <filesystem>
#include <string>

#include <config/dotenv.hpp>

namespace headrace::config {

/// Printable ASCII without spaces, long enough not to be guessed: it travels in a header.
inline constexpr std::size_t k_least_token_bytes = 16, k_most_token_bytes = 1024;

struct Token {
  std::string text;     ///< empty: there is none
  std::string warning;  ///< e.g. that others can read the file; empty: none
};

/// HEADRACE_TOKEN, else the contents of `file` (empty: none is named), else the systemd credential `headrace.token`. Errors name
/// the place, never the token.
Result<Token> find_token(const Variables& environment, const std::filesystem::path& file);

/// Takes HEADRACE_TOKEN out of this process's environment, so that /proc does not show it to processes of the same user either.
void forget_token_variable();

}  // namespace headrace::config
