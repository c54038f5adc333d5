// The last committed events in memory, for the many readers that are nearly up to date. Any thread.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include <core/event.hpp>

namespace headrace::storage {

class Ring {
 public:
  /// Keeps at most `most_events` and about `most_bytes` of payload. `last_id` is the last event's id so far.
  Ring(std::size_t most_events, std::size_t most_bytes, std::int64_t last_id);

  /// Events in order, following the last one.
  void push(std::vector<Event> events);
  /// nullopt: some event after `after` is no longer held.
  std::optional<std::vector<Event>> after(std::int64_t after, int limit) const;
  std::int64_t last_id() const;

 private:
  const std::size_t most_events_, most_bytes_;
  mutable std::mutex mutex_;
  std::deque<Event> events_;
  std::size_t bytes_ = 0;
  std::int64_t last_id_;
};

}  // namespace headrace::storage
