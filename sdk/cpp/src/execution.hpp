// Running one step: resources, inputs, the asset's function, its output.
#pragma once

#include <exception>

#include <resolved.hpp>

namespace headrace {
inline namespace sdk {

/// One step to run (`run_step` of the protocol).
struct StepRequest {
  struct Input {
    std::string name, code_location;
    AssetKey asset_key;
    std::optional<std::string> partition;
    bool in_run = false;
    json materialization = nullptr;
  };
  Run run;
  std::string step_key;
  AssetKey asset_key;
  int attempt = 1;
  std::optional<std::string> partition;
  std::vector<Input> inputs;
  std::int64_t time_limit_ms = 0, memory_limit = 0, claim = 0;  ///< 0: none
  std::vector<std::string> after;                               ///< steps that this worker has to have made first

  static StepRequest from_message(const json& message);
};

/// Receives what a step does, in order. `inputs` and `metadata` are as the protocol writes them.
class StepReporter {
 public:
  virtual ~StepReporter() = default;
  virtual void inputs_loaded(const json& inputs) = 0;
  virtual void observed(const AssetKey& key, const std::optional<std::string>& partition, const json& metadata) = 0;
  struct Materialization {
    const AssetKey& key;
    const std::optional<std::string>& partition;
    const Metadata& metadata;
    const json& stored;
    const std::optional<std::string>& data_version;
    const std::map<std::string, std::string>& tags;
    const Value& value;
    const std::string& observed_path;  ///< seen being written, not recorded by the IO manager; empty: none
  };
  virtual void materialized(const Materialization& made) = 0;
  virtual void log(std::string_view level, const std::string& message) = 0;
};

/// Why a step failed.
struct StepFailure {
  std::exception_ptr error;
  json described;  ///< the protocol's error object
};

/// The living resources of a worker: set up on first need, torn down at the end; for one run at a time.
class ResourceSession {
 public:
  explicit ResourceSession(std::shared_ptr<const Resolved> resolved);
  ~ResourceSession();
  /// From here on for this run; resources of an earlier one are torn down.
  void begin(const Run& run, StepReporter& reporter);
  /// Between steps nobody listens: log lines go to standard error.
  void end_step() { reporter_ = nullptr; }
  /// Throws what the user's setup throws, and DefinitionError for an unset variable.
  detail::LiveResource& get(const std::string& key);
  const Log& log() const { return log_; }
  const Run& run() const { return run_; }
  /// All are torn down even if some throw; the last error is thrown.
  void close();

 private:
  std::unique_ptr<detail::LiveResource> make(const std::string& key) const;
  std::shared_ptr<const Resolved> resolved_;
  Run run_;
  StepReporter* reporter_ = nullptr;
  Log log_;
  std::map<std::string, std::unique_ptr<detail::LiveResource>> live_;
  std::vector<std::string> order_;
};

/// The SDK's own writers of files say which they wrote: a single one in a handle_output that records no path is its path.
void note_written_file(const std::string& path);

/// Throws StepFailure.
void execute_step(const Resolved& resolved, ResourceSession& session, const StepRequest& request, StepReporter& reporter);

}  // namespace sdk
}  // namespace headrace
