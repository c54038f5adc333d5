// The event log and the state derived from it, in one SQLite file. The only place that knows SQL.
//
// One writer thread owns the write connection and drains a queue of batches into one transaction (group commit). A
// batch is all or nothing: its events, the rows derived from them, and a worker's journal offset. After the commit the
// batch's `done` and then the commit listener are called ON THE WRITER THREAD: they must only post to the I/O thread. With
// durability `fast` a small batch may be committed, and both called, by the thread that appends it, before append() returns.
// Readers have connections of their own (one Reader a thread).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <core/event.hpp>

namespace headrace::storage {

/// The database cannot be opened or written: damaged, newer version, no permission, disk full. The message says what to do.
class StorageError : public std::runtime_error {
 public:
  enum class Kind { io, disk_full, damaged, newer_version, locked };
  StorageError(Kind which, const std::string& what) : std::runtime_error(what), kind(which) {}
  Kind kind;
};

/// A worker process as recovery needs it. Not derived from events: this is the journals' reading position.
struct WorkerRow {
  std::int64_t worker_id = 0;
  std::int64_t run = 0;
  std::string code_location;
  std::int64_t journal_offset = 0;
};

/// A batch with nothing in it is a probe: it writes (a counter), so that its answer tells whether the disk takes writes.
struct Batch {
  std::vector<Event> events;  ///< ids are assigned at commit
  std::optional<WorkerRow> worker_created;
  std::optional<std::pair<std::int64_t, std::int64_t>> journal_offset;  ///< worker_id, bytes read
  std::optional<std::int64_t> worker_gone;                              ///< the row goes; nothing of it will be read again
  std::optional<std::pair<std::string, std::string>> definitions;       ///< hash, JSON; kept once by hash
  bool durable = false;                                                 ///< commit with synchronous=FULL (Durability::full only)
};

enum class Durability { full, fast };

struct Options {
  Durability durability = Durability::full;
  std::size_t ring_size = 8192;       ///< committed events kept in memory for read_after
  std::size_t queue_limit = 100'000;  ///< batches
  std::int64_t checkpoint_bytes = 16 << 20;
  std::chrono::milliseconds checkpoint_when_idle{500};  ///< so long without a batch
  bool writer_thread = true;  ///< false: append() commits before it returns, on the caller's thread (the simulator's way)
};

/// A step of pruning (retention.hpp): some of the oldest finished runs that may go.
struct PruneRequest {
  std::int64_t ended_before = 0;  ///< microseconds UTC; 0: whenever
  std::int64_t keep_runs = 0;     ///< the newest finished runs stay
  std::int64_t after_run = 0;     ///< only later ones: those before were looked at
};
struct PruneResult {
  std::vector<std::int64_t> runs;  ///< that are gone
  std::int64_t events = 0;         ///< of them
  std::int64_t through = 0;        ///< the highest id among these; 0: none
  bool may_go_on = false;          ///< another step may find more
};

// ---- rows that readers return ------------------------------------------------------------------------------------------
struct RunRow {
  std::int64_t number = 0;
  std::string run_id;
  RunStatus status = RunStatus::queued;
  std::int64_t created_at = 0, started_at = 0, ended_at = 0;  ///< 0: not yet
  std::string selection;                                      ///< as requested (JSON text)
  std::string tags;                                           ///< JSON object
  std::string request_hash;                                   ///< of the request body: same run_id and same hash = same request
  std::string message;                                        ///< of run_ended
  std::int64_t created_event = 0;
  std::int64_t steps_total = 0, steps_succeeded = 0, steps_failed = 0, steps_ended = 0;
};
struct StepRow {
  int index = 0;
  std::string step_key, asset_key, partition, code_location;
  StepStatus status = StepStatus::waiting;
  int attempt = 0;
  std::int64_t started_at = 0, ended_at = 0;
  std::string error;          ///< JSON object of protocol section 7, empty for none
  std::int64_t retry_at = 0;  ///< while it is retrying: when the next attempt may begin
};
/// One attempt of a step, for its logs: which worker wrote them and which range of its three files is the attempt's.
struct AttemptRow {
  int step = 0, attempt = 0;
  std::int64_t worker_id = 0;
  std::int64_t begin[3] = {0, 0, 0};   ///< stdout, stderr, log
  std::int64_t end[3] = {-1, -1, -1};  ///< -1: still open
};
struct AssetRow {
  std::string asset_key;
  std::int64_t materialization = 0;  ///< event id of the latest, 0: never
  std::int64_t last_run = 0;         ///< run of its latest step
  StepStatus last_step = StepStatus::waiting;
};

/// A snapshot reader. Not thread-safe; every call is its own short read transaction unless inside a Snapshot.
class Reader {
 public:
  virtual ~Reader() = default;
  /// Holds one read transaction while alive, so that several reads and as_of() agree. Never across a network write.
  /// The transaction sees the log as it is when it begins: take a workspace snapshot after it, never before, so that the
  /// workspace is at least as new as every event up to as_of().
  class Snapshot {
   public:
    explicit Snapshot(Reader& reader) : reader_(reader) { reader_.begin(); }
    ~Snapshot() { reader_.end(); }
    Snapshot(const Snapshot&) = delete;

