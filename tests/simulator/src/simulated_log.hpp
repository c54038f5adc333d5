// The real event log on the simulated disk: batches wait until the simulator's writer comes to them, in groups as the real one
// takes them; a full disk refuses them; a crash takes what was not committed, and the news of what was.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>

#include <storage/event_log.hpp>

#include "machine.hpp"

namespace headrace::simulator {

class SimulatedLog final : public storage::EventLog {
 public:
  SimulatedLog(Machine& machine, const std::filesystem::path& home);

  void append(storage::Batch batch, Done done) override;
  void set_commit_listener(std::function<void(std::int64_t)> listener) override { listener_ = std::move(listener); }
  std::optional<std::vector<Event>> recent_after(std::int64_t after, int limit) override {
    return log_->recent_after(after, limit);
  }
  std::int64_t last_id() const override { return log_->last_id(); }
  void ping(std::function<void()> answered) override { log_->ping(std::move(answered)); }
  void prune(const storage::PruneRequest& request, std::function<void(Result<storage::PruneResult>)> done) override {
    log_->prune(request, std::move(done));
  }
  std::int64_t pruned_through() const override { return log_->pruned_through(); }
  std::size_t queued() const override { return queue_.size(); }
  std::unique_ptr<storage::Reader> open_reader() override { return log_->open_reader(); }
  std::int64_t last_run_number() override { return log_->last_run_number(); }
  std::int64_t last_worker_id() override { return log_->last_worker_id(); }

  /// The daemon is killed: some of what waits is still committed, and nobody hears of it.
  void crash();
  /// The daemon ends in order: everything that waits is committed.
  void drain();

 private:
  struct Entry {
    storage::Batch batch;
    Done done;
  };
  void plan_commit();
  void commit_group();
  void tell(std::vector<std::pair<Done, Result<Appended>>> answers, bool has_advanced);
  Result<Appended> commit(storage::Batch batch);

  Machine& machine_;
  std::unique_ptr<storage::EventLog> log_;
  std::function<void(std::int64_t)> listener_;
  std::deque<Entry> queue_;
  bool is_busy_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace headrace::simulator
