// A loop that the test runs by hand, and an event log in memory whose ring can be made short.
#pragma once

#include <async/loop.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <storage/event_log.hpp>

namespace headrace::live::testing {

/// Functions run on the test's thread, in run_until(). Timers fire when the test says so.
class HandLoop final : public async::Loop {
 public:
  void post(std::function<void()> function) override {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(function));
    ready_.notify_all();
  }
  /// Runs what is posted until `done` holds; false: nothing came for a long time.
  bool run_until(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      if (!ready_.wait_for(lock, std::chrono::seconds(20), [&] { return !queue_.empty(); })) return false;
      auto function = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      function();
    }
    return true;
  }
  async::Handle after(std::chrono::milliseconds, std::function<void()> function) override {
    struct Timer final : async::Pending {
      HandLoop& loop;
      explicit Timer(HandLoop& l) : loop(l) {}
      ~Timer() override { loop.timer_owner_ == this ? void(loop.timer_ = nullptr) : void(); }
    };
    auto timer = std::make_unique<Timer>(*this);
    timer_ = std::move(function);
    timer_owner_ = timer.get();
    return timer;
  }
  bool has_timer() const { return static_cast<bool>(timer_); }
  void fire_timer() { std::exchange(timer_, nullptr)(); }
  async::Handle on_readable(int, std::function<void()>) override { return nullptr; }
  async::Handle on_writable(int, std::function<void()>) override { return nullptr; }
  std::int64_t now() const override { return 1'000'000; }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  std::function<void()> timer_;
  const void* timer_owner_ = nullptr;
};

class MemoryLog final : public storage::EventLog {
 public:
  struct Shared {
    std::mutex mutex;
    std::vector<Event> events;
    std::size_t ring = 1'000'000;
    int database_reads = 0;
    std::atomic<std::int64_t> pruned_through = 0;
    bool fails = false;
  };
  std::shared_ptr<Shared> shared = std::make_shared<Shared>();

  std::int64_t add(Event event) {
    const std::lock_guard lock(shared->mutex);
    event.id = static_cast<std::int64_t>(shared->events.size()) + 1;
    shared->events.push_back(std::move(event));
    return shared->events.back().id;
  }
  void append(storage::Batch, Done) override {}
  void set_commit_listener(std::function<void(std::int64_t)>) override {}
  std::optional<std::vector<Event>> recent_after(std::int64_t after, int limit) override {
    const std::lock_guard lock(shared->mutex);
    if (shared->events.size() > shared->ring && static_cast<std::size_t>(after) < shared->events.size() - shared->ring)
      return std::nullopt;
    return slice(*shared, after, limit);
  }
  std::int64_t last_id() const override {
    const std::lock_guard lock(shared->mutex);
    return static_cast<std::int64_t>(shared->events.size());
  }
  void ping(std::function<void()> answered) override { answered(); }
  void prune(const storage::PruneRequest&, std::function<void(Result<storage::PruneResult>)>) override {}
  std::int64_t pruned_through() const override { return shared->pruned_through; }
  std::size_t queued() const override { return 0; }
  std::unique_ptr<storage::Reader> open_reader() override { return std::make_unique<MemoryReader>(shared); }
  std::int64_t last_run_number() override { return 0; }
  std::int64_t last_worker_id() override { return 0; }

 private:
  static std::vector<Event> slice(const Shared& shared, std::int64_t after, int limit) {
    std::vector<Event> found;
    for (const auto& event : shared.events)
      if (event.id > after && static_cast<int>(found.size()) < limit) found.push_back(event);
    return found;
  }
  class MemoryReader final : public storage::Reader {
   public:
    explicit MemoryReader(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    std::int64_t as_of() override { return static_cast<std::int64_t>(shared_->events.size()); }
    std::vector<Event> read_after(std::int64_t after, int limit) override {
      const std::lock_guard lock(shared_->mutex);
      ++shared_->database_reads;
      if (shared_->fails) throw storage::StorageError(storage::StorageError::Kind::io, "the disk is gone");
      return slice(*shared_, after, limit);
    }
    std::vector<Event> run_events(std::int64_t, std::int64_t, int) override { return {}; }
    std::optional<Event> event(std::int64_t) override { return {}; }
    std::optional<storage::RunRow> run(std::int64_t) override { return {}; }
    std::optional<std::int64_t> run_number(const std::string&) override { return {}; }
    std::vector<storage::RunRow> runs(const RunFilter&) override { return {}; }
    std::vector<std::int64_t> unfinished_runs() override { return {}; }
    std::map<RunStatus, std::int64_t> run_counts() override { return {}; }
    std::vector<storage::StepRow> steps(std::int64_t) override { return {}; }
    std::optional<storage::AttemptRow> attempt(std::int64_t, int, int) override { return {}; }
    std::vector<storage::AssetRow> assets() override { return {}; }
    std::optional<storage::AssetRow> asset(const std::string&) override { return {}; }
    std::optional<Event> latest_materialization(const std::string&, const std::string&) override { return {}; }
    std::vector<Event> materializations(const std::string&, const std::optional<std::string>&, std::int64_t, int) override {
      return {};
    }
    std::int64_t used_bytes() override { return 0; }
    std::optional<std::string> definitions(const std::string&) override { return {}; }
    std::vector<storage::WorkerRow> workers() override { return {}; }

   private:
    void begin() override {}
    void end() override {}
    std::shared_ptr<Shared> shared_;
  };
};

}  // namespace headrace::live::testing
