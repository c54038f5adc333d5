#include <self_check.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <descriptors.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <thread>
#include <vector>

namespace headrace {
inline namespace sdk {
namespace fs = std::filesystem;
namespace {

/// Threads whose library gets over a fork by itself.
bool is_safe(const std::string& name) {
  return name == "jemalloc_bg_thd" || name.starts_with("mimalloc") || name.starts_with("OpenBLAS");
}

std::vector<std::string> unsafe_threads() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& task : fs::directory_iterator("/proc/self/task", error)) {
    if (task.path().filename() == std::to_string(::getpid())) continue;
    std::ifstream file(task.path() / "comm");
    std::string name;
    if (std::getline(file, name) && !is_safe(name)) names.push_back(name);
  }
  return names;
}

std::vector<std::string> sockets() {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd", error)) {
    const auto name = entry.path().filename().string();
    const int descriptor = std::stoi(name);
    struct stat status;
    if (descriptor > k_fork && ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode))
      found.push_back("descriptor " + name);
  }
  return found;
}

std::string list(const std::vector<std::string>& names, const char* noun, const char* state) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return fmt::format("{} {}{} {} ({})", names.size(), noun, names.size() == 1 ? "" : "s", state, text);
}

}  // namespace

std::string reason_to_spawn() {
  auto threads = unsafe_threads();
  for (int chance = 0; chance < 5 && !threads.empty(); ++chance) {
    std::this_thread::sleep_for(std::chrono::milliseconds(4));  // a thread that was joined takes a moment to leave the list
    threads = unsafe_threads();
  }
  const auto open = sockets();
  std::string found;
  if (!threads.empty()) found = list(threads, "thread", "running");
  if (!open.empty()) found += (found.empty() ? "" : " and ") + list(open, "socket", "open");
  if (found.empty()) return {};
  return "Loading the definitions left " + found + ": a forked worker could hang or share them, so each worker starts afresh.";
}

}  // namespace sdk
}  // namespace headrace
