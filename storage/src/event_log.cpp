#include <algorithm>
#include <atomic>

#include <fmt/core.h>
#include <storage/event_log.hpp>
#include <storage/home.hpp>

#include "newest_event.hpp"
#include "reader.hpp"
#include "schema.hpp"
#include "writer.hpp"

namespace headrace::storage {
namespace {

constexpr std::size_t k_ring_bytes = 8u << 20;

std::int64_t last_event(sqlite::Connection& connection) {
  return connection.integer(
      "SELECT max((SELECT coalesce(max(id), 0) FROM events), (SELECT value FROM counters WHERE name = 'pruned_through'))");
}

class SqliteEventLog final : public EventLog {
 public:
  SqliteEventLog(const std::filesystem::path& home, const Options& options, sqlite::Connection connection)
      : home_(home),
        last_run_number_(connection.integer("SELECT value FROM counters WHERE name = 'last_run'")),
        last_worker_id_(connection.integer("SELECT value FROM counters WHERE name = 'last_worker'")),
        pruned_through_(connection.integer("SELECT value FROM counters WHERE name = 'pruned_through'")),
        newest_(home),
        // Ids go on behind what is gone.
        ring_(options.ring_size, k_ring_bytes, std::max(last_event(connection), newest_.read())),
        writer_(std::move(connection), options, ring_, newest_) {}

  void append(Batch batch, Done done) override { writer_.append(std::move(batch), std::move(done)); }
  void set_commit_listener(std::function<void(std::int64_t)> listener) override {
    writer_.set_commit_listener(std::move(listener));
  }
  std::optional<std::vector<Event>> recent_after(std::int64_t after, int limit) override { return ring_.after(after, limit); }
  std::int64_t last_id() const override { return ring_.last_id(); }
  void ping(std::function<void()> answered) override { writer_.run_in_turn(std::move(answered)); }
  void prune(const PruneRequest& request, std::function<void(Result<PruneResult>)> done) override {
    writer_.run_in_turn([this, request, done = std::move(done)] {
      auto result = writer_.prune(request);
      if (result) pruned_through_ = std::max(pruned_through_.load(), result->through);
      done(std::move(result));
    });
  }
  std::int64_t pruned_through() const override { return pruned_through_; }
  std::size_t queued() const override { return writer_.queued(); }
  std::unique_ptr<Reader> open_reader() override {
    return std::make_unique<SqliteReader>(open_existing(home_, sqlite::Connection::Mode::read_only));
  }
  std::int64_t last_run_number() override { return last_run_number_; }
  std::int64_t last_worker_id() override { return last_worker_id_; }

 private:
  const std::filesystem::path home_;
  const std::int64_t last_run_number_, last_worker_id_;
  std::atomic<std::int64_t> pruned_through_;
  NewestEvent newest_;
  Ring ring_;
  Writer writer_;  // last: its thread ends before anything it uses
};

}  // namespace

std::string lost_end(const std::filesystem::path& home) {
  auto connection = open_existing(home, sqlite::Connection::Mode::read_only);
  const auto found = last_event(connection), committed = NewestEvent(home).read();
  if (committed <= found) return {};
  return fmt::format(
      "The event log in {} ends with event {}, but event {} was committed: the newest events are gone. Was headrace.db-wal "
      "damaged or "
      "removed, or a backup put back? (A power loss takes the newest events too; with durability full no end of a step or run.)",
      database_file(home).string(), found, committed);
}

std::unique_ptr<EventLog> EventLog::open(const std::filesystem::path& home, const Options& options) {
  return std::make_unique<SqliteEventLog>(home, options, open_database(home));
}

}  // namespace headrace::storage
