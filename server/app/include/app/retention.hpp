// Prunes the home in the background: a step, its runs' output, the next step; then again after a while.
#pragma once

#include <filesystem>

#include <live/reader_pool.hpp>
#include <storage/retention.hpp>

#include <async/loop.hpp>

namespace headrace::app {

/// I/O thread only. Deleting from the log is the writer's, a small transaction at a time among all others; deleting files is the
/// reader pool's.
class Retention {
 public:
  Retention(async::Loop& loop, storage::EventLog& log, live::ReaderPool& pool, std::filesystem::path home,
            const storage::Retention& limits, std::chrono::milliseconds pace);
  ~Retention() { *alive_ = false; }
  Retention(const Retention&) = delete;

  /// The first pass; others follow by themselves.
  void begin();

 private:
  using Size = storage::HomeSize;
  void step();
  void on_pruned(Result<storage::PruneResult> result);
  void on_size(Size size);
  void end_pass();
  /// Runs `work` on the pool, then `then` with what it returned on the I/O thread.
  void on_pool(std::function<Size(storage::Reader&)> work, std::function<void(Size)> then);

  async::Loop& loop_;
  storage::EventLog& log_;
  live::ReaderPool& pool_;
  const std::filesystem::path home_;
  const storage::Retention limits_;
  const std::chrono::milliseconds pace_;
  bool by_age_ = false, may_go_on_ = false;
  std::int64_t runs_ = 0, events_ = 0, freed_ = 0;  // of this pass
  async::Handle timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace headrace::app
