// What really happened: seen from above, by nobody in the system. Workers tell it what they do the moment they do it, the event
// log what it has committed. Rules that hold at every instant are checked here; audit.hpp checks the whole log afterwards.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <core/concurrency.hpp>
#include <core/event.hpp>
#include <core/protocol.hpp>
#include <core/retry_policy.hpp>

#include "world.hpp"

namespace headrace::simulator {

struct RunTruth {
  struct Step {
    std::string step_key, asset_key, location;
    std::vector<int> upstream;
    // as its workers know it
    int begun = 0;           ///< the last attempt that began
    bool succeeded = false;  ///< by its worker's own word
    std::set<int> spared;    ///< attempts that a full disk ended: they count for nothing
    // as the log tells it
    int started = 0;   ///< the last attempt of a step_started
    int failures = 0;  ///< ends of attempts with failure or retrying
    bool is_open = false, is_materialized = false;
    StepStatus status = StepStatus::waiting;  ///< of the last step_ended
  };
  std::string run_id;
  std::vector<Step> steps;
  std::map<std::string, int> index;
  bool has_started = false, is_canceling = false, has_ended = false;
  bool is_asked_to_cancel = false;  ///< workers are told before the log is
};

class Witness {
 public:
  /// What the definitions say of an asset, in all their versions.
  struct Rules {
    std::string pool;
    std::optional<RetryPolicy> retry_policy;
  };
  Witness(World& world, ConcurrencyLimits limits, std::map<std::string, Rules> rules)
      : world_(world), limits_(std::move(limits)), rules_(std::move(rules)) {}

  /// A whole line in a worker's journal that an event has to come of; its "serial" is unique in the simulation.
  void journaled(std::int64_t worker, const nlohmann::json& line);
  void began(std::int64_t worker, const protocol::RunStep& step);
  /// The attempt that this worker had is over, one way or another. `status`: as journaled; empty: it died.
  void over(std::int64_t worker, const std::string& status, bool disk_full = false);
  void committed(const Event& event);
  void asked_to_cancel(std::int64_t run) { runs_[run].is_asked_to_cancel = true; }

  const std::map<std::int64_t, RunTruth>& runs() const { return runs_; }
  const std::map<std::int64_t, std::vector<std::int64_t>>& journals() const { return journaled_; }
  const std::vector<Event>& log() const { return log_; }

 private:
  struct Attempt {
    std::int64_t run = 0;
    int step = -1, attempt = 0;
  };
  void check_limits(const Attempt& attempt) const;
  const Rules& rules_of(const RunTruth::Step& step) const { return rules_.at(step.asset_key); }
  // the grammar of the log (log_rules.cpp)
  void check_event(const Event& event, const nlohmann::json& payload, RunTruth& run);
  void check_step_event(const Event& event, const nlohmann::json& payload, RunTruth& run, RunTruth::Step& step);
  void check_step_end(const Event& event, const nlohmann::json& payload, RunTruth& run, RunTruth::Step& step);
  void check_retry(const Event& event, const nlohmann::json& payload, const RunTruth& run, const RunTruth::Step& step) const;
  void check_run_end(const Event& event, const nlohmann::json& payload, RunTruth& run);
  RunTruth::Step& step_of(const Attempt& attempt) { return runs_[attempt.run].steps[static_cast<std::size_t>(attempt.step)]; }
  const RunTruth::Step& step_of(const Attempt& attempt) const {
    return runs_.at(attempt.run).steps[static_cast<std::size_t>(attempt.step)];
  }

  World& world_;
  ConcurrencyLimits limits_;
  std::map<std::string, Rules> rules_;      // by asset key
  std::map<std::int64_t, Attempt> living_;  // by worker
  std::map<std::int64_t, RunTruth> runs_;
  std::map<std::int64_t, std::vector<std::int64_t>> journaled_;
  std::map<std::int64_t, nlohmann::json> wishes_;  // of failed attempts, by serial
  std::vector<Event> log_;
};

}  // namespace headrace::simulator
