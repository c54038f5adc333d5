#include <code_locations/spawn.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace headrace::code_locations {
namespace {

constexpr int k_above_targets = 10;  // descriptors of the protocol are 0 to 5

/// Frees what posix_spawn's two attribute objects hold.
struct SpawnSettings {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const auto& s : strings) result.push_back(const_cast<char*>(s.c_str()));
  result.push_back(nullptr);
  return result;
}

void set_default_signals(posix_spawnattr_t& attributes) {
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
}

}  // namespace

Result<SpawnedProcess> spawn(const SpawnRequest& request) {
  SpawnSettings settings;
  set_default_signals(settings.attributes);
  if (!request.working_directory.empty())
    posix_spawn_file_actions_addchdir_np(&settings.actions, request.working_directory.c_str());
  posix_spawn_file_actions_addopen(&settings.actions, 0, "/dev/null", O_RDONLY, 0);

  // Sources are moved above all targets first, so that no dup2 overwrites one that is still needed. Not far above: there may be
  // a low limit.
  std::vector<async::UniqueFd> sources;
  int first_free = 3;
  for (auto [target, source] : request.descriptors) {
    sources.emplace_back(::fcntl(source, F_DUPFD_CLOEXEC, k_above_targets));
    if (!sources.back()) return fail(ErrorCode::unavailable, std::string("starting a process: ") + std::strerror(errno));
    posix_spawn_file_actions_adddup2(&settings.actions, sources.back().get(), target);
    first_free = std::max(first_free, target + 1);
  }
  // Nothing else: a connection that was accepted a moment ago may not be marked close-on-exec yet.
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, first_free);

  auto argv = pointers(request.argv);
  auto environment = pointers(request.environment);
  SpawnedProcess process;
  const int error =
      ::posix_spawnp(&process.pid, argv[0], &settings.actions, &settings.attributes, argv.data(), environment.data());
  if (error != 0) {
    return fail(ErrorCode::unavailable, "cannot start \"" + request.argv.front() + "\" in \"" +
                                            (request.working_directory.empty() ? "." : request.working_directory) +
                                            "\": " + std::strerror(error));
  }
  auto pidfd = open_pidfd(process.pid);
  if (!pidfd) return tl::unexpected(pidfd.error());
  process.pidfd = std::move(*pidfd);
  return process;
}

Result<async::UniqueFd> open_pidfd(int pid) {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return fail(ErrorCode::not_found, "process " + std::to_string(pid) + ": " + std::strerror(errno));
  return async::UniqueFd(fd);
}

void kill_group(int pid, int signal) {
  if (pid > 1) ::kill(-pid, signal);
}

std::uint64_t process_start_time(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return 0;
  // The second field, the command in parentheses, may hold anything: count from its last ')'.
  auto position = line.rfind(')');
  if (position == std::string::npos) return 0;
  for (int field = 2; field < 22; ++field) {
    position = line.find(' ', position + 1);
    if (position == std::string::npos) return 0;
  }
  return std::strtoull(line.c_str() + position + 1, nullptr, 10);
}

}  // namespace headrace::code_locations
