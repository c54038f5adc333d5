#include "worker.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace floor_program {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

Worker::Worker(std::vector<std::string> argv) {
  int input[2], output[2];
  if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) fail("pipe2");
  // The child's ends are inherited by this one process: they are closed here before another is started.
  ::fcntl(input[0], F_SETFD, 0);
  ::fcntl(output[1], F_SETFD, 0);
  argv.push_back(std::to_string(input[0]));
  argv.push_back(std::to_string(output[1]));
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  errno = ::posix_spawnp(&pid_, words[0], nullptr, nullptr, words.data(), environ);
  if (errno != 0) fail(words[0]);
  ::close(input[0]);
  ::close(output[1]);
  to_ = input[1];
  from_ = output[0];
}

Worker::~Worker() {
  finish_sending();
  ::close(from_);
  ::waitpid(pid_, nullptr, 0);
}

void Worker::send(std::string_view line) {
  while (!line.empty()) {
    const auto written = ::write(to_, line.data(), line.size());
    if (written < 0) fail("write to a worker");
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Worker::finish_sending() {
  if (to_ >= 0) ::close(to_);
  to_ = -1;
}

bool Worker::read_more() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  char bytes[65536];
  const auto count = ::read(from_, bytes, sizeof bytes);
  if (count < 0) fail("read from a worker");
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

std::optional<std::string_view> Worker::next_line() {
  const auto end = buffer_.find('\n', taken_);
  if (end == std::string::npos) return std::nullopt;
  const std::string_view line = std::string_view(buffer_).substr(taken_, end - taken_);
  taken_ = end + 1;
  return line;
}

}  // namespace floor_program
