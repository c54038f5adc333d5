#include "ring.hpp"

namespace headrace::storage {

Ring::Ring(std::size_t most_events, std::size_t most_bytes, std::int64_t last_id)
    : most_events_(most_events), most_bytes_(most_bytes), last_id_(last_id) {}

void Ring::push(std::vector<Event> events) {
  if (events.empty()) return;
  const std::lock_guard lock(mutex_);
  last_id_ = events.back().id;
  for (auto& event : events) {
    bytes_ += event.payload.size();
    events_.push_back(std::move(event));
  }
  while (!events_.empty() && (events_.size() > most_events_ || bytes_ > most_bytes_)) {
    bytes_ -= events_.front().payload.size();
    events_.pop_front();
  }
}

std::optional<std::vector<Event>> Ring::after(std::int64_t after, int limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<Event> found;
  if (after >= last_id_ || limit <= 0) return found;
  if (events_.empty() || events_.front().id > after + 1) return std::nullopt;
  const auto first = static_cast<std::size_t>(after + 1 - events_.front().id);  // ids are dense
  const auto count = std::min(events_.size() - first, static_cast<std::size_t>(limit));
  const auto begin = events_.begin() + static_cast<std::ptrdiff_t>(first);
  found.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  return found;
}

std::int64_t Ring::last_id() const {
  const std::lock_guard lock(mutex_);
  return last_id_;
}

}  // namespace headrace::storage
