// The daemon's I/O thread in virtual time: async::Loop for the code under test, one turn at a time for the simulator.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include <async/loop.hpp>

#include "world.hpp"

namespace headrace::simulator {

class VirtualLoop final : public async::Loop {
 public:
  explicit VirtualLoop(World& world) : world_(world) {}

  void post(std::function<void()> function) override { posts_.push_back(std::move(function)); }
  async::Handle after(std::chrono::milliseconds delay, std::function<void()> function) override;
  async::Handle on_readable(int fd, std::function<void()> function) override;
  async::Handle on_writable(int fd, std::function<void()> function) override;
  std::int64_t now() const override { return world_.wall_clock(); }

  /// When the next turn has something to do: now, at a time, or never (nothing).
  std::optional<std::int64_t> next_turn();
  /// One posted function, timer or descriptor; chance decides between those that could come next.
  void turn();

 private:
  struct Entry {
    std::function<void()> function;
    bool is_alive = true;
    int fd = -1;
    short events = 0;
    std::int64_t time = 0;
  };
  class Waiting;
  async::Handle watch(int fd, short events, std::function<void()> function);
  void look_at_descriptors();

  World& world_;
  std::deque<std::function<void()>> posts_;
  std::multimap<std::int64_t, std::shared_ptr<Entry>> timers_;
  std::list<std::shared_ptr<Entry>> watches_;
  std::vector<std::shared_ptr<Entry>> ready_;
  std::uint64_t looked_at_ = 0;  // World::activity() when `ready_` was true
};

}  // namespace headrace::simulator
