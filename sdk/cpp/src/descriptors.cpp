#include <descriptors.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace headrace {
inline namespace sdk {
namespace {

bool is(int descriptor, mode_t kind) {
  struct stat found;
  return ::fstat(descriptor, &found) == 0 && (found.st_mode & S_IFMT) == kind;
}

void keep_from_children(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

/// /dev/null at this number, whatever was there.
void nothing_at(int target, int flags) {
  const int opened = ::open("/dev/null", flags | O_CLOEXEC);
  if (opened < 0) return;
  if (opened == target) {
    if (target <= 2) ::fcntl(target, F_SETFD, 0);
    return;
  }
  ::dup3(opened, target, target <= 2 ? 0 : O_CLOEXEC);
  ::close(opened);
}

}  // namespace

std::string claim_host_descriptors() {
  for (const int descriptor : {k_control, k_fork}) {
    if (!is(descriptor, S_IFSOCK)) return "descriptor " + std::to_string(descriptor) + " is no socket";
    keep_from_children(descriptor);
  }
  // Numbers that a forked worker's files land on are kept from user code.
  for (const int descriptor : {k_log, k_claims}) nothing_at(descriptor, O_RDWR);
  return {};
}

std::string claim_worker_descriptors() {
  if (!is(k_control, S_IFSOCK) || !is(k_journal, S_IFREG)) return "descriptors 3 and 4 are no socket and file";
  for (const int descriptor : {k_control, k_journal, k_log, k_claims}) keep_from_children(descriptor);
  nothing_at(0, O_RDONLY);
  return {};
}

void become_worker_descriptors(std::span<const int> received, std::span<const int> close) {
  int target = 1;
  for (const int source : received) {
    ::dup3(source, target, target <= 2 ? 0 : O_CLOEXEC);
    ++target;
  }
  nothing_at(0, O_RDONLY);
  for (const int descriptor : received) ::close(descriptor);
  for (const int descriptor : close) ::close(descriptor);
}

}  // namespace sdk
}  // namespace headrace
