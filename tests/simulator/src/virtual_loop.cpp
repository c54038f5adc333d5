#include "virtual_loop.hpp"

#include <poll.h>

#include <algorithm>

namespace headrace::simulator {

class VirtualLoop::Waiting final : public async::Pending {
 public:
  explicit Waiting(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}
  ~Waiting() override {
    entry_->is_alive = false;
    entry_->function = nullptr;
  }

 private:
  std::shared_ptr<Entry> entry_;
};

async::Handle VirtualLoop::after(std::chrono::milliseconds delay, std::function<void()> function) {
  auto entry = std::make_shared<Entry>(Entry{.function = std::move(function)});
  entry->time = world_.time() + delay.count() * k_millisecond;
  timers_.emplace(entry->time, entry);
  return std::make_unique<Waiting>(entry);
}

async::Handle VirtualLoop::watch(int fd, short events, std::function<void()> function) {
  auto entry = std::make_shared<Entry>(Entry{.function = std::move(function), .fd = fd, .events = events});
  watches_.push_back(entry);
  world_.touch();
  return std::make_unique<Waiting>(std::move(entry));
}

async::Handle VirtualLoop::on_readable(int fd, std::function<void()> function) { return watch(fd, POLLIN, std::move(function)); }
async::Handle VirtualLoop::on_writable(int fd, std::function<void()> function) { return watch(fd, POLLOUT, std::move(function)); }

void VirtualLoop::look_at_descriptors() {
  std::erase_if(ready_, [](const auto& entry) { return !entry->is_alive; });
  if (looked_at_ == world_.activity()) return;
  looked_at_ = world_.activity();
  watches_.remove_if([](const auto& entry) { return !entry->is_alive; });
  std::vector<pollfd> polled;
  for (const auto& entry : watches_) polled.push_back({entry->fd, entry->events, 0});
  ready_.clear();
  if (polled.empty() || ::poll(polled.data(), polled.size(), 0) <= 0) return;
  auto entry = watches_.begin();
  for (const auto& result : polled) {
    if (result.revents & POLLNVAL) throw Violation("the daemon watches a descriptor that is closed");
    if (result.revents != 0) ready_.push_back(*entry);
    ++entry;
  }
}

std::optional<std::int64_t> VirtualLoop::next_turn() {
  if (!posts_.empty()) return world_.time();
  look_at_descriptors();
  if (!ready_.empty()) return world_.time();
  while (!timers_.empty() && !timers_.begin()->second->is_alive) timers_.erase(timers_.begin());
  return timers_.empty() ? std::nullopt : std::optional(std::max(world_.time(), timers_.begin()->first));
}

void VirtualLoop::turn() {
  look_at_descriptors();
  while (!timers_.empty() && !timers_.begin()->second->is_alive) timers_.erase(timers_.begin());
  const bool is_due = !timers_.empty() && timers_.begin()->first <= world_.time();
  const int choices = (posts_.empty() ? 0 : 1) + (is_due ? 1 : 0) + static_cast<int>(ready_.size());
  if (choices == 0) return;
  int choice = world_.random().below(choices);
  if (!posts_.empty() && choice-- == 0) {
    auto function = std::move(posts_.front());
    posts_.pop_front();
    return function();
  }
  if (is_due && choice-- == 0) {
    auto entry = timers_.extract(timers_.begin()).mapped();
    return std::exchange(entry->function, nullptr)();
  }
  auto entry = ready_[static_cast<std::size_t>(choice)];
  world_.touch();                   // it may be ready again, or not any more
  auto function = entry->function;  // a copy: the call may destroy the watch
  function();
}

}  // namespace headrace::simulator
