// The one writer: a thread that owns the write connection and drains a queue of batches into one transaction.
//
//   append (any thread) → queue → [ write all batches · commit · ring · each batch's done · listener ]   (writer thread)
//
// With durability `fast`, where no commit waits for the disk, a small batch is written by who appends it if the writer is idle:
// two changes of threads cost more than the batch. `busy_` says whose turn it is.
//
// A group that fails because one batch is at fault is written again batch by batch, so that only that one gets the error;
// a group that fails because of the disk fails as a whole. Ids are given out here and kept only by a commit: dense.
// A batch with nothing in it still writes (a counter): it is the probe that tells whether the disk takes writes again.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <storage/event_log.hpp>

#include "names.hpp"
#include "newest_event.hpp"
#include "projection.hpp"
#include "ring.hpp"

namespace headrace::storage {

class Writer {
 public:
  Writer(sqlite::Connection connection, const Options& options, Ring& ring, NewestEvent& newest);
  ~Writer();  ///< writes what is queued, then ends the thread
  Writer(const Writer&) = delete;

  void append(Batch batch, EventLog::Done done);
  void set_commit_listener(std::function<void(std::int64_t)> listener);
  /// Runs `work` on the writer thread between two transactions, behind what is queued.
  void run_in_turn(std::function<void()> work);
  std::size_t queued() const;
  /// Only in run_in_turn().
  Result<PruneResult> prune(const PruneRequest& request);

 private:
  struct Entry {
    Batch batch;
    EventLog::Done done;
    bool refused = false;        ///< the queue was full
    std::function<void()> work;  ///< instead of a batch
  };
  using Group = std::vector<Entry>;

  bool may_write_here(const Batch& batch) const;
  void write_here(Batch batch, EventLog::Done done, std::unique_lock<std::mutex> lock);
  void run();
  bool wait_for_turn(std::unique_lock<std::mutex>& lock);
  Group take();
  void commit(Group group);
  void write(Group& group);
  void write_batch(Batch& batch, std::int64_t& next_id);
  void write_events(std::vector<Event>& events, std::int64_t& next_id);
  void write_worker_rows(const Batch& batch);
  static void refuse(Group& group, const Error& error);
  void succeed(Group group, std::int64_t first_id);
  void set_synchronous(bool full);
  void sync_what_was_written();
  void checkpoint();

  sqlite::Connection connection_;
  const Options options_;
  Ring& ring_;
  NewestEvent& newest_;
  std::function<void(std::int64_t)> listener_;

  // Of whoever holds `busy_`.
  Names names_;
  Projection projection_;
  sqlite::Statement insert_event_, insert_worker_, advance_worker_, delete_worker_, insert_definitions_, raise_counter_, probe_;
  std::int64_t next_id_;
  bool synchronous_full_ = true;
  bool write_failed_ = false;   ///< the last transaction met an I/O error
  std::int64_t wal_bytes_ = 0;  ///< not yet checkpointed

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Entry> queue_;                            // guarded by mutex_
  bool stopping_ = false;                              // guarded by mutex_
  bool busy_ = false;                                  // guarded by mutex_: somebody writes
  std::chrono::steady_clock::time_point last_commit_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace headrace::storage
