#include <output_files.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <descriptors.hpp>
#include <iostream>

namespace headrace {
inline namespace sdk {
namespace {

constexpr std::int64_t k_half_of_cap = 50 << 20;
constexpr std::array<int, 3> k_files{1, 2, k_log};

}  // namespace

Offsets OutputFiles::offsets() {
  std::cout.flush();
  std::clog.flush();
  std::fflush(stdout);
  return sizes();
}

Offsets OutputFiles::sizes() {
  for (std::size_t i = 0; i < k_files.size(); ++i)
    if (struct stat found; ::fstat(k_files[i], &found) == 0) last_[i] = found.st_size;  // else user code closed it
  return last_;
}

void OutputFiles::cap(const Offsets& start, const Offsets& end) {
  for (std::size_t i = 0; i < k_files.size(); ++i) {
    const auto hole = end[i] - start[i] - 2 * k_half_of_cap;
    if (hole > 0) ::fallocate(k_files[i], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start[i] + k_half_of_cap, hole);
  }
}

}  // namespace sdk
}  // namespace headrace
