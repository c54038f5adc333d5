// Chance that can be repeated: one 64-bit state, the same numbers on every machine and with every standard library.
#pragma once

#include <cstdint>
#include <vector>

namespace headrace::simulator {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 0x632be59bd9b4e019ULL) {}

  std::uint64_t next() {  // SplitMix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  double real() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  ///< [0, 1)
  bool chance(double probability) { return real() < probability; }
  int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }
  std::int64_t between(std::int64_t low, std::int64_t high) {  ///< both included
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  /// Mostly short, seldom long: the geometric middle of `low` and `high` is the median.
  std::int64_t skewed(std::int64_t low, std::int64_t high);
  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace headrace::simulator
