// A run on stderr while it goes on: a bar with the running steps on a terminal, lines elsewhere.
#pragma once

#include <cstdio>
#include <mutex>

#include <run_progress.hpp>
#include <text.hpp>

namespace headrace::cli {

/// say() from any thread, the rest on one.
class ProgressDisplay {
 public:
  ProgressDisplay();
  ~ProgressDisplay() { clear(); }

  bool is_live() const { return is_terminal_; }
  /// A line that stays, above what moves.
  void say(const std::string& line);
  /// What moves: some lines at the bottom, replaced by the next call. Nothing without a terminal.
  void show(std::vector<std::string> lines);
  void clear() { show({}); }
  /// A step began or ended: the line that stays (without a terminal also its start).
  void step_changed(const StepProgress& step);
  /// The bar.
  void show_run(const RunProgress& progress, std::int64_t now);

 private:
  void erase();
  void draw();

  std::mutex mutex_;
  const bool is_terminal_;
  const Style style_;
  std::vector<std::string> moving_;
};

}  // namespace headrace::cli
