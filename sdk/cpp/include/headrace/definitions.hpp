// Everything a code location defines.
#pragma once

#include <headrace/asset.hpp>

namespace headrace {
inline namespace sdk {

enum class Isolation { worker, step, in_process };
enum class Start { as_host_can, fork, spawn };
/// How the daemon runs the steps (core/protocol/README.md, 6).
struct Execution {
  Isolation isolation = Isolation::worker;
  Start start = Start::as_host_can;
  int max_workers = 0;       ///< of a run; 0: the daemon's setting
  std::int64_t max_rss = 0;  ///< bytes; a worker above it retires; 0: none
};

/// Nothing is checked here, so that a Definitions may be a global object; loading the code location checks it.
struct Definitions {
  std::vector<Asset> assets = {};
  /// "io_manager" is the IO manager of assets that name none: JSON files, where it is not given.
  std::map<std::string, Resource> resources = {};
  Execution execution = {};
};

}  // namespace sdk
}  // namespace headrace
