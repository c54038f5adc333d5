// Carries runs from their creation to their end.
//
// The loop, in words: what happens is committed to the log (by workers' journals and by commands here); after each commit
// on_commit() reads the new events, folds them into the runs' plans, and gives ready steps to idle workers. Nothing is given out
// on anything but a committed event, so a daemon that starts again only has to fold the log (recover()).
#pragma once

#include <deque>
#include <random>
#include <unordered_map>

#include <runs/active_run.hpp>
#include <runs/run_figures.hpp>
#include <runs/run_launcher.hpp>

namespace headrace::runs {

struct RunSettings {
  std::size_t most_workers_per_run = 2;
  ConcurrencyLimits limits;
  std::chrono::milliseconds birth_limit{10'000};
  std::chrono::milliseconds cancel_grace{10'000};  ///< between asking a step to end and killing it
  std::chrono::milliseconds store_retry{1'000};    ///< between probes of a log that takes nothing (disk full)
  std::chrono::milliseconds start_retry{200};      ///< before another try to start a worker
  std::chrono::milliseconds watch{100};            ///< between looks at what an adopted worker does
  int most_start_failures = 5;                     ///< in a row, then the ready step fails
  int most_losses = 3;                             ///< of one step before it began
  std::function<double()> random;  ///< uniform in [0, 1), for the jitter of retries and ids of runs; none: a random one
};

/// I/O thread only.
class RunCoordinator final : public RunLauncher {
 public:
  RunCoordinator(async::Loop& loop, storage::EventLog& log, code_locations::Locations& locations,
                 code_locations::Processes& processes, std::filesystem::path home, RunSettings settings);
  ~RunCoordinator() override;

  /// Takes up the unfinished runs of the log and their workers. New runs may be launched meanwhile.
  void recover();
  void on_commit(std::int64_t last_id);
  void on_workspace_change();

  void launch(RunRequest request, std::function<void(Result<LaunchedRun>)> done) override;
  void cancel(std::int64_t number, std::function<void(Result<void>)> done) override;
  void retry(std::int64_t number, RetryFrom from, std::function<void(Result<LaunchedRun>)> done) override;
  std::int64_t waits_for(std::int64_t number, int step) const override;
  std::string held_by(std::int64_t number, int step) const override;
  std::size_t living_workers() const override;
  std::string trouble() const override { return trouble_; }

  /// Gives out no more steps and lets every worker leave after the one it has.
  void stop();
  /// Cancels everything; `done` when no run and no worker is left.
  void cancel_all(std::function<void()> done);
  /// SIGKILL to every worker; their steps end as canceled.
  void kill_all();
  std::size_t active_runs() const { return runs_.size(); }
  std::size_t workers() const;
  std::size_t busy_workers() const;  ///< those that have a step, or one on its way
  RunFigures figures() const;

 private:
  // launching (run_coordinator.cpp)
  Result<std::optional<LaunchedRun>> find_same(const RunRequest& request);
  void begin(std::unique_ptr<ActiveRun> run);
  void carry_out_cancellation(ActiveRun& run, storage::Batch batch, std::function<void()> written);
  void cancel_steps(ActiveRun& run, storage::Batch& batch);
  void end_if_finished(ActiveRun& run, storage::Batch batch);
  void remove_if_done(std::int64_t number);

  // folding
  void apply(const Event& event);
  void step_ended(ActiveRun& run, const Event& event);
  void close_steps(const ActiveRun& run, const std::vector<int>& steps, StepStatus status, storage::Batch& batch);
  Event run_event(const ActiveRun& run, EventKind kind, nlohmann::json payload) const;

  // the queue of runs, and of steps that are tried again (queue.cpp)
  void enqueue(ActiveRun& run);
  void admit_runs();
  void admit(ActiveRun& run);
  void leave_queue(ActiveRun& run);
  void step_retrying(ActiveRun& run, int step, std::chrono::microseconds wait);

  // dispatching (dispatch.cpp)
  void dispatch_all();
  void dispatch_held();
  void dispatch(ActiveRun& run);
  bool give_head(ActiveRun& run, int lane, std::map<int, std::size_t>& unserved);
  Worker* idle_worker(ActiveRun& run, int location);
  Worker* worker_with_room(ActiveRun& run, const ActiveRun::Lane& lane);
  void give_ahead(ActiveRun& run);
  bool may_follow(ActiveRun& run, int step, const Worker& worker);
  bool take_from_the_fullest(ActiveRun& run);
  static std::size_t ready_at_hand(const ActiveRun& run, const Worker& worker);
  std::string lost_upstream(const ActiveRun& run, int step) const;
  void start_workers(ActiveRun& run, int location, std::size_t wanted);
  storage::Batch start_of(ActiveRun& run);
  void keep_spares(ActiveRun& run);
  void occupy(ActiveRun& run, int step);
  void release(ActiveRun& run, int step);
  Worker& add_worker(ActiveRun& run, storage::WorkerRow row);
  void name_locations(std::vector<protocol::StepInput>& inputs) const;
  void give(ActiveRun& run, int step, Worker& worker);

  // the definitions a run is pinned to (versions.cpp)
  bool has_version(ActiveRun& run, int location);
  bool accepts(std::int64_t run, const std::string& location, const std::string& hash, const nlohmann::json& definitions);
  void record_other_definitions(const ActiveRun& run, const std::string& location, const std::string& hash);
  void fail_changed(ActiveRun& run, int location, const std::string& difference);
  void fail_unreadable(ActiveRun& run);

  // what comes back (lost_workers.cpp)
  void forget_values(ActiveRun& run, const std::string& location);
  void worker_not_started(std::int64_t run, std::int64_t worker, const std::string& message);
  void worker_gone(std::int64_t run, std::int64_t worker, int lost_step, bool disk_full);
  void fail_step(ActiveRun& run, int step, const std::string& type, const std::string& message);
  void taken_back(std::int64_t run, const std::vector<int>& steps);
  void take_back(ActiveRun& run, int step, bool disk_full, const std::string& last_words = {});
  void put_back(ActiveRun& run, int step);

  // recovery (recovery.cpp)
  void recover_run(std::int64_t number);
  void adopt(storage::WorkerRow row);
  void caught_up();
  void resume(ActiveRun& run);
  storage::Batch unsaid_ends(const ActiveRun& run);
  void lose_values(ActiveRun& run);
  void block(ActiveRun& run, std::int64_t worker);
  void unblock(ActiveRun& run, std::int64_t worker);
  void step_begun(ActiveRun& run, const Event& event);

  // a log that takes nothing
  void store_failed(const Error& error);
  void leave_without_log();
  void probe_store();
  bool is_paused() const { return !trouble_.empty(); }

  using Done = std::function<void(Result<storage::EventLog::Appended>)>;
  /// For commands: `done` (I/O thread) learns of a failure.
  void append(storage::Batch batch, Done done);
  /// For what follows from committed events: kept and tried again until it is written, in order.
  void append_surely(storage::Batch batch, Done done = {});
  ActiveRun* find(std::int64_t number);

  async::Loop& loop_;
  storage::EventLog& log_;
  code_locations::Locations& locations_;
  RunSettings settings_;
  Concurrency concurrency_;
  WorkerServices worker_services_;
  std::unique_ptr<storage::Reader> reader_;
  std::int64_t cursor_ = 0, last_run_ = 0, last_worker_ = 0;
  std::map<std::int64_t, std::unique_ptr<ActiveRun>> runs_;  // by number: older first
  struct Pending {
    std::string request_hash;
    std::int64_t number;
    std::vector<std::function<void(Result<LaunchedRun>)>> waiting;
  };
  std::unordered_map<std::string, Pending> launching_;     // by run_id, until committed
  std::set<std::pair<int, std::int64_t>> queue_;           // runs that wait for the limits: (-priority, number)
  std::set<std::pair<int, std::int64_t>> held_runs_;       // admitted ones with a step that waits for another run
  std::unordered_map<std::string, std::int64_t> writers_;  // asset key → the run that has a living attempt on it
  std::deque<std::pair<storage::Batch, Done>> unwritten_;  // of append_surely, waiting for the log
  std::set<std::int64_t> recovered_;                       // runs to be taken up when all journals are read
  std::vector<std::function<void()>> after_recovery_;      // commands on them that came before
  int catching_up_ = 0;
  bool recovering_ = false, stopping_ = false;
  std::string trouble_;  // why the log takes nothing; empty: it does
  async::Handle probe_, retry_start_;
  std::function<double()> random_;  // uniform in [0, 1), for the jitter of retries and ids of runs
  std::function<void()> on_all_canceled_;
  RunFigures figures_;
  StepTimes step_times_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace headrace::runs
