// One run as its events tell it: which steps run, what was stored where, what failed. Pure.
#pragma once

#include <optional>
#include <vector>

#include <core/event.hpp>

namespace headrace::cli {

/// One materialization, as much as its IO manager said.
struct StoredValue {
  std::string asset_key, partition;
  std::string place;  ///< a path or URI; empty: nobody said
  std::optional<std::int64_t> rows, bytes;
};

struct StepProgress {
  std::string step_key;
  StepStatus status = StepStatus::waiting;
  int attempt = 0;
  std::int64_t started_at = 0, ended_at = 0;  ///< microseconds UTC; 0: not yet
  nlohmann::json error = nullptr;             ///< protocol section 7, of the last attempt
  std::vector<StoredValue> stored;
};

class RunProgress {
 public:
  /// An event of this run, in order. Answers the step that it is about, -1: none.
  int apply(const Event& event);

  const std::vector<StepProgress>& steps() const { return steps_; }
  RunStatus status() const { return status_; }
  const std::string& run_id() const { return run_id_; }
  const std::string& message() const { return message_; }  ///< of the run's end
  std::int64_t started_at() const { return started_at_; }
  std::int64_t ended_at() const { return ended_at_; }
  int count(StepStatus status) const;
  int ended() const;

 private:
  std::vector<StepProgress> steps_;
  RunStatus status_ = RunStatus::queued;
  std::string run_id_, message_;
  std::int64_t started_at_ = 0, ended_at_ = 0;
};

/// "ValueError: no such column", as the user's code raised it.
std::string headline(const nlohmann::json& error);
/// "definitions.py:13"; empty where it is not known.
std::string place_of(const nlohmann::json& error);
/// The run for scripts: `headrace materialize --json`.
nlohmann::json to_json(const RunProgress& progress, std::int64_t number);

}  // namespace headrace::cli
