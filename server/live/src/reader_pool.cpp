#include <live/reader_pool.hpp>

#include <spdlog/spdlog.h>

namespace headrace::live {

ReaderPool::ReaderPool(storage::EventLog& log, int threads) : log_(log) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

ReaderPool::~ReaderPool() { stop(); }

void ReaderPool::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push_back(std::move(work));
  }
  ready_.notify_one();
}

void ReaderPool::stop() {
  std::deque<Work> dropped;  // destroyed outside of the lock: dropping a request answers it
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  ready_.notify_all();
  dropped.clear();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void ReaderPool::run() {
  std::unique_ptr<storage::Reader> reader;  // opened with the first work: a start does not wait for connections nobody needs yet
  for (;;) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    try {
      if (!reader) reader = log_.open_reader();
      work(*reader);
    } catch (const std::exception& exception) {
      spdlog::error("reading the database: {}", exception.what());
    }
  }
}

}  // namespace headrace::live
