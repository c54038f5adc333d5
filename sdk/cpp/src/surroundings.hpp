// What a step may change of its process, put back before the next one: working directory, umask, environment, signal handlers,
// and where stdout and stderr go.
#pragma once

#include <sys/types.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

namespace headrace {
inline namespace sdk {

class Surroundings {
 public:
  Surroundings();
  ~Surroundings();
  Surroundings(const Surroundings&) = delete;
  /// Before the step's end is journaled: what was printed belongs to it.
  void restore_outputs() const;
  void restore() const;

 private:
  int folder_, output_, error_;
  mode_t mask_;
  std::vector<std::string> environment_;
  std::array<struct sigaction, 32> handlers_{};
};

/// What a step may allocate: RLIMIT_DATA over what the process holds now. Lifted when it goes.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::int64_t bytes);
  ~MemoryLimit();
  MemoryLimit(const MemoryLimit&) = delete;

 private:
  bool is_set_ = false;
  unsigned long before_[2] = {};
};
std::int64_t resident_bytes();
/// "512 MiB"
std::string readable_size(std::int64_t bytes);

}  // namespace sdk
}  // namespace headrace
