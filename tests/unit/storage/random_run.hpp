// Runs whose story is drawn by lot, for properties that hold whatever happened.
#pragma once

#include <optional>
#include <random>

#include <core/run_plan.hpp>

#include "support.hpp"

namespace headrace::storage::testing {

/// A run over a random graph that ends in one of all possible ways; its events in a possible order.
class RandomRun {
 public:
  RandomRun(std::int64_t number, std::mt19937& random) : number_(number), random_source_(&random) {
    const int size = static_cast<int>(random() % 12);
    for (int i = 0; i < size; ++i) {
      auto& up = upstream_.emplace_back();
      for (int j = 0; j < i; ++j) {
        if (random() % 4 == 0) up.push_back(j);
      }
    }
    plan_.emplace(upstream_);
    ready_ = plan_->begin().ready;
    out_.push_back(run_created(number, upstream_, tick()));
    out_.push_back(run_event(EventKind::run_started, number, tick()));
  }

  std::int64_t number() const { return number_; }
  bool done() const { return out_.empty() && ended_; }
  std::vector<StepStatus> statuses() const {
    std::vector<StepStatus> statuses;
    for (int step = 0; step < plan_->size(); ++step) statuses.push_back(plan_->status(step));
    return statuses;
  }

  std::vector<Event> take() {
    if (out_.empty()) advance();
    return std::exchange(out_, {});
  }

 private:
  void advance() {
    if (plan_->finished()) {
      out_.push_back(run_ended(number_, tick(), std::string(to_string(plan_->outcome()))));
      ended_ = true;
      return;
    }
    if (random_() % 40 == 0) {
      out_.push_back(run_event(EventKind::run_canceling, number_, tick(), {{"by", "test"}}));
      canceled_ = true;
      close(plan_->cancel().skipped, "canceled");
      ready_.clear();
      return;
    }
    if (!ready_.empty() && (running_.empty() || random_() % 2 == 0)) return start(pick(ready_), 1);
    if (!running_.empty()) finish(pick(running_));
  }

  void start(int step, int attempt) {
    plan_->started(step, attempt);
    running_.push_back(step);
    out_.push_back(step_started(number_, step, attempt, tick(), 1 + static_cast<std::int64_t>(random_() % 3),
                                {random_() % 100, 0, random_() % 100}));
    if (random_() % 2 == 0)
      out_.push_back(step_event(EventKind::inputs_loaded, number_, step, attempt, tick(), {{"inputs", json::array()}}));
  }

  void finish(int step) {
    const int attempt = plan_->attempt(step);
    const auto chance = random_() % 10;
    if (chance == 0 && !canceled_) {  // fails, and is tried again
      out_.push_back(step_ended(number_, step, attempt, tick(), "failure", {{"type", "E"}}));
      plan_->retrying(step);
      plan_->retry(step);
      return start(step, attempt + 1);
    }
    const StepStatus status = chance == 1 ? StepStatus::failure : StepStatus::success;
    if (status == StepStatus::success)
      out_.push_back(materialized(number_, step, attempt, tick(), "s" + std::to_string(step),
                                  random_() % 3 == 0 ? "p" + std::to_string(random_() % 3) : ""));
    out_.push_back(step_ended(number_, step, attempt, tick(), std::string(to_string(status)),
                              status == StepStatus::failure ? json{{"type", "E"}} : json(nullptr)));
    const auto change = plan_->ended(step, status);
    ready_.insert(ready_.end(), change.ready.begin(), change.ready.end());
    close(change.skipped, "skipped");
  }

  void close(const std::vector<int>& steps, const std::string& status) {
    for (int step : steps) out_.push_back(step_ended(number_, step, 0, tick(), status));
  }

  int pick(std::vector<int>& from) {
    const auto at = from.begin() + static_cast<std::ptrdiff_t>(random_() % from.size());
    const int step = *at;
    from.erase(at);
    return step;
  }

  unsigned random_() { return static_cast<unsigned>((*random_source_)()); }
  std::int64_t tick() { return number_ * 10'000 + ++clock_; }

  std::int64_t number_, clock_ = 0;
  std::mt19937* random_source_;
  std::vector<std::vector<int>> upstream_;
  std::optional<RunPlan> plan_;
  std::vector<int> ready_, running_;
  std::vector<Event> out_;
  bool ended_ = false, canceled_ = false;
};

}  // namespace headrace::storage::testing
