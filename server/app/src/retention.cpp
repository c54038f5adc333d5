#include <app/retention.hpp>

#include <spdlog/spdlog.h>

namespace headrace::app {

Retention::Retention(async::Loop& loop, storage::EventLog& log, live::ReaderPool& pool, std::filesystem::path home,
                     const storage::Retention& limits, std::chrono::milliseconds pace)
    : loop_(loop), log_(log), pool_(pool), home_(std::move(home)), limits_(limits), pace_(pace) {}

/// First by age. What an earlier daemon left of pruned runs' output goes too.
void Retention::begin() {
  runs_ = events_ = freed_ = 0;
  by_age_ = limits_.max_age > 0;
  may_go_on_ = true;
  on_pool(
      [home = home_](storage::Reader& reader) {
        return Size{0, storage::sweep_logs(home, reader)};
      },
      [this](Size swept) {
        freed_ += swept.logs;
        step();
      });
}

void Retention::step() {
  if (by_age_) {
    const storage::PruneRequest request{.ended_before = std::max<std::int64_t>(1, loop_.now() - limits_.max_age),
                                        .keep_runs = limits_.keep_runs};
    return log_.prune(request, [this, alive = alive_, loop = &loop_](Result<storage::PruneResult> result) {
      loop->post([this, alive, result = std::move(result)] {
        if (*alive) on_pruned(result);
      });
    });
  }
  if (limits_.max_bytes == 0 || !may_go_on_) return end_pass();
  on_pool([home = home_](storage::Reader& reader) { return storage::home_size(home, reader); },
          [this](Size size) { on_size(size); });
}

void Retention::on_size(Size size) {
  if (size.total() <= limits_.max_bytes) return end_pass();
  log_.prune({.keep_runs = limits_.keep_runs}, [this, alive = alive_, loop = &loop_](Result<storage::PruneResult> result) {
    loop->post([this, alive, result = std::move(result)] {
      if (*alive) on_pruned(result);
    });
  });
}

void Retention::on_pruned(Result<storage::PruneResult> result) {
  if (!result) {
    spdlog::warn("pruning waits for the next time: {}", result.error().message);
    return end_pass();
  }
  may_go_on_ = result->may_go_on;
  if (by_age_ && !may_go_on_) {
    by_age_ = false;
    may_go_on_ = true;
  }
  runs_ += static_cast<std::int64_t>(result->runs.size());
  events_ += result->events;
  on_pool(
      [home = home_, runs = result->runs](storage::Reader&) {
        return Size{0, storage::remove_logs(home, runs)};
      },
      [this](Size removed) {
        freed_ += removed.logs;
        step();
      });
}

void Retention::end_pass() {
  if (runs_ > 0) spdlog::info("pruned {} runs with {} events and {} bytes of output", runs_, events_, freed_);
  timer_ = loop_.after(pace_, [this] { begin(); });
}

void Retention::on_pool(std::function<Size(storage::Reader&)> work, std::function<void(Size)> then) {
  pool_.post([this, alive = alive_, loop = &loop_, work = std::move(work), then = std::move(then)](storage::Reader& reader) {
    std::optional<Size> size;
    try {
      size = work(reader);
    } catch (const std::exception& error) {
      spdlog::warn("pruning waits for the next time: {}", error.what());
    }
    loop->post([this, alive, then, size] {
      if (*alive) size ? then(*size) : end_pass();
    });
  });
}

}  // namespace headrace::app
