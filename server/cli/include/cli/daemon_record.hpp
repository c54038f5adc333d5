// Where the daemon of a home can be reached: written by the daemon once it listens, read by the commands that talk to it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <core/result.hpp>

namespace headrace::cli {

struct DaemonRecord {
  std::string url;
  int pid = 0;
};

/// `<home>/daemon.json`, 0600. The token is not in it: no file of the home holds one. An address that stands for all addresses
/// becomes the loopback one.
Result<void> write_daemon_record(const std::filesystem::path& home, const DaemonRecord& record);
/// None where no daemon holds the home now, whatever an earlier one left.
std::optional<DaemonRecord> read_daemon_record(const std::filesystem::path& home);

}  // namespace headrace::cli
