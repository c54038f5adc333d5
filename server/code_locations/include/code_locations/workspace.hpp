// All code locations of this daemon and the one asset graph over them.
//
// Readers take an immutable snapshot (any thread); commands and changes happen on the I/O thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <core/asset_graph.hpp>
#include <core/definitions_change.hpp>

namespace headrace::code_locations {

enum class LocationState { loading, loaded, failed };

/// Which variables of a code location came from its .env file, by name; the others are the daemon's own.
struct DotenvNames {
  std::string file;
  std::vector<std::string> names;
};

struct CodeOrigin;  // code_origin.hpp

/// One code location as the API shows it. `loaded` with an error: the last reload failed, the last good definitions serve.
struct LocationView {
  std::string name;
  std::string language = "python";
  LocationState state = LocationState::loading;
  bool reloading = false;
  std::int64_t loaded_at = 0;      ///< microseconds UTC, 0: never
  nlohmann::json error = nullptr;  ///< protocol section 7, or null
  bool fork_workers = true;
  std::string worker_start_reason;                  ///< why workers are spawned, empty if they are forked
  std::vector<std::string> warnings;                ///< of the last load, e.g. lines of .env that were left out
  std::shared_ptr<const Definitions> definitions;   ///< null: never loaded
  std::shared_ptr<const DefinitionsChange> change;  ///< by the load that brought these; null: there were none before
  DotenvNames dotenv;
  std::shared_ptr<const CodeOrigin> origin;  ///< of the definitions; null: there are none
  bool is_recorded = true;                   ///< false while the event log does not take the definitions (disk full)
};

struct WorkspaceSnapshot {
  std::int64_t version = 0;  ///< grows with every change
  std::vector<LocationView> locations;
  std::shared_ptr<const AssetGraph> graph;  ///< never null
  std::string definitions_hash;             ///< over all locations' hashes: for ETags
  const LocationView* find(std::string_view name) const {
    for (const auto& location : locations)
      if (location.name == name) return &location;
    return nullptr;
  }
};

/// What the API needs of the workspace; CodeLocations (server/code_locations) is the real one.
class Workspace {
 public:
  virtual ~Workspace() = default;
  virtual std::shared_ptr<const WorkspaceSnapshot> snapshot() const = 0;  ///< any thread
  /// I/O thread. Starts a reload beside the running definitions; the outcome is an event. not_found for an unknown name.
  virtual Result<void> reload(const std::string& name) = 0;
};

}  // namespace headrace::code_locations
