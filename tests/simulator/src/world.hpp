// Everything outside the daemon: virtual time, chance, and what is going to happen when.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "random.hpp"

namespace headrace::simulator {

/// An invariant does not hold. The message says which, and where.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

constexpr std::int64_t k_millisecond = 1000, k_second = 1'000'000;

class World {
 public:
  World(std::uint64_t seed, bool is_verbose) : random_(seed), is_verbose_(is_verbose) {}

  Random& random() { return random_; }
  std::int64_t time() const { return time_; }  ///< microseconds since the simulation began
  /// What a wall clock shows; somebody may set it.
  std::int64_t wall_clock() const { return 1'800'000'000 * k_second + time_ + wall_offset_; }
  void set_wall_clock(std::int64_t by) { wall_offset_ += by; }

  void after(std::int64_t delay, std::function<void()> happens) { events_.emplace(time_ + delay, std::move(happens)); }
  std::optional<std::int64_t> next_event() const {
    return events_.empty() ? std::nullopt : std::optional(events_.begin()->first);
  }
  /// The next event, at its time.
  void happen();
  void advance(std::int64_t time) { time_ = std::max(time_, time); }

  /// Counts what may make a descriptor readable; nobody looks at descriptors before it grows.
  void touch() { ++activity_; }
  std::uint64_t activity() const { return activity_; }

  template <typename... Args>
  void trace(fmt::format_string<Args...> format, Args&&... args) {
    if (is_verbose_) print(fmt::format(format, std::forward<Args>(args)...));
  }
  bool is_verbose() const { return is_verbose_; }

 private:
  void print(const std::string& line) const;

  Random random_;
  bool is_verbose_;
  std::int64_t time_ = 0, wall_offset_ = 0;
  std::uint64_t activity_ = 1;
  std::multimap<std::int64_t, std::function<void()>> events_;  // equal times: in the order they were planned
};

}  // namespace headrace::simulator
