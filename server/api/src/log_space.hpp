// How much workers' output takes: counted file by file, so not for each request.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>

namespace headrace::api {

/// Any thread.
class LogSpace {
 public:
  /// As of at most a minute ago.
  std::int64_t bytes(const std::filesystem::path& home);

 private:
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> counted_at_;
  std::int64_t bytes_ = 0;
};

}  // namespace headrace::api
