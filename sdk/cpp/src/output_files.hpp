// The worker's stdout, stderr and log files: their sizes, and the cap on what one step may keep of them.
#pragma once

#include <array>
#include <cstdint>

namespace headrace {
inline namespace sdk {

using Offsets = std::array<std::int64_t, 3>;

class OutputFiles {
 public:
  /// The three sizes, with all buffers flushed.
  Offsets offsets();
  /// Without flushing: for signal handlers.
  Offsets sizes();
  /// Frees the middle of what one step wrote, where it is more than 100 MiB: head and tail stay, offsets too.
  static void cap(const Offsets& start, const Offsets& end);

 private:
  Offsets last_{};
};

}  // namespace sdk
}  // namespace headrace
