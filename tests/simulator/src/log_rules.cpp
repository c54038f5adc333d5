// Witness: the grammar of the event log, checked at each commit.
#include "witness.hpp"

#include <algorithm>

namespace headrace::simulator {
namespace {

std::string name(const Event& event) {
  return fmt::format("event {}: {} of run {} step {} attempt {}", event.id, to_string(event.kind), event.run, event.step,
                     event.attempt);
}

}  // namespace

void Witness::check_event(const Event& event, const nlohmann::json& payload, RunTruth& run) {
  if (run.run_id.empty()) throw Violation(name(event) + " comes before its run");
  if (run.has_ended) throw Violation(name(event) + " comes after the end of its run");
  if (event.step >= 0) return check_step_event(event, payload, run, run.steps.at(static_cast<std::size_t>(event.step)));
  switch (event.kind) {
    case EventKind::run_started:
      if (std::exchange(run.has_started, true)) throw Violation(name(event) + ": it started before");
      break;
    case EventKind::run_canceling:
      if (std::exchange(run.is_canceling, true)) throw Violation(name(event) + ": it was being canceled before");
      break;
    case EventKind::run_ended:
      return check_run_end(event, payload, run);
    default:
      break;
  }
}

void Witness::check_step_event(const Event& event, const nlohmann::json& payload, RunTruth& run, RunTruth::Step& step) {
  if (is_final(step.status)) throw Violation(name(event) + " comes after the end of its step");
  if (event.kind == EventKind::step_ended) return check_step_end(event, payload, run, step);
  if (event.kind != EventKind::step_started) {
    if (!step.is_open || event.attempt != step.started) throw Violation(name(event) + ": that attempt is not under way");
    step.is_materialized |= event.kind == EventKind::materialized;
    return;
  }
  if (!run.has_started) throw Violation(name(event) + " comes before the start of its run");
  if (event.attempt <= step.started) throw Violation(name(event) + ": that attempt started before");
  if (step.is_open && !step.spared.contains(step.started)) throw Violation(name(event) + ": the attempt before has no end");
  for (const int up : step.upstream)
    if (run.steps[static_cast<std::size_t>(up)].status != StepStatus::success)
      throw Violation(fmt::format("{}: its upstream step {} has not succeeded", name(event), up));
  step.started = event.attempt;
  step.is_open = true;
  step.is_materialized = false;
  step.status = StepStatus::running;
}

void Witness::check_step_end(const Event& event, const nlohmann::json& payload, RunTruth& run, RunTruth::Step& step) {
  const auto status = *step_status_from(payload.at("status").get<std::string>());
  const bool is_of_attempt = step.is_open && event.attempt == step.started;
  switch (status) {
    case StepStatus::success:
      if (!is_of_attempt || !step.is_materialized || !payload.contains("serial"))
        throw Violation(name(event) + ": a success without a materialization of this attempt");
      break;
    case StepStatus::skipped:
      if (step.started > 0) throw Violation(name(event) + ": a skipped step has started");
      if (std::none_of(step.upstream.begin(), step.upstream.end(), [&](int up) {
            const auto before = run.steps[static_cast<std::size_t>(up)].status;
            return is_final(before) && before != StepStatus::success;
          }))
        throw Violation(name(event) + ": skipped, and nothing before it failed");
      break;
    case StepStatus::canceled:
      if (!run.is_asked_to_cancel) throw Violation(name(event) + ": canceled, and nobody asked for it");
      if (step.is_open && !is_of_attempt && !step.spared.contains(step.started))
        throw Violation(name(event) + ": canceled while another attempt is under way");
      break;
    default:
      if (step.is_open && !is_of_attempt && !step.spared.contains(step.started))
        throw Violation(name(event) + ": it is not the attempt that is under way");
      check_retry(event, payload, run, step);
      ++step.failures;
  }
  step.status = status;
  step.is_open = false;
}

/// A failed attempt is followed by another one exactly when the policy, or the attempt itself, says so.
void Witness::check_retry(const Event& event, const nlohmann::json& payload, const RunTruth& run,
                          const RunTruth::Step& step) const {
  static const std::set<std::string> k_not_of_the_step{"WorkerLost", "WorkerNotStarted", "DefinitionsChanged", "ValueLost"};
  const auto& error = payload.at("error");
  if (error.is_object() && k_not_of_the_step.contains(error.value("type", ""))) {
    if (error.value("message", "").find("disk is full") != std::string::npos)
      throw Violation(name(event) + ": a full disk costs a step its chances");
    return;
  }
  nlohmann::json wish = nullptr;
  if (payload.contains("serial")) {
    auto found = wishes_.find(payload.at("serial").get<std::int64_t>());
    if (found != wishes_.end()) wish = found->second;
  }
  // Counted are the failures, not the attempts: what a full disk ended was none.
  const bool follows =
      seconds_until_retry(rules_of(step).retry_policy, RetryWish::from_json(wish), step.failures + 1, 0.5).has_value();
  const bool is_retried = payload.at("status") == "retrying";
  if (is_retried && !follows) throw Violation(name(event) + ": another attempt follows, against the policy");
  if (!is_retried && follows && !run.is_asked_to_cancel)
    throw Violation(name(event) + ": no attempt follows, against the policy");
}

void Witness::check_run_end(const Event& event, const nlohmann::json& payload, RunTruth& run) {
  const auto all = [&run](auto is) { return std::all_of(run.steps.begin(), run.steps.end(), is); };
  if (!all([](const auto& step) { return is_final(step.status); })) throw Violation(name(event) + ": a step has no end");
  const bool succeeded = all([](const auto& step) { return step.status == StepStatus::success; });
  const auto status = *run_status_from(payload.at("status").get<std::string>());
  const bool failed =
      std::any_of(run.steps.begin(), run.steps.end(), [](const auto& step) { return step.status == StepStatus::failure; });
  const bool is_good = status == RunStatus::success    ? succeeded
                       : status == RunStatus::canceled ? run.is_asked_to_cancel
                                                       : failed && !run.is_canceling;
  if (!is_good) throw Violation(fmt::format("{}: {}, as its steps did not end", name(event), to_string(status)));
  run.has_ended = true;
}

}  // namespace headrace::simulator
