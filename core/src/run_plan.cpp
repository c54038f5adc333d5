#include <core/run_plan.hpp>

#include <algorithm>
#include <cassert>

namespace headrace {
namespace {

std::size_t at(int step) { return static_cast<std::size_t>(step); }

}  // namespace

RunPlan::RunPlan(std::vector<std::vector<int>> upstream)
    : upstream_(std::move(upstream)),
      downstream_(upstream_.size()),
      missing_(upstream_.size(), 0),
      status_(upstream_.size(), StepStatus::waiting),
      attempt_(upstream_.size(), 0),
      open_(static_cast<int>(upstream_.size())) {
  for (int step = 0; step < size(); ++step) {
    auto& before = upstream_[at(step)];
    std::sort(before.begin(), before.end());
    before.erase(std::unique(before.begin(), before.end()), before.end());
    for (const int up : before) {
      assert(up >= 0 && up < size() && up != step);
      downstream_[at(up)].push_back(step);
    }
    missing_[at(step)] = static_cast<int>(before.size());
  }
}

RunPlan::Change RunPlan::begin() {
  Change change;
  for (int step = 0; step < size(); ++step) {
    if (status_[at(step)] != StepStatus::waiting || missing_[at(step)] > 0) continue;
    status_[at(step)] = StepStatus::ready;
    change.ready.push_back(step);
  }
  return change;
}

void RunPlan::started(int step, int attempt) {
  auto& status = status_[at(step)];
  if (is_final(status)) {
    // A step may be on its way to a worker when the run is canceled. Then its start is read from the log after the cancellation:
    // the step is alive after all and has to be followed to its end. For any other ended step a start is old news.
    const bool was_on_its_way = canceled_ && status == StepStatus::canceled && attempt > attempt_[at(step)];
    if (!was_on_its_way) return;
    ++open_;
  }
  assert(missing_[at(step)] == 0);
  status = StepStatus::running;
  attempt_[at(step)] = attempt;
}

void RunPlan::given_ahead(int step, int attempt) {
  assert(status_[at(step)] == StepStatus::waiting);
  status_[at(step)] = StepStatus::running;
  attempt_[at(step)] = attempt;
}

bool RunPlan::put_back(int step) {
  auto& status = status_[at(step)];
  if (is_final(status)) return false;
  if (canceled_) {
    retrying(step);
    return false;
  }
  status = missing_[at(step)] > 0 ? StepStatus::waiting : StepStatus::ready;
  return status == StepStatus::ready;
}

RunPlan::Change RunPlan::ended(int step, StepStatus status) {
  assert(is_final(status));
  Change change;
  if (is_final(status_[at(step)])) return change;
  close(step, status, change);
  std::sort(change.ready.begin(), change.ready.end());
  std::sort(change.skipped.begin(), change.skipped.end());
  return change;
}

void RunPlan::close(int step, StepStatus status, Change& change) {
  status_[at(step)] = status;
  --open_;
  // Breadth first over the steps that just ended: a graph may be thousands of steps deep, so no recursion.
  std::vector<int> ended_now{step};
  for (std::size_t i = 0; i < ended_now.size(); ++i) {
    const bool succeeded = status_[at(ended_now[i])] == StepStatus::success;
    for (const int down : downstream_[at(ended_now[i])]) {
      if (status_[at(down)] != StepStatus::waiting) {
        if (succeeded) --missing_[at(down)];
        continue;
      }
      if (!succeeded) {
        status_[at(down)] = StepStatus::skipped;
        --open_;
        change.skipped.push_back(down);
        ended_now.push_back(down);
      } else if (--missing_[at(down)] == 0) {
        status_[at(down)] = StepStatus::ready;
        change.ready.push_back(down);
      }
    }
  }
}

void RunPlan::retrying(int step) {
  auto& status = status_[at(step)];
  if (is_final(status)) return;
  if (!canceled_) {
    status = StepStatus::retrying;
    return;
  }
  // No attempt follows in a canceled run, and nothing waits for this step any more.
  status = StepStatus::canceled;
  --open_;
}

RunPlan::Change RunPlan::retry(int step) {
  Change change;
  if (status_[at(step)] != StepStatus::retrying) return change;
  status_[at(step)] = StepStatus::ready;
  change.ready.push_back(step);
  return change;
}

RunPlan::Change RunPlan::cancel() {
  Change change;
  canceled_ = true;
  for (int step = 0; step < size(); ++step) {
    auto& status = status_[at(step)];
    if (is_final(status) || status == StepStatus::running) continue;
    status = StepStatus::canceled;
    --open_;
    change.skipped.push_back(step);
  }
  return change;
}

RunStatus RunPlan::outcome() const {
  assert(finished());
  const auto any = [&](StepStatus status) { return std::find(status_.begin(), status_.end(), status) != status_.end(); };
  const bool all_succeeded =
      std::all_of(status_.begin(), status_.end(), [](StepStatus status) { return status == StepStatus::success; });
  // A cancellation that came too late to stop anything changes nothing: everything was made.
  if (all_succeeded) return RunStatus::success;
  if (canceled_) return RunStatus::canceled;
  return any(StepStatus::failure) || !any(StepStatus::canceled) ? RunStatus::failure : RunStatus::canceled;
}

}  // namespace headrace
