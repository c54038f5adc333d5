// A run that is not ended yet, in memory: its plan, who works on it, and what its steps read. Rebuilt from the log at start.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <core/concurrency.hpp>
#include <core/ready_steps.hpp>
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
    std::int64_t materialization = 0;             ///< the event of this run, 0: not made yet
    std::string materialized;                     ///< its payload, parsed only for those who read it
    int lane = 0, priority = 0;
    bool holds_slots = false;      ///< of its lane's counters
    bool value_lost = false;       ///< made, but its value was in the memory of a worker that is gone
    std::int64_t retry_at = 0;     ///< of a retrying step that was taken from the log
    std::int64_t retry_delay = 0;  ///< likewise
    async::Handle retry_timer;     ///< likewise
    int losses = 0;                ///< how often a worker was lost before it began this step
    int spared = 0;                ///< attempts that a full disk ended: they use up no retry
    bool same_attempt = false;     ///< the last one was lost before it began: the next is the same attempt
    std::int64_t waits_for = 0;    ///< the run that writes the same asset now
  };
  struct Location {
    std::string name, hash;  ///< the version this run is pinned to
    std::shared_ptr<const Definitions> definitions;
    Execution execution;     ///< the definitions' with the run's tag
    bool in_memory = false;  ///< values of the run lie in the memory of its one worker
    std::size_t most_workers = 1;
    int start_failures = 0;          ///< in a row
    bool has_changed = false;        ///< its code no longer means the same: no worker is made in advance
    std::set<std::string> accepted;  ///< other versions that mean the same for it: of workers that loaded the code themselves
  };
  /// Steps that wait for the same things.
  struct Lane {
    int location = 0;
    Concurrency::Counters counters;
    std::string held_by;  ///< the limit that holds them back now; empty: none
  };

  /// From a new run's preview.
  static std::unique_ptr<ActiveRun> create(std::int64_t number, const RunRequest& request, const RunPreview& preview,
                                           const code_locations::WorkspaceSnapshot& workspace);
  /// From the log: `created` is its run_created event. Steps' states come by restore().
  static Result<std::unique_ptr<ActiveRun>> from_log(const storage::RunRow& row, const Event& created, storage::Reader& reader);
  /// One whose plan or definitions cannot be read: what is known of its steps. Its workers are followed to their end; nothing
  /// more is given out.
  static std::unique_ptr<ActiveRun> unreadable(const storage::RunRow& row, std::string why, storage::Reader& reader);
  /// Folds what has happened so far; running steps stay open (their workers speak for them).
  void restore(const storage::RunRow& row, storage::Reader& reader);

  /// From the log: the attempts that have no end, because a full disk ended them.
  void count_spared_attempts(storage::Reader& reader);

  /// The payload of run_created.
  nlohmann::json created_payload(const RunRequest& request) const;
  /// Sorts the steps into lanes and sets how many workers each location may have.
  void prepare(Concurrency& concurrency, std::size_t most_workers);
  void set_ready(int step);
  void set_ready(const std::vector<int>& steps);
  void unset_ready(int step);
  /// Asks for another attempt of a failed one: in how many seconds; nothing: that was the last.
  std::optional<double> seconds_until_retry(int step, int attempt, const nlohmann::json& wish, double random) const;
  protocol::RunStep step_message(int step, int attempt, storage::Reader& reader) const;
  /// A materialized event of this run: its steps' inputs are read from it.
  void take_materialization(const Event& event);
  int step_index(const std::string& step_key) const;
  std::size_t busy_workers() const;
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
  std::vector<Lane> lanes;
  ReadySteps ready;       ///< ready steps that no worker has yet
  std::vector<int> held;  ///< ready too, but their asset is being written by another run
  Concurrency::Counters counters;
  int priority = 0;          ///< of the run: higher leaves the queue first
  bool is_admitted = false;  ///< it has left the queue
  std::map<std::int64_t, std::unique_ptr<Worker>> workers;
  std::string unreadable_because;  ///< unreadable(): why
  bool started = false, canceling = false, ending = false;
  /// Adopted ones of unknown doing, with the slots that are held for them: nothing is given out till they speak or end.
  std::map<std::int64_t, Concurrency::Counters> blocking_workers;
  /// What any step of a code location that is ready, or waits for its retry, needs.
  Concurrency::Counters counters_of_open_steps(const std::string& location) const;
  async::Handle kill_timer;
  /// Who asked for its cancellation, until that is written.
  std::shared_ptr<std::vector<std::function<void(Result<void>)>>> cancel_waiting;

 private:
  std::unordered_map<std::string, int> index_;
  void index_steps();
  void bind_definitions(int location);
};

}  // namespace headrace::runs
