// One worker of one run, seen from the daemon: its files, its socket, its journal, its life and its death.
//
// The journal is the channel: what the worker appended becomes events of the log in one transaction with the offset read so
// far. At most one such batch is under way, so a failed one is simply read again. News of a step that goes on waits a moment:
// most steps are over by then, and their start, inputs and end are one transaction. For the same reason a worker does not wake
// the daemon for a step's start and what follows at once: the daemon looks by itself a moment after it gave the step. The
// journal is the life too: the worker's lock on it tells a daemon that starts whether it still lives.
//
// A worker whose steps are short has the next ones at hand while it runs one. To begin a step it takes the step's claim out of a
// pipe. What it has not begun the daemon takes back by reading the claims itself: one of the two gets each, never both.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <async/line_socket.hpp>
#include <code_locations/location.hpp>
#include <code_locations/processes.hpp>
#include <core/protocol.hpp>
#include <runs/given_step.hpp>
#include <storage/event_log.hpp>

namespace headrace::runs {

/// What a worker needs from around it. Outlives every worker.
struct WorkerServices {
  async::Loop& loop;
  storage::EventLog& log;
  code_locations::Locations& locations;
  code_locations::Processes& processes;
  std::filesystem::path home;
  std::chrono::milliseconds birth_limit{10'000};  ///< silent for so long after its fork: killed
  std::chrono::milliseconds linger{2};            ///< how long news that nobody waits for may wait for more
  std::chrono::milliseconds look{4};              ///< after giving a step, until its journal is read without a wake-up
  std::chrono::milliseconds nudge{1'000};         ///< between empty lines to a worker whose canceled step goes on
  std::chrono::milliseconds watch{100};           ///< between looks at a worker that cannot wake us: an adopted one
  std::chrono::milliseconds lock_retry{10};       ///< between looks at a lock that a dead worker's child still holds
};

/// What a worker has to know of its run's steps.
struct StepFacts {
  std::function<int(const std::string& step_key)> index;  ///< -1: none of this run
  std::function<const std::string&(int step)> asset_key;  ///< as AssetKey::to_string()
  /// Seconds until the attempt that follows a failed one; nothing: none follows. `wish` as in the journal, null: none.
  std::function<std::optional<double>(int step, int attempt, const nlohmann::json& wish)> seconds_until_retry;
};

/// I/O thread only. What it gives to the log is called on the writer thread, where this object may be gone already: such a
/// function carries the loop itself, and touches the worker only there, and only if `alive_` still says so.
class Worker {
 public:
  struct Callbacks {
    StepFacts steps;
    /// May a worker with other definitions than it was started for be given steps? (One that loaded the code itself.)
    std::function<bool(const std::string& hash, const nlohmann::json& definitions)> accepts;
    std::function<void()> on_ready;                           ///< it can be given steps
    std::function<void(std::string message)> on_not_started;  ///< never came to be; its row may go
    /// It has not begun these steps and never will: they may be given to another worker as the same attempts.
    std::function<void(const std::vector<int>& steps)> on_taken_back;
    /// Likewise, because a step that they follow did not succeed; said before that step's end is written.
    std::function<void(const std::vector<int>& steps)> on_dropped;
    /// Dead, its journal read to the end and committed, with the end of an open step if it had none itself. `lost_step`: a step
    /// that it had taken but never begun (-1: none): it may be given to another worker as the same attempt.
    std::function<void(int lost_step, bool disk_full)> on_gone;
    std::function<void(const Error&)> on_store_failed;  ///< the log took nothing; retry_reading() later
    std::function<void()> on_caught_up;                 ///< adopt(): everything in the journal is committed
  };

  Worker(WorkerServices& services, storage::WorkerRow row, Callbacks callbacks);
  ~Worker();

  /// A new one, for definitions of this hash. `takes_one_step`: it leaves after its first. `with`: written together with its row.
  void start(const std::string& hash, Execution::Start start, bool takes_one_step, storage::Batch with);
  /// One that an earlier daemon started: reads its journal, then calls on_caught_up. Then follow() or nothing.
  void adopt();
  /// After adopt(): true while its lock on the journal is held; it is then watched to its end, and whatever it journals becomes
  /// events as it comes. False: call finish_dead().
  bool follow();
  void finish_dead() { on_dead({}); }
  /// The step that the log says it has begun and not ended (its journal's line was read by an earlier daemon).
  void restore_open_step(int step, int attempt);

  std::int64_t id() const { return row_.worker_id; }
  const std::string& code_location() const { return row_.code_location; }
  bool is_ready() const { return ready_ && !leaving_ && !dead_; }
  bool is_adopted() const { return adopted_; }
  bool is_leaving() const { return leaving_ || dead_; }
  /// The step it has: from give() (or a journal line) until its end was read; -1: none.
  int open_step() const { return given_.empty() ? -1 : given_.front().step; }
  /// Given and not ended: the open step, and those that wait for it here.
  std::size_t steps_at_hand() const { return given_.size(); }
  int step_at_hand(std::size_t index) const { return given_[index].step; }
  bool has_at_hand(int step) const;
  /// May it be given a step while it has one? Only if its steps are short: none waits here for a long one.
  bool has_room() const;
  /// Does it take steps that wait for others which it has at hand?
  bool chains_steps() const { return chains_steps_; }
  /// `after`: steps at hand that must succeed first; else it does not begin this one.
  void give(int step, int attempt, protocol::RunStep message, std::vector<int> after = {});
  /// Sends what was given: once for all that are given together.
  void send_given();
  /// The steps that it has not begun, and now never will.
  std::vector<int> take_back();
  /// No more steps: it ends after the one it has begun.
  void leave();
  void cancel_step(const std::string& run_id, const std::string& step_key);
  /// SIGKILL to it and all that it started. `is_cancellation`: the open step then ends as canceled.
  void kill(bool is_cancellation);
  void retry_reading() { read_journal(); }
  /// After its death: how it ended, and where what it said at last can be read.
  std::string last_words() const;

  static std::filesystem::path folder(const std::filesystem::path& home, std::int64_t run, std::int64_t worker);

 private:
  void hand_back();
  void step_started(int step, int attempt, std::int64_t time);
  void step_ended(int step, std::int64_t time, bool succeeded);
  void drop_what_follows(int step);
  void create_files_and_start(const std::string& hash, Execution::Start start);
  void on_started(Result<code_locations::WorkerProcess> process);
  void not_started(const std::string& message);
  void introduce(const nlohmann::json& line);
  void become_ready();
  void nudge();
  void look_soon();
  void look_after(std::chrono::milliseconds delay);
  void watch();
  bool find_identity();
  void find_process();
  void watch_death();
  void on_dead(code_locations::ExitStatus status);
  void sweep();
  void read_journal();
  void take_new_lines();
  void write_batch();
  bool take_line(nlohmann::json line, storage::Batch& batch);
  void retry_if_wanted(int step, int attempt, std::int64_t time, const nlohmann::json& wish, nlohmann::json& payload) const;
  void on_batch_done(Result<storage::EventLog::Appended> result);
  void finish();
  void remove_journal();
  void write_end();
  bool is_locked() const;
  Event end_of_open_step() const;
  std::string file(const char* name) const { return (folder(services_.home, row_.run, row_.worker_id) / name).string(); }

  WorkerServices& services_;
  storage::WorkerRow row_;  // journal_offset: committed
  Callbacks callbacks_;
  int pid_ = 0;
  async::UniqueFd pidfd_, journal_;
  async::UniqueFd claims_in_, claims_out_;  // both ends of the pipe: what is written and not yet read is not begun
  std::function<void(std::function<void(code_locations::ExitStatus)>)> exit_status_;
  std::unique_ptr<async::LineSocket> socket_;
  async::Handle death_, birth_, nudge_, linger_, look_, watch_, unlock_;
  std::chrono::milliseconds look_delay_{0};
  code_locations::ExitStatus status_;

  bool ready_ = false, leaving_ = false, dead_ = false, adopted_ = false, catching_up_ = false;
  storage::Batch batch_;          // read, not yet given to the log
  std::int64_t batch_bytes_ = 0;  // of the journal, in batch_ or under way
  bool is_urgent_ = false;        // batch_ must not linger: a step's end, or the first news of the worker
  bool batch_under_way_ = false, read_again_ = false, damaged_ = false, finishing_ = false;
  bool canceling_ = false, silent_ = false, takes_one_step_ = false;
  std::deque<GivenStep> given_;  // the first is the open step
  std::vector<std::int64_t> unsent_claims_;
  std::string unsent_;  // messages
  std::int64_t last_claim_ = 0;
  bool claims_steps_ = false, chains_steps_ = false;  // it says that it does
  bool is_quick_ = false;                             // its last step was over before anybody looked
  bool has_begun_ = false, followed_ = false, has_no_process_ = false;
  std::uint64_t start_time_ = 0;
  bool is_of_this_boot_ = true;
  std::string hash_;  // of the definitions it was started for
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace headrace::runs
