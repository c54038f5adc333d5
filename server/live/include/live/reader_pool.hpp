// A few threads with a storage::Reader each, for everything that reads the database.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <storage/event_log.hpp>

namespace headrace::live {

/// Any thread may post. The destructor drops what has not begun, then joins.
class ReaderPool {
 public:
  using Work = std::function<void(storage::Reader&)>;
  explicit ReaderPool(storage::EventLog& log, int threads = 2);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;

  /// An exception that leaves the work is logged and otherwise dropped, as is work without a connection to the database.
  void post(Work work);
  /// Drops what has not begun, waits for what has. Nothing is run after it.
  void stop();

 private:
  void run();

  storage::EventLog& log_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace headrace::live
