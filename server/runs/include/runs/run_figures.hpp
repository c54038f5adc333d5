// What a daemon has counted of its runs since its start: for /metrics.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include <core/event.hpp>

namespace headrace::runs {

/// Durations in buckets, as Prometheus has them.
struct Histogram {
  static constexpr std::array<double, 12> k_bounds{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 600, 3600};
  std::array<std::uint64_t, k_bounds.size() + 1> counts{};  ///< of each bucket alone; the last: longer than all bounds
  double sum = 0;
  void add(double seconds);
};

struct RunFigures {
  std::size_t active_runs = 0, workers = 0, busy_workers = 0;
  std::int64_t cursor = 0;                        ///< the last event that the coordinator has read
  Histogram launch_seconds;                       ///< from a launch's request to its run's commit
  Histogram step_seconds;                         ///< attempts of steps, from start to end
  std::map<StepStatus, std::uint64_t> step_ends;  ///< attempts of steps that ended so
};

/// Turns starts and ends of steps into figures. A clock that is set back makes a duration 0, never negative.
class StepTimes {
 public:
  void started(const Event& event);
  void ended(const Event& event, StepStatus status, RunFigures& figures);
  void forget(std::int64_t run);

 private:
  std::map<std::pair<std::int64_t, int>, std::int64_t> starts_;  // by run and step
};

}  // namespace headrace::runs
