// A run that is not ended yet, in memory: its plan, who works on it, and what its steps read. Rebuilt from the log at start.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <core/run_plan.hpp>
#include <runs/run_request.hpp>
#include <runs/worker.hpp>

namespace headrace::runs {

struct ActiveRun {
  struct Step {
    std::string step_key;
    AssetKey asset_key;
    std::string key_string;
    int location = 0;  ///< index into `locations`
    std::string io_manager_key;
    std::vector<int> upstream;
    const AssetDefinition* definition = nullptr;  ///< in its location's definitions; never null after binding
    nlohmann::json materialization = nullptr;     ///< of this run, as run_step gives it to those who read it
    int losses = 0;                               ///< how often a worker was lost before it began this step
    bool same_attempt = false;                    ///< the last one was lost before it began: the next is the same attempt
    std::int64_t waits_for = 0;                   ///< the run that writes the same asset now
  };
  struct Location {
    std::string name, hash;  ///< the version this run is pinned to
    std::shared_ptr<const Definitions> definitions;
    int start_failures = 0;  ///< in a row
  };

  /// From a new run's preview.
  static std::unique_ptr<ActiveRun> create(std::int64_t number, const RunRequest& request, const RunPreview& preview,
                                           const code_locations::WorkspaceSnapshot& workspace);
  /// From the log: `created` is its run_created event. Steps' states come by restore().
  static Result<std::unique_ptr<ActiveRun>> from_log(const storage::RunRow& row, const Event& created, storage::Reader& reader);
  /// Folds what has happened so far; running steps stay open (their workers speak for them).
  void restore(const storage::RunRow& row, storage::Reader& reader);

  /// The payload of run_created.
  nlohmann::json created_payload(const RunRequest& request) const;
  protocol::RunStep step_message(int step, int attempt, storage::Reader& reader) const;
  int step_index(const std::string& step_key) const;
  /// "" when every step that is still to run means the same in these definitions; else what differs.
  std::string difference(int location, const Definitions& definitions) const;
  /// Goes on with other definitions (without difference()).
  void repin(int location, std::shared_ptr<const Definitions> definitions);

  std::int64_t number = 0;
  std::string run_id;
  nlohmann::json tags = nlohmann::json::object(), config = nlohmann::json::object();
  std::vector<Location> locations;
  std::vector<Step> steps;
  std::unique_ptr<RunPlan> plan;
  std::set<int> ready;  ///< ready steps that no worker has yet
  std::map<std::int64_t, std::unique_ptr<Worker>> workers;
  std::size_t most_workers = 1;
  bool started = false, canceling = false, ending = false;
  std::set<std::int64_t> blocking_workers;  ///< adopted ones of unknown doing: nothing is given out till they ended
  async::Handle kill_timer;

 private:
  std::unordered_map<std::string, int> index_;
  void index_steps();
  void bind_definitions(int location);
};

}  // namespace headrace::runs
