// A worker: takes steps from its socket, runs them, and tells of them in its journal (core/protocol/README.md, 3 and 4).
#pragma once

#include <deque>
#include <set>

#include <journal.hpp>
#include <lines.hpp>
#include <location.hpp>
#include <surroundings.hpp>

namespace headrace {
inline namespace sdk {

/// The pipe that decides who has a step which this worker was given and has not begun: the worker, or the daemon again.
class Claims {
 public:
  /// False: the daemon took the step back, or it is gone, and the next one gives the step to somebody. Throws std::runtime_error
  /// where user code closed the pipe.
  bool take(std::int64_t claim);

 private:
  std::int64_t newest_ = 0;
};

/// Main thread only. One whose code could not be loaded (only a spawned one can be that) fails each step with the load's error.
class Worker {
 public:
  Worker(const Location& location, std::int64_t worker_id, std::string wanted_hash);
  ~Worker();
  /// The exit status.
  int run();

 private:
  using Attempt = std::tuple<std::string, std::string, int>;
  bool next_step(StepRequest& request);
  bool wait_for_commands();
  void take_commands();
  void cancel(const Attempt& attempt);
  void run_step(StepRequest& request);
  bool has_made_all(const std::vector<std::string>& steps) const;
  void remember(const StepRequest& request, const std::string& made);
  void fill_inputs(StepRequest& request) const;
  std::exception_ptr execute(const StepRequest& request, JournalReporter& reporter, json& described);
  void open_step(const StepRequest& request, const JournalReporter& reporter);
  void close_step();
  std::string tear_down();
  static bool look();

  const Location& location_;
  std::int64_t worker_id_;
  std::string wanted_hash_;
  LineSocket commands_;
  Journal journal_;
  OutputFiles output_;
  Claims claims_;
  Surroundings surroundings_;
  std::unique_ptr<ResourceSession> session_;
  std::deque<StepRequest> steps_;
  std::optional<Attempt> open_;
  struct Made {
    std::string step_key, fields;  ///< of its `materialized` line
    AssetKey asset_key;
  };
  std::deque<Made> made_;       ///< the last steps that succeeded
  std::set<Attempt> canceled_;  ///< among those that wait in `steps_`
  std::string garbage_;
  bool has_begun_ = false, owes_wake_up_ = false;
  std::int64_t max_rss_ = 0;
};

/// From its birth to its exit status. Forked: descriptors are in place already.
int run_worker(const Location& location, std::int64_t worker_id, const std::string& wanted_hash);

}  // namespace sdk
}  // namespace headrace
