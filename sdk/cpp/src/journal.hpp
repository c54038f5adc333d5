// The worker's append-only files, and what a step does as lines of them (core/protocol/README.md, 4).
#pragma once

#include <execution.hpp>
#include <output_files.hpp>

namespace headrace {
inline namespace sdk {

constexpr int k_exit_journal_failed = 75;

/// Microseconds since 1970-01-01 UTC.
std::int64_t now();

class Journal {
 public:
  /// Each of `lines` is a JSON object; all of them in a single write. Without `wake` the daemon reads them when it reads next.
  /// A failed append ends the process: with 75, which the daemon takes for a full disk, or 1 where user code closed the journal.
  void append(std::initializer_list<std::string_view> lines, bool wake = true);
  /// Tells the daemon that there is something to read.
  static void wake();
};

/// The StepReporter of one step. Materializations wait for the step's end, to be written in one append with it.
class JournalReporter final : public StepReporter {
 public:
  JournalReporter(Journal& journal, OutputFiles& output, const StepRequest& request);
  void started(bool wake);
  void inputs_loaded(const json& inputs) override;
  void observed(const AssetKey& key, const std::optional<std::string>& partition, const json& metadata) override;
  void materialized(const Materialization& made) override;
  void log(std::string_view level, const std::string& message) override;
  /// `more`: `retry` and `retiring` of the protocol, where they are said.
  Offsets ended(const char* status, const json& error, double seconds, const json& more = json::object(), bool wake = true);
  /// A step that was canceled before it began.
  void never_started();
  /// `"run_id":…,"step_key":…,"attempt":…`
  const std::string& ids() const { return ids_; }
  /// The fields of its `materialized` line, without braces; empty: nothing was made.
  const std::string& made() const { return materialized_; }

 private:
  std::string line(const char* type, std::int64_t time, const Offsets& offsets, std::string_view fields = {}) const;
  Journal& journal_;
  OutputFiles& output_;
  std::string ids_;
  std::int64_t started_ = 0, materialized_at_ = 0;
  std::string materialized_;
};

}  // namespace sdk
}  // namespace headrace
