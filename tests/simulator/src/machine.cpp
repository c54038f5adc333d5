#include "machine.hpp"

#include <fcntl.h>
#include <poll.h>

#include "worker_process.hpp"

namespace headrace::simulator {

std::shared_ptr<WorkerProcess> Machine::start_process(std::int64_t worker_id, const std::string& location,
                                                      const std::string& hash, bool is_forked,
                                                      code_locations::WorkerFiles files) {
  const int pid = next_pid_++;
  auto process = std::make_shared<WorkerProcess>(*this, pid, worker_id, location, hash, is_forked, std::move(files));
  processes_[pid] = process;
  process->start();
  return process;
}

std::shared_ptr<WorkerProcess> Machine::find(int pid) const {
  auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<WorkerProcess>> Machine::living() const {
  std::vector<std::shared_ptr<WorkerProcess>> result;
  for (const auto& [pid, process] : processes_) result.push_back(process);
  return result;
}

void Machine::wake_readers() {
  std::vector<pollfd> polled;
  std::vector<std::shared_ptr<WorkerProcess>> readers;
  for (const auto& [pid, process] : processes_) {
    if (!process->waits_for_input()) continue;
    polled.push_back({process->socket(), POLLIN, 0});
    readers.push_back(process);
  }
  if (polled.empty() || ::poll(polled.data(), polled.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < polled.size(); ++i)
    if (polled[i].revents != 0) readers[i]->input_arrived();
}

void Machine::reboot() {
  for (const auto& process : living()) process->die({.known = true, .exit_code = -1, .signal = 9});
  next_pid_ = 100;
}

async::UniqueFd SimulatedProcesses::open(int pid, std::uint64_t start_time) {
  auto process = machine_.find(pid);
  if (!process || process->start_time() != start_time) return {};
  return process->open_pidfd();
}

void SimulatedProcesses::terminate(int pid, const async::UniqueFd& pidfd) {
  auto process = machine_.find(pid);
  if (process && process->is_behind(pidfd)) process->terminate();
}

void SimulatedProcesses::kill(int pid, const async::UniqueFd& pidfd) {
  auto process = machine_.find(pid);
  if (!process || !process->is_behind(pidfd)) return;
  process->check_may_be_killed();
  process->die({.known = true, .exit_code = -1, .signal = 9});
}

/// Of a worker's own process nothing may be left when its group is swept; one that an earlier daemon started may be found by its
/// files.
void SimulatedProcesses::sweep(int pid, std::int64_t worker_id, const std::filesystem::path&) {
  for (const auto& process : machine_.living()) {
    if (process->worker_id() != worker_id) continue;
    if (pid != 0) throw Violation(fmt::format("worker {} was taken for dead while it lives", worker_id));
    process->check_may_be_killed();
    process->die({.known = true, .exit_code = -1, .signal = 9});
  }
}

}  // namespace headrace::simulator
