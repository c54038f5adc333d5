#include "world.hpp"

#include <cmath>
#include <cstdio>

namespace headrace::simulator {

std::int64_t Random::skewed(std::int64_t low, std::int64_t high) {
  // Exponents are summed from halves, so that no library's pow() decides what a seed means.
  std::int64_t value = low > 0 ? low : 1;
  while (value < high && chance(0.65)) value *= 2;
  return std::min(high, value + between(0, value));
}

void World::happen() {
  auto next = events_.extract(events_.begin());
  time_ = std::max(time_, next.key());
  next.mapped()();
}

void World::print(const std::string& line) const { std::printf("%12.6f  %s\n", static_cast<double>(time_) / 1e6, line.c_str()); }

}  // namespace headrace::simulator
