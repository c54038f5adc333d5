#include <surroundings.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <fstream>

namespace headrace {
inline namespace sdk {
namespace {

std::vector<std::string> environment() {
  std::vector<std::string> items;
  for (char** item = environ; *item != nullptr; ++item) items.emplace_back(*item);
  return items;
}

bool is_same_environment(const std::vector<std::string>& before) {
  std::size_t i = 0;
  for (; environ[i] != nullptr; ++i)
    if (i >= before.size() || before[i] != environ[i]) return false;
  return i == before.size();
}

bool is_same_file(int a, int b) {
  struct stat first, second;
  return ::fstat(a, &first) == 0 && ::fstat(b, &second) == 0 && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// A field of /proc/self/statm (1: resident, 5: data and stack), in bytes.
std::int64_t memory_field(int field) {
  std::ifstream file("/proc/self/statm");
  std::int64_t value = 0;
  for (int i = 0; i <= field; ++i) file >> value;
  return value * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

Surroundings::Surroundings()
    : folder_(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)),
      output_(::fcntl(1, F_DUPFD_CLOEXEC, 10)),
      error_(::fcntl(2, F_DUPFD_CLOEXEC, 10)),
      mask_(::umask(0)),
      environment_(environment()) {
  ::umask(mask_);
  for (int signal = 1; signal < 32; ++signal) ::sigaction(signal, nullptr, &handlers_[static_cast<std::size_t>(signal)]);
}

Surroundings::~Surroundings() {
  for (const int descriptor : {folder_, output_, error_}) ::close(descriptor);
}

void Surroundings::restore_outputs() const {
  if (!is_same_file(1, output_)) ::dup2(output_, 1);
  if (!is_same_file(2, error_)) ::dup2(error_, 2);
}

void Surroundings::restore() const {
  if (folder_ >= 0 && ::fchdir(folder_) != 0) std::fprintf(stderr, "headrace: the working directory is gone\n");
  ::umask(mask_);
  for (int signal = 1; signal < 32; ++signal) {
    const auto& wanted = handlers_[static_cast<std::size_t>(signal)];
    struct sigaction found;
    if (::sigaction(signal, nullptr, &found) == 0 && found.sa_handler != wanted.sa_handler) ::sigaction(signal, &wanted, nullptr);
  }
  if (is_same_environment(environment_)) return;
  ::clearenv();
  for (const auto& item : environment_)
    if (const auto at = item.find('='); at != std::string::npos) ::setenv(item.substr(0, at).c_str(), item.c_str() + at + 1, 1);
}

MemoryLimit::MemoryLimit(std::int64_t bytes) {
  rlimit limit;
  if (bytes <= 0 || ::getrlimit(RLIMIT_DATA, &limit) != 0) return;
  before_[0] = limit.rlim_cur;
  before_[1] = limit.rlim_max;
  limit.rlim_cur = std::min<rlim_t>(static_cast<rlim_t>(memory_field(5) + bytes), std::min(limit.rlim_cur, limit.rlim_max));
  is_set_ = ::setrlimit(RLIMIT_DATA, &limit) == 0;
}

MemoryLimit::~MemoryLimit() {
  if (!is_set_) return;
  const rlimit limit{before_[0], before_[1]};
  ::setrlimit(RLIMIT_DATA, &limit);
}

std::int64_t resident_bytes() { return memory_field(1); }

std::string readable_size(std::int64_t bytes) {
  for (const auto& [unit, shift] : {std::pair("GiB", 30), std::pair("MiB", 20), std::pair("KiB", 10)})
    if (bytes >= std::int64_t{1} << shift)
      return fmt::format("{:.3g} {}", static_cast<double>(bytes) / static_cast<double>(1LL << shift), unit);
  return fmt::format("{} bytes", bytes);
}

}  // namespace sdk
}  // namespace headrace
