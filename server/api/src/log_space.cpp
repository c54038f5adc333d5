#include "log_space.hpp"

#include <storage/retention.hpp>

namespace headrace::api {

std::int64_t LogSpace::bytes(const std::filesystem::path& home) {
  constexpr std::chrono::seconds k_fresh{60};
  const std::lock_guard lock(mutex_);  // who comes meanwhile waits for the same count
  const auto now = std::chrono::steady_clock::now();
  if (!counted_at_ || now - *counted_at_ > k_fresh) {
    bytes_ = storage::log_bytes(home);
    counted_at_ = std::chrono::steady_clock::now();
  }
  return bytes_;
}

}  // namespace headrace::api
