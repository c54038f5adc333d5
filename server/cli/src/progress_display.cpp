#include <progress_display.hpp>

#include <fmt/core.h>

#include <terminal.hpp>

namespace headrace::cli {
namespace {

constexpr std::size_t k_most_running = 8;  // lines of running steps; more are counted
constexpr int k_bar_width = 24;

double seconds_between(std::int64_t from, std::int64_t to) {
  return from > 0 && to > from ? static_cast<double>(to - from) / 1e6 : 0;
}

std::string describe(const StoredValue& value) {
  std::string text = value.place.empty() ? "materialized" : "stored in " + short_path(value.place);
  if (value.rows) text += ", " + counted(*value.rows, "row");
  if (value.bytes) text += ", " + bytes_text(*value.bytes);
  return text;
}

std::string describe_end(const StepProgress& step) {
  const auto error = headline(step.error), place = place_of(step.error);
  switch (step.status) {
    case StepStatus::success:
      return step.stored.empty() ? "done" : describe(step.stored.back());
    case StepStatus::skipped:
      return "skipped";
    case StepStatus::canceled:
      return "canceled";
    default:
      return (error.empty() ? "failed" : error) + (place.empty() ? "" : " (" + place + ")");
  }
}

}  // namespace

ProgressDisplay::ProgressDisplay() : is_terminal_(is_terminal(2)), style_(has_colors(2)) {}

void ProgressDisplay::erase() {
  if (!moving_.empty()) std::fprintf(stderr, "\x1b[%zuA\r\x1b[J", moving_.size());
}

void ProgressDisplay::draw() {
  for (const auto& line : moving_) std::fprintf(stderr, "%s\n", line.c_str());
  std::fflush(stderr);
}

void ProgressDisplay::say(const std::string& line) {
  const std::lock_guard lock(mutex_);
  erase();
  std::fprintf(stderr, "%s\n", line.c_str());
  draw();
}

void ProgressDisplay::show(std::vector<std::string> lines) {
  if (!is_terminal_) return;
  const std::lock_guard lock(mutex_);
  erase();
  moving_ = std::move(lines);
  draw();
}

void ProgressDisplay::step_changed(const StepProgress& step) {
  const auto name = printable(step.step_key);
  const bool is_again = step.attempt > 1;
  if (step.status == StepStatus::running) {
    if (!is_terminal_) say(name + ": started" + (is_again ? fmt::format(", attempt {}", step.attempt) : ""));
    return;
  }
  if (!is_final(step.status) && step.status != StepStatus::retrying) return;
  std::string mark = style_.red("✗");
  if (step.status == StepStatus::success) mark = style_.green("✓");
  if (step.status == StepStatus::skipped || step.status == StepStatus::canceled) mark = style_.yellow("-");
  if (step.status == StepStatus::retrying) mark = style_.yellow("↻");
  auto text = printable(describe_end(step));
  for (auto& c : text)
    if (c == '\n') c = ' ';
  const auto time = step.started_at > 0 ? " (" + seconds_text(seconds_between(step.started_at, step.ended_at)) + ")" : "";
  const char* again = step.status == StepStatus::retrying ? "; will be tried again" : "";
  say(fmt::format("{} {}: {}{}{}", mark, style_.bold(name), text, style_.dim(time), again));
}

void ProgressDisplay::show_run(const RunProgress& progress, std::int64_t now) {
  if (!is_terminal_) return;
  const auto most = static_cast<std::size_t>(columns(2) - 1);
  const int total = static_cast<int>(progress.steps().size()), ended = progress.ended(),
            failed = progress.count(StepStatus::failure);
  const int filled = total > 0 ? ended * k_bar_width / total : 0;
  std::string bar;
  for (int i = 0; i < k_bar_width; ++i) bar += i < filled ? "█" : "░";
  auto counts = fmt::format(" {}/{} steps, {}", ended, total, seconds_text(seconds_between(progress.started_at(), now)));
  if (failed > 0) counts += fmt::format(", {} failed", failed);
  if (progress.status() == RunStatus::canceling) counts += ", canceling";
  // Cut before colors are put in: escapes have no width.
  std::vector<std::string> lines{style_.green(cut(bar, most)) + cut(counts, most > k_bar_width ? most - k_bar_width : 1)};
  std::size_t running = 0;
  for (const auto& step : progress.steps()) {
    if (step.status != StepStatus::running || ++running > k_most_running) continue;
    lines.push_back(
        cut(fmt::format("  {} {}", printable(step.step_key), seconds_text(seconds_between(step.started_at, now))), most));
  }
  if (running > k_most_running) lines.push_back(cut(fmt::format("  and {} more", running - k_most_running), most));
  show(std::move(lines));
}

}  // namespace headrace::cli
