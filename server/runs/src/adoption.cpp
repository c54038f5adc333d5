// Worker: one that an earlier daemon started. Its journal says who it is and what it did, the lock on it whether it lives.
#include <runs/worker.hpp>

#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>

#include <fstream>

#include "journal_file.hpp"

namespace headrace::runs {
namespace {

/// This boot of the machine: a pid from another one says nothing.
const std::string& boot_id() {
  static const std::string id = [] {
    std::string text;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
    return text;
  }();
  return id;
}

}  // namespace

void Worker::adopt() {
  adopted_ = catching_up_ = true;
  journal_.reset(::open(file("journal").c_str(), O_RDONLY | O_CLOEXEC));
  if (journal_) {
    struct stat info {};
    ::fstat(journal_.get(), &info);
    if (info.st_size < row_.journal_offset) {
      spdlog::error("worker {}: its journal is shorter ({} bytes) than what was read of it ({})", row_.worker_id, info.st_size,
                    row_.journal_offset);
      damaged_ = true;
    }
    find_identity();
  }
  services_.loop.post([this, alive = alive_] {
    if (*alive) read_journal();
  });
}

void Worker::restore_open_step(int step, int attempt) { given_ = {{.step = step, .attempt = attempt, .begun = true}}; }

bool Worker::follow() {
  if (!is_locked()) return false;
  followed_ = true;
  find_process();
  if (!find_identity())
    birth_ = services_.loop.after(services_.birth_limit, [this] {
      read_journal();  // what it wrote a moment ago may not have been heard yet
      if (birth_) kill(false);
    });
  watch_ = services_.loop.after(services_.watch, [this] { watch(); });
  return true;
}

/// Who it is, as the journal's first line says; false: it is empty yet (the worker is being born).
bool Worker::find_identity() {
  if (pid_ > 0) return true;
  protocol::JournalChunk first;
  for (std::size_t most = 65536;; most *= 2) {  // it is long where it holds definitions
    const auto bytes = read_from(journal_.get(), 0, most);
    first = protocol::read_journal(bytes);
    if (first.consumed > 0 || first.damaged || bytes.size() < most) break;
  }
  if (first.lines.empty() || first.lines.front().value("type", "") != "worker_started") return false;
  const auto& started = first.lines.front();
  pid_ = started.value("pid", 0);
  start_time_ = started.value("start_time", std::uint64_t{0});
  is_of_this_boot_ = started.value("boot_id", boot_id()) == boot_id();
  return pid_ > 0;
}

void Worker::find_process() {
  if (pidfd_ || has_no_process_ || !find_identity()) return;
  if (is_of_this_boot_) pidfd_ = services_.processes.open(pid_, start_time_);
  if (pidfd_ && is_locked()) return watch_death();
  // The worker is gone, and its pid may be another's by now: what it left behind holds the lock.
  pidfd_.reset();
  has_no_process_ = true;
  sweep();
}

/// No wake-up comes from an adopted worker, and where its process is not known, only the lock tells of its end.
void Worker::watch() {
  if (dead_) return;
  if (!is_locked()) return on_dead({});
  find_process();
  watch_ = services_.loop.after(services_.watch, [this] { watch(); });
  read_journal();
}

/// True while a process that can act for the worker holds the lock on its journal.
bool Worker::is_locked() const {
  if (!journal_) return false;
  if (::flock(journal_.get(), LOCK_EX | LOCK_NB) != 0) return true;
  ::flock(journal_.get(), LOCK_UN);
  return false;
}

}  // namespace headrace::runs
