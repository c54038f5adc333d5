// A worker process: floor/worker.py, between two pipes with one JSON object a line.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace floor_program {

class Worker {
 public:
  /// Starts `argv` with the descriptors of its two pipes as last arguments.
  explicit Worker(std::vector<std::string> argv);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  int descriptor() const { return from_; }  ///< readable when lines are there
  void send(std::string_view line);
  void finish_sending();
  /// Reads once (blocks if nothing is there) and keeps what came. False at the end.
  bool read_more();
  /// The next whole line that was read, without its line break. Valid until the next call of anything here.
  std::optional<std::string_view> next_line();

  int steps_in_hand = 0;

 private:
  pid_t pid_ = 0;
  int to_ = -1, from_ = -1;
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace floor_program
