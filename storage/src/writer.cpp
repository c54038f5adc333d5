#include "writer.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "prune.hpp"
#include "sqlite/transaction.hpp"

namespace headrace::storage {
namespace {

// One transaction holds at most so much, so that the first batch of a long queue is not acknowledged late.
constexpr std::size_t k_group_batches = 1000, k_group_events = 10'000;
// Of a batch that the appending thread may write itself.
constexpr std::size_t k_small_events = 64;

/// A batch that can never be written, whatever the disk does.
class BatchError : public std::runtime_error {
 public:
  BatchError(ErrorCode which, const std::string& what) : std::runtime_error(what), code(which) {}
  ErrorCode code;
};

bool must_survive_power_loss(const Batch& batch) {
  return batch.durable || std::any_of(batch.events.begin(), batch.events.end(), [](const Event& e) {
           return e.kind == EventKind::step_ended || e.kind == EventKind::run_ended;
         });
}

bool is_empty(const Batch& batch) {
  return batch.events.empty() && !batch.worker_created && !batch.journal_offset && !batch.worker_gone && !batch.definitions;
}

Error error_of(const StorageError& error) {
  using Kind = StorageError::Kind;
  const char* reason = error.kind == Kind::disk_full ? "disk_full"
                       : error.kind == Kind::damaged ? "damaged"
                       : error.kind == Kind::locked  ? "locked"
                                                     : "io";
  return {ErrorCode::unavailable, error.what(), {{"reason", reason}}};
}

Result<EventLog::Appended> queue_is_full(std::size_t limit) {
  return fail(ErrorCode::unavailable,
              fmt::format("These events were not written: {} batches wait already. Try again later.", limit),
              {{"reason", "queue_full"}});
}

std::optional<std::int64_t> none_if(bool none, std::int64_t value) { return none ? std::nullopt : std::optional(value); }

}  // namespace

Writer::Writer(sqlite::Connection connection, const Options& options, Ring& ring, NewestEvent& newest)
    : connection_(std::move(connection)),
      options_(options),
      ring_(ring),
      newest_(newest),
      names_(connection_),
      projection_(connection_, names_),
      insert_event_(connection_, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      insert_worker_(connection_, "INSERT INTO workers VALUES (?, ?, ?, ?)"),
      advance_worker_(connection_, "UPDATE workers SET journal_offset = ?2 WHERE worker_id = ?1 AND journal_offset + ?3 <= ?2"),
      delete_worker_(connection_, "DELETE FROM workers WHERE worker_id = ?"),
      insert_definitions_(connection_, "INSERT OR IGNORE INTO definitions VALUES (?, ?)"),
      raise_counter_(connection_, "UPDATE counters SET value = max(value, ?2) WHERE name = ?1"),
      probe_(connection_, "UPDATE counters SET value = value + 1 WHERE name = 'probe'"),
      next_id_(ring.last_id() + 1) {
  connection_.execute("PRAGMA synchronous = FULL");
  sqlite3_wal_hook(
      connection_.raw(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Writer*>(self)->wal_bytes_ = static_cast<std::int64_t>(pages) * 4096;
        return SQLITE_OK;
      },
      this);
  if (options_.writer_thread) thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Writer::append(Batch batch, EventLog::Done done) {
  if (!options_.writer_thread) {
    Group alone;
    alone.push_back({std::move(batch), std::move(done)});
    return commit(std::move(alone));
  }
  {
    std::unique_lock lock(mutex_);
    if (may_write_here(batch)) return write_here(std::move(batch), std::move(done), std::move(lock));
    const bool refused = queue_.size() >= options_.queue_limit;
    queue_.push_back({refused ? Batch{} : std::move(batch), std::move(done), refused});
  }
  wake_.notify_one();
}

void Writer::run_in_turn(std::function<void()> work) {
  if (!options_.writer_thread) return work();
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({{}, {}, false, std::move(work)});
  }
  wake_.notify_one();
}

std::size_t Writer::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

Result<PruneResult> Writer::prune(const PruneRequest& request) {
  try {
    set_synchronous(false);  // what a power cut brings back goes again
    sqlite::Transaction transaction(connection_, sqlite::Transaction::Kind::write);
    auto result = prune_some(connection_, request);
    transaction.commit();
    return result;
  } catch (const StorageError& error) {
    return tl::unexpected(error_of(error));
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, error.what());
  }
}

bool Writer::may_write_here(const Batch& batch) const {
  return options_.durability == Durability::fast && !busy_ && queue_.empty() && wal_bytes_ < options_.checkpoint_bytes &&
         !batch.definitions && batch.events.size() <= k_small_events &&
         std::none_of(batch.events.begin(), batch.events.end(),
                      [](const Event& event) { return event.kind == EventKind::run_created; });
}

void Writer::write_here(Batch batch, EventLog::Done done, std::unique_lock<std::mutex> lock) {
  busy_ = true;
  lock.unlock();
  const bool had_nothing_to_copy = wal_bytes_ == 0;
  Group alone;
  alone.push_back({std::move(batch), std::move(done)});
  commit(std::move(alone));
  lock.lock();
  busy_ = false;
  last_commit_ = std::chrono::steady_clock::now();
  const bool has_work = !queue_.empty() || stopping_ || had_nothing_to_copy || wal_bytes_ >= options_.checkpoint_bytes;
  lock.unlock();
  if (has_work) wake_.notify_one();
}

void Writer::set_commit_listener(std::function<void(std::int64_t)> listener) { listener_ = std::move(listener); }

void Writer::run() {
  std::unique_lock lock(mutex_);
  while (wait_for_turn(lock)) {
    Group group = take();
    busy_ = true;
    lock.unlock();
    const bool is_idle = group.empty();
    if (!is_idle && group.front().work)
      group.front().work();
    else if (!is_idle)
      commit(std::move(group));
    if (is_idle || wal_bytes_ >= options_.checkpoint_bytes) checkpoint();
    lock.lock();
    busy_ = false;
    last_commit_ = std::chrono::steady_clock::now();
  }
}

/// Until there is something to write, or nothing has come for a while and the -wal file wants to be copied. False: the log is
/// being closed and all is written.
bool Writer::wait_for_turn(std::unique_lock<std::mutex>& lock) {
  const auto has_work = [this] { return !busy_ && (!queue_.empty() || stopping_ || wal_bytes_ >= options_.checkpoint_bytes); };
  for (;;) {
    wake_.wait(lock, [&] { return !busy_ && (has_work() || wal_bytes_ > 0); });
    if (has_work()) return !queue_.empty() || !stopping_;
    const auto last = last_commit_;
    if (!wake_.wait_until(lock, last + options_.checkpoint_when_idle, has_work) && !busy_ && last == last_commit_) return true;
  }
}

/// The next batches, or one piece of work.
Writer::Group Writer::take() {
  Group group;
  std::size_t events = 0;
  while (!queue_.empty() && group.size() < k_group_batches && events < k_group_events) {
    if (queue_.front().work && !group.empty()) break;
    events += queue_.front().batch.events.size();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (group.back().work) break;
  }
  return group;
}

void Writer::commit(Group group) {
  Error error;
  try {
    write(group);
  } catch (const StorageError& e) {
    error = error_of(e);
    if (e.kind == StorageError::Kind::io) write_failed_ = true;
    return refuse(group, error);
  } catch (const std::exception& e) {
    if (group.size() > 1) {
      for (auto& entry : group) {
        Group one;
        one.push_back(std::move(entry));
        commit(std::move(one));
      }
      return;
    }
    const auto* batch_error = dynamic_cast<const BatchError*>(&e);
    const bool constraint = dynamic_cast<const sqlite::ConstraintError*>(&e) != nullptr;
    error.code = batch_error != nullptr ? batch_error->code : constraint ? ErrorCode::conflict : ErrorCode::invalid;
    error.message = fmt::format("These events were not written: {}.", e.what());
    return refuse(group, error);
  }
  const std::int64_t first_id = next_id_;
  for (const auto& entry : group) next_id_ += static_cast<std::int64_t>(entry.batch.events.size());
  succeed(std::move(group), first_id);
}

void Writer::refuse(Group& group, const Error& error) {
  for (auto& entry : group) {
    if (entry.done) entry.done(tl::unexpected(error));
  }
}

/// All batches in one transaction, or an exception and nothing written.
void Writer::write(Group& group) {
  const bool full = options_.durability == Durability::full && std::any_of(group.begin(), group.end(), [](const Entry& entry) {
                      return must_survive_power_loss(entry.batch);
                    });
  if (write_failed_) sync_what_was_written();
  set_synchronous(full);
  try {
    sqlite::Transaction transaction(connection_, sqlite::Transaction::Kind::write);
    std::int64_t next_id = next_id_;
    for (auto& entry : group) {
      if (!entry.refused) write_batch(entry.batch, next_id);
    }
    transaction.commit();
  } catch (...) {
    names_.rolled_back();
    throw;
  }
  names_.committed();
}

void Writer::write_batch(Batch& batch, std::int64_t& next_id) {
  if (is_empty(batch)) return probe_.run();
  if (batch.definitions) insert_definitions_.run(batch.definitions->first, batch.definitions->second);
  write_worker_rows(batch);
  write_events(batch.events, next_id);
  if (batch.worker_gone) delete_worker_.run(*batch.worker_gone);
}

void Writer::write_worker_rows(const Batch& batch) {
  if (const auto& worker = batch.worker_created) {
    insert_worker_.run(worker->worker_id, worker->run, worker->code_location, worker->journal_offset);
    raise_counter_.run("last_worker", worker->worker_id);
  }
  if (!batch.journal_offset) return;
  const auto [worker_id, offset] = *batch.journal_offset;
  // Events from a journal must come with an offset behind the last one: reading a piece twice is refused here.
  const std::int64_t at_least = batch.events.empty() ? 0 : 1;
  advance_worker_.run(worker_id, offset, at_least);
  if (sqlite3_changes64(connection_.raw()) == 0) {
    throw BatchError(ErrorCode::conflict,
                     fmt::format("worker {} is gone, or its journal was read beyond byte {} already", worker_id, offset));
  }
}

void Writer::write_events(std::vector<Event>& events, std::int64_t& next_id) {
  for (auto& event : events) {
    event.id = next_id++;
    const auto asset = names_.intern(event.asset_key), partition = names_.intern(event.partition);
    insert_event_.run(event.id, static_cast<int>(event.kind), event.version, event.time, none_if(event.run == 0, event.run),
                      none_if(event.step < 0, event.step), none_if(event.attempt == 0, event.attempt), none_if(asset == 0, asset),
                      none_if(partition == 0, partition), event.payload);
    projection_.apply(event, asset, partition);
    if (event.kind == EventKind::run_created) raise_counter_.run("last_run", event.run);
  }
}

void Writer::succeed(Group group, std::int64_t first_id) {
  const bool advanced = next_id_ > first_id;
  if (advanced) newest_.write(next_id_ - 1);
  std::vector<Event> events;
  std::vector<std::pair<EventLog::Done, Result<EventLog::Appended>>> dones;
  for (auto& entry : group) {
    dones.emplace_back(std::move(entry.done), entry.refused ? queue_is_full(options_.queue_limit) : EventLog::Appended{first_id});
    first_id += static_cast<std::int64_t>(entry.batch.events.size());
    std::move(entry.batch.events.begin(), entry.batch.events.end(), std::back_inserter(events));
  }
  ring_.push(std::move(events));
  for (auto& [done, result] : dones) {
    if (done) done(std::move(result));
  }
  if (advanced && listener_) listener_(next_id_ - 1);
}

void Writer::set_synchronous(bool full) {
  if (full == synchronous_full_) return;
  // Between transactions only. One FULL commit also syncs the NORMAL ones before it: they are in the same file.
  connection_.execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  synchronous_full_ = full;
}

/// After a failed sync the system may have dropped what it could not write, and call the next sync a success all the same.
/// So everything in the -wal file goes into the database, synced, before anything else is called durable.
void Writer::sync_what_was_written() {
  connection_.check(sqlite3_wal_checkpoint_v2(connection_.raw(), nullptr, SQLITE_CHECKPOINT_FULL, nullptr, nullptr),
                    "sync after a failed write");
  write_failed_ = false;
}

/// Never waits for readers. A failure (disk full) costs nothing but a longer -wal file: the next one tries again.
void Writer::checkpoint() {
  int in_log = 0, done = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &done);
  wal_bytes_ = 0;
  if (code == SQLITE_OK && in_log == done) sqlite3_db_release_memory(connection_.raw());
}

}  // namespace headrace::storage
