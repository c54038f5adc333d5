// What a code location defines: the parsed form of section 6 of core/protocol/README.md. Immutable once made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <core/asset_key.hpp>
#include <core/retry_policy.hpp>

namespace headrace {

struct ConfigField {
  enum class Source { value, env_var, default_value };
  std::string name;
  std::string type;
  std::string description;
  Source source = Source::value;
  std::optional<std::string> value;  ///< JSON text; none for env vars and secrets
  std::string env_var;               ///< the variable's name, empty for none
  bool is_set = true;
  bool is_secret = false;
  bool is_required = false;
  bool operator==(const ConfigField&) const = default;
};

struct ResourceDefinition {
  std::string key;
  std::string type;
  std::string description;
  bool is_io_manager = false;
  bool in_memory = false;
  std::string format;  ///< of an IO manager: what it stores values as ("pickle", "parquet", …); empty: not known
  std::vector<std::string> nested;
  std::vector<ConfigField> config;
};

struct AssetDependency {
  AssetKey key;
  std::string input;              ///< the parameter's name; empty: ordering only, nothing is loaded
  std::string input_manager_key;  ///< empty: the upstream asset's IO manager
  bool operator==(const AssetDependency&) const = default;
};

struct AssetDefinition {
  AssetKey key;
  std::string step_key;
  std::string group = "default";
  std::string description;
  std::vector<std::string> kinds;
  nlohmann::json tags = nlohmann::json::object();
  std::vector<std::string> owners;
  std::string code_version;
  nlohmann::json metadata = nlohmann::json::object();
  bool is_external = false;
  std::vector<AssetDependency> deps;
  std::string io_manager_key;
  bool stores_output = true;
  std::vector<std::string> required_resources;
  std::vector<ConfigField> config;
  nlohmann::json partitions = nullptr;
  std::string source_file;  ///< empty: unknown
  int source_line = 0;
  int source_last_line = 0;  ///< 0: unknown
  std::optional<RetryPolicy> retry_policy;
  std::string pool;                ///< empty: none
  int priority = 0;                ///< among the ready steps of a run, higher goes first
  std::int64_t time_limit_ms = 0;  ///< of one attempt, 0: none
  std::int64_t memory_limit = 0;   ///< bytes, 0: none
  bool operator==(const AssetDefinition&) const = default;
};

/// How the steps of a code location are run, as long as a run's tag does not say otherwise.
struct Execution {
  enum class Isolation { worker, step, in_process };
  enum class Start { as_host_can, fork, spawn };
  Isolation isolation = Isolation::worker;
  Start start = Start::as_host_can;
  int max_workers = 0;       ///< of a run, 0: the daemon's setting
  std::int64_t max_rss = 0;  ///< bytes, 0: none; kept by the worker itself

  /// The value of a run's tag headrace/isolation laid over this; an error names the choices.
  Result<Execution> with_tag(const std::string& value) const;
};

struct Definitions {
  std::string code_location;
  std::string hash;
  std::vector<AssetDefinition> assets;
  std::vector<ResourceDefinition> resources;
  Execution execution;
  std::vector<std::string> env_vars;  ///< names of all environment variables that assets and resources read

  /// Checks shape, key grammar and references; the error names the asset or resource at fault.
  static Result<Definitions> from_json(std::string code_location, std::string hash, const nlohmann::json& json);
  const ResourceDefinition* find_resource(std::string_view key) const;
  /// Keys of the assets that need this resource, in definition order.
  std::vector<AssetKey> used_by(std::string_view resource_key) const;
};

}  // namespace headrace
