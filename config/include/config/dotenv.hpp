// Reads .env files as python-dotenv (and so Dagster) reads them: NAME=value lines, `export`, comments, single and double
// quotes over several lines, escapes in quotes, ${NAME} and ${NAME:-default}. A byte order mark and CRLF are fine too.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/result.hpp>

namespace headrace::config {

/// Names and values, in order.
using Variables = std::vector<std::pair<std::string, std::string>>;

struct Dotenv {
  Variables variables;                ///< each name once, with its last value; all of them override the environment
  std::vector<std::string> problems;  ///< lines that were left out: "/project/.env:3: …", what to do included
};

/// `file` is for messages. ${NAME} is looked up among the names before it, then in `environment`; else it is empty.
Dotenv parse_dotenv(std::string_view text, const std::filesystem::path& file, const Variables& environment);

/// The same of a file. One that is not there is empty. Errors (invalid) name the file: cannot be read, not UTF-8, too large.
Result<Dotenv> read_dotenv(const std::filesystem::path& file, const Variables& environment);

}  // namespace headrace::config
