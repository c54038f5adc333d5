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
    std::int64_t time_limit_ms = 0;
  };
  Witness(World& world, ConcurrencyLimits limits, std::map<std::string, Rules> rules)
      : world_(world), limits_(std::move(limits)), rules_(std::move(rules)) {}

  /// A whole line in a worker's journal, from byte `begin` to before `end`, that an event has to come of; its "serial" is unique
  /// in the simulation.
  void journaled(std::int64_t worker, const nlohmann::json& line, std::int64_t begin, std::int64_t end);
  /// May this byte of the journal be lost? What the log has is read no more, and lines that no event comes of tell nobody
  /// anything.
  bool is_unread(std::int64_t worker, std::int64_t byte) const;
  /// Its journal is worth nothing from this byte on. What no daemon had read of it never was.
  void lost(std::int64_t worker, std::int64_t byte);
  void began(std::int64_t worker, const protocol::RunStep& step);
  /// The attempt that this worker had is over, one way or another. `status`: as journaled; empty: it died.
  void over(std::int64_t worker, const std::string& status, bool disk_full = false);
  void committed(const Event& event);
  void asked_to_cancel(std::int64_t run) { runs_[run].is_asked_to_cancel = true; }

  const std::map<std::int64_t, RunTruth>& runs() const { return runs_; }
  /// By worker, the serials that its journal has.
  std::map<std::int64_t, std::vector<std::int64_t>> journals() const;
  const std::vector<Event>& log() const { return log_; }

 private:
  struct Attempt {
    std::int64_t run = 0;
    int step = -1, attempt = 0;
  };
  struct Line {
    std::int64_t serial = 0, begin = 0, end = 0;
    Attempt attempt;
    bool is_start = false, is_success = false;
  };
  void check_limits(const Attempt& attempt) const;
  Attempt attempt_of(const nlohmann::json& line) const;
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
  std::map<std::int64_t, std::vector<Line>> journaled_;  // by worker
  std::map<std::int64_t, std::size_t> read_;             // by worker: how many of its lines the log has
  std::map<std::int64_t, nlohmann::json> wishes_;        // of failed attempts, by serial
  std::vector<Event> log_;
};

}  // namespace headrace::simulator
