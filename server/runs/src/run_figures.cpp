#include <runs/run_figures.hpp>

#include <algorithm>
#include <limits>

namespace headrace::runs {

void Histogram::add(double seconds) {
  const auto bound = std::lower_bound(k_bounds.begin(), k_bounds.end(), seconds);
  ++counts[static_cast<std::size_t>(bound - k_bounds.begin())];
  sum += seconds;
}

void StepTimes::started(const Event& event) { starts_[{event.run, event.step}] = event.time; }

void StepTimes::ended(const Event& event, StepStatus status, RunFigures& figures) {
  ++figures.step_ends[status];
  const auto start = starts_.find({event.run, event.step});
  if (start == starts_.end()) return;  // it never began, or before this daemon
  figures.step_seconds.add(static_cast<double>(std::max<std::int64_t>(0, event.time - start->second)) / 1e6);
  starts_.erase(start);
}

void StepTimes::forget(std::int64_t run) {
  starts_.erase(starts_.lower_bound({run, std::numeric_limits<int>::min()}),
                starts_.upper_bound({run, std::numeric_limits<int>::max()}));
}

}  // namespace headrace::runs