   private:
    Reader& reader_;
  };

  virtual std::int64_t as_of() = 0;  ///< the last committed event id
  virtual std::vector<Event> read_after(std::int64_t after, int limit) = 0;
  virtual std::vector<Event> run_events(std::int64_t run, std::int64_t after, int limit) = 0;
  virtual std::optional<Event> event(std::int64_t id) = 0;

  virtual std::optional<RunRow> run(std::int64_t number) = 0;
  virtual std::optional<std::int64_t> run_number(const std::string& run_id) = 0;
  struct RunFilter {
    std::optional<RunStatus> status;
    std::string asset_key;
    std::int64_t before = 0;
    int limit = 50;
  };
  virtual std::vector<RunRow> runs(const RunFilter& filter) = 0;  ///< newest first
  virtual std::vector<std::int64_t> unfinished_runs() = 0;        ///< oldest first
  virtual std::map<RunStatus, std::int64_t> run_counts() = 0;     ///< of the statuses that there are
  virtual std::vector<StepRow> steps(std::int64_t run) = 0;       ///< by index
  virtual std::optional<AttemptRow> attempt(std::int64_t run, int step, int attempt) = 0;

  virtual std::vector<AssetRow> assets() = 0;  ///< all that ever had an event
  virtual std::optional<AssetRow> asset(const std::string& asset_key) = 0;
  virtual std::optional<Event> latest_materialization(const std::string& asset_key, const std::string& partition) = 0;
  /// Newest first, ids below `before` (0: from the newest). partition none: all.
  virtual std::vector<Event> materializations(const std::string& asset_key, const std::optional<std::string>& partition,
                                              std::int64_t before, int limit) = 0;

  virtual std::int64_t used_bytes() = 0;  ///< of the file, without pages that are free for what comes
  virtual std::optional<std::string> definitions(const std::string& hash) = 0;
  virtual std::vector<WorkerRow> workers() = 0;

 private:
  virtual void begin() = 0;
  virtual void end() = 0;
};

class EventLog {
 public:
  /// Opens or makes `<home>/headrace.db` (0600), migrates it. Throws StorageError. The home's lock is the caller's business.
  static std::unique_ptr<EventLog> open(const std::filesystem::path& home, const Options& options);
  virtual ~EventLog() = default;  ///< drains the queue, then closes

  /// Ids of the batch's events: first_id .. first_id + n - 1; or the error (disk full …): nothing of the batch was written.
  struct Appended {
    std::int64_t first_id = 0;
  };
  using Done = std::function<void(Result<Appended>)>;
  /// Any thread. Batches are committed in the order of the calls. Errors: `unavailable` with detail.reason "disk_full", "io",
  /// "locked", "damaged" (nothing is wrong with the batch; it may be tried again) or "queue_full"; `conflict` (a run's number
  /// or id is taken, or a journal was read beyond this offset already); `invalid` (an event does not fit those before it).
  /// Such a batch fails alone, the ones beside it are written.
  virtual void append(Batch batch, Done done) = 0;

  /// Called after each commit with the last id. Set once, before the first append.
  virtual void set_commit_listener(std::function<void(std::int64_t last_id)> listener) = 0;

  /// Any thread: committed events after `after`, from the ring in memory; nullopt when the ring no longer reaches back so far.
  virtual std::optional<std::vector<Event>> recent_after(std::int64_t after, int limit) = 0;
  virtual std::int64_t last_id() const = 0;  ///< any thread

  /// Any thread. Calls `answered` on the writer thread in its turn, with nothing written: whoever waits for it knows that the
  /// writer goes on.
  virtual void ping(std::function<void()> answered) = 0;
  /// Any thread. One step, in a transaction of its own between two others; `done` is called on the writer thread.
  virtual void prune(const PruneRequest& request, std::function<void(Result<PruneResult>)> done) = 0;
  virtual std::int64_t pruned_through() const = 0;  ///< any thread: the highest id that was ever pruned, 0: none
  virtual std::size_t queued() const = 0;           ///< any thread: batches that wait for the writer

  virtual std::unique_ptr<Reader> open_reader() = 0;

  virtual std::int64_t last_run_number() = 0;  ///< at open; runs are numbered by the coordinator from here
  virtual std::int64_t last_worker_id() = 0;   ///< likewise
};

/// Copies the log into a new file, folds it anew and puts that file in the place of the old (`headrace storage rebuild`).
/// Takes the home's lock itself. Repairs damage in everything but the events; whatever fails leaves the old file as it was.
/// Throws StorageError.
void rebuild(const std::filesystem::path& home);
/// A consistent copy into a new file (0600), while the daemon may be running (`headrace storage backup`). An existing file is
/// never overwritten. Throws StorageError.
void backup(const std::filesystem::path& home, const std::filesystem::path& target);
/// Compares the derived tables with a fresh fold of the log; returns a description of the first difference, or empty.
std::string check_derived(const std::filesystem::path& home);

}  // namespace headrace::storage
