#include <code_locations/processes.hpp>

#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <climits>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <code_locations/spawn.hpp>

namespace headrace::code_locations {
namespace {

void send_signal(const async::UniqueFd& pidfd, int signal) {
  if (pidfd) ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

/// Children of one thread of a process: for orphans and spawned processes of this daemon that is its first thread.
std::vector<int> children_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  std::vector<int> pids;
  for (int child; file >> child;) pids.push_back(child);
  return pids;
}

/// Those first that were born first; a process that starts others while this is read may get away with one.
std::vector<int> descendants_of(int pid) {
  std::vector<int> found = children_of(pid);
  for (std::size_t i = 0; i < found.size(); ++i)
    for (int child : children_of(found[i])) found.push_back(child);
  return found;
}

/// Open for writing, that is: people may read them.
bool holds_file_in(int pid, const std::string& folder) {
  for (const char* descriptor : {"1", "2", "4", "5"}) {  // standard output and error, journal, log: core/protocol, section 3
    char target[PATH_MAX];
    struct stat info {};
    const auto link = "/proc/" + std::to_string(pid) + "/fd/" + descriptor;
    const auto length = ::readlink(link.c_str(), target, sizeof target);
    if (length <= 0 || !std::string_view(target, static_cast<std::size_t>(length)).starts_with(folder)) continue;
    if (::lstat(link.c_str(), &info) == 0 && (info.st_mode & S_IWUSR) != 0) return true;
  }
  return false;
}

bool has_variables(int pid, const std::set<std::string>& variables) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/environ");
  std::size_t found = 0;
  for (std::string item; std::getline(file, item, '\0');) found += variables.contains(item);
  return found == variables.size();
}

std::vector<int> all_processes() {
  std::vector<int> pids;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    int pid = 0;
    const auto name = entry->path().filename().string();
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec == std::errc() && pid != ::getpid()) pids.push_back(pid);
  }
  return pids;
}

}  // namespace

async::UniqueFd LinuxProcesses::open(int pid, std::uint64_t start_time) {
  auto pidfd = open_pidfd(pid);
  if (!pidfd || process_start_time(pid) != start_time) return {};
  return std::move(*pidfd);
}

void LinuxProcesses::terminate(int, const async::UniqueFd& pidfd) { send_signal(pidfd, SIGTERM); }

void LinuxProcesses::kill(int pid, const async::UniqueFd& pidfd) {
  if (!pidfd) return;
  const auto descendants = descendants_of(pid);
  kill_group(pid, SIGKILL);
  send_signal(pidfd, SIGKILL);
  for (int each : descendants) ::kill(each, SIGKILL);
}

void LinuxProcesses::sweep(int pid, std::int64_t worker_id, const std::filesystem::path& folder) {
  if (pid == 0) return sweep_everywhere(worker_id, folder);
  kill_group(pid, SIGKILL);
  const auto files = folder.string() + "/";
  const std::set<std::string> id{"HEADRACE_WORKER_ID=" + std::to_string(worker_id)};
  for (int child : children_of(::getpid())) {
    if (reaper_.watches(child) || (!holds_file_in(child, files) && !has_variables(child, id))) continue;
    for (int each : descendants_of(child)) ::kill(each, SIGKILL);
    ::kill(child, SIGKILL);
  }
}

void LinuxProcesses::sweep_everywhere(std::int64_t worker_id, const std::filesystem::path& folder) {
  const auto files = folder.string() + "/";
  const auto home = folder.parent_path().parent_path().parent_path();  // <home>/runs/<run>/<worker>
  const std::set<std::string> id{"HEADRACE_WORKER_ID=" + std::to_string(worker_id), "HEADRACE_HOME=" + home.string()};
  for (int pid : all_processes()) {
    if (reaper_.watches(pid) || (!holds_file_in(pid, files) && !has_variables(pid, id))) continue;
    for (int each : descendants_of(pid)) ::kill(each, SIGKILL);
    ::kill(pid, SIGKILL);
  }
}

}  // namespace headrace::code_locations
