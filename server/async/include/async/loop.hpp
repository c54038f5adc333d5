// The I/O thread as code_locations/, runs/ and live/ see it: post, timers, readiness. No Boost in here; the real one is
// AsioLoop. A test or simulator puts a virtual one in its place.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace headrace::async {

/// Something pending on the loop; destroying it cancels: its function is not called any more.
class Pending {
 public:
  virtual ~Pending() = default;
};
using Handle = std::unique_ptr<Pending>;

class Loop {
 public:
  virtual ~Loop() = default;
  /// Any thread. Runs `function` on the I/O thread, in the order of the calls.
  virtual void post(std::function<void()> function) = 0;

  // ---- I/O thread only ----
  [[nodiscard]] virtual Handle after(std::chrono::milliseconds delay, std::function<void()> function) = 0;
  /// Calls `function` whenever `fd` is readable (or hung up), until the handle is destroyed. The caller keeps the descriptor.
  [[nodiscard]] virtual Handle on_readable(int fd, std::function<void()> function) = 0;
  [[nodiscard]] virtual Handle on_writable(int fd, std::function<void()> function) = 0;

  /// Wall clock, microseconds since 1970-01-01 UTC. Any thread.
  virtual std::int64_t now() const = 0;
};

}  // namespace headrace::async
