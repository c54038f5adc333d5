#include "worker_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

namespace headrace::simulator {
namespace {

using nlohmann::json;

constexpr int k_exit_journal_failed = 75;

json failure(const char* type, const std::string& message) {
  return {{"type", type}, {"message", message}, {"stack", ""}, {"file", nullptr}, {"line", nullptr}, {"phase", "asset"}};
}

/// The daemon compares it with the machine's; what is left of earlier boots has other start times.
const std::string& boot_id() {
  static const std::string id = [] {
    std::string text;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
    return text;
  }();
  return id;
}

std::string memory_key(const protocol::RunStep& step, const std::string& asset) { return step.run_id + "/" + asset; }

}  // namespace

protocol::RunStep parse_run_step(const json& message) {
  protocol::RunStep step;
  step.run_id = message.at("run_id");
  step.run_number = message.at("run_number");
  step.step_key = message.at("step_key");
  step.attempt = message.at("attempt");
  if (message.at("time_limit_ms").is_number()) step.time_limit_ms = message.at("time_limit_ms");
  step.claim = message.value("claim", std::int64_t{0});
  step.after = message.value("after", step.after);
  step.asset_key = AssetKey(message.at("asset_key").get<std::vector<std::string>>());
  for (const auto& item : message.at("inputs")) {
    step.inputs.push_back({.name = item.at("name"),
                           .asset_key = AssetKey(item.at("asset_key").get<std::vector<std::string>>()),
                           .code_location = item.at("code_location").is_string() ? item.at("code_location") : json(""),
                           .in_run = item.at("in_run"),
                           .materialization = item.at("materialization")});
  }
  return step;
}

WorkerProcess::WorkerProcess(Machine& machine, int pid, std::int64_t worker_id, std::string location, std::string hash,
                             bool is_forked, code_locations::WorkerFiles files)
    : machine_(machine),
      pid_(pid),
      worker_id_(worker_id),
      location_(std::move(location)),
      hash_(std::move(hash)),
      is_forked_(is_forked),
      start_time_(static_cast<std::uint64_t>(machine.world.time() + 1)),
      files_(std::move(files)),
      many_(static_cast<std::size_t>(1 + machine.world.random().below(3))) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  death_.reset(ends[0]);
  life_.reset(ends[1]);
}

async::UniqueFd WorkerProcess::open_pidfd() const { return async::UniqueFd(::fcntl(death_.get(), F_DUPFD_CLOEXEC, 3)); }

bool WorkerProcess::is_behind(const async::UniqueFd& pidfd) const {
  struct stat mine {
  }, other{};
  return ::fstat(death_.get(), &mine) == 0 && ::fstat(pidfd.get(), &other) == 0 && mine.st_ino == other.st_ino;
}

/// A life's next moment, unless it ends before.
void WorkerProcess::after(std::int64_t delay, void (WorkerProcess::*what)()) {
  machine_.world.after(delay, [self = shared_from_this(), what] {
    if (self->is_alive_) (self.get()->*what)();
  });
}

// ---- life and death ----------------------------------------------------------------------------------------------------

void WorkerProcess::start() {
  machine_.world.trace("worker {} is process {} (run by {})", worker_id_, pid_, location_);
  auto& random = machine_.world.random();
  if (is_forked_ && random.chance(machine_.temper.worker_is_silent)) return;  // the birth limit ends it
  after(random.skewed(200, k_second), &WorkerProcess::say_hello);
}

void WorkerProcess::say_hello() {
  has_said_hello_ = true;
  if (!append({{{"type", "worker_started"},
                {"time", machine_.world.wall_clock()},
                {"protocol", 1},
                {"worker_id", worker_id_},
                {"pid", pid_},
                {"start_time", start_time_},
                {"boot_id", boot_id()},
                {"claims", machine_.world.random().chance(0.8)},
                {"chains", machine_.world.random().chance(0.8)},
                {"hash", hash_}}}))
    return;
  wake();
  input_arrived();
}

void WorkerProcess::terminate() {
  machine_.world.trace("worker {}: SIGTERM", worker_id_);
  if (open_)
    open_->is_canceled = true;
  else if (has_said_hello_)
    leave("SIGTERM");
  else
    die({.known = true, .exit_code = -1, .signal = 15});
}

void WorkerProcess::die(code_locations::ExitStatus status) {
  if (!is_alive_) return;
  machine_.world.trace("worker {} (process {}) {}", worker_id_, pid_, status.describe());
  is_alive_ = false;
  machine_.witness.over(worker_id_, "", status.exit_code == k_exit_journal_failed);
  auto self = shared_from_this();
  machine_.processes_.erase(pid_);
  files_ = {};
  machine_.world.touch();
  auto& random = machine_.world.random();
  machine_.world.after(random.skewed(1, k_millisecond), [self] {  // the kernel tells of it after the files are closed
    self->life_.reset();
    self->machine_.world.touch();
  });
  machine_.world.after(random.skewed(1, 100 * k_millisecond), [self, status] {
    self->is_reaped_ = true;
    self->exit_status_ = status;
    if (self->on_exit_) std::exchange(self->on_exit_, nullptr)(status);
  });
}

void WorkerProcess::check_may_be_killed() const {
  if (run_ > 0 && open_ && !machine_.witness.runs().at(run_).is_asked_to_cancel)
    throw Violation(fmt::format("worker {} is killed in the middle of run {}, and nobody asked for it", worker_id_, run_));
}

void WorkerProcess::on_exit(std::function<void(code_locations::ExitStatus)> reaped) {
  if (is_reaped_) return reaped(*exit_status_);
  on_exit_ = std::move(reaped);
}

void WorkerProcess::leave(const std::string& reason) {
  if (std::exchange(leaving_, true)) return;
  if (!append({{{"type", "worker_ended"}, {"time", machine_.world.wall_clock()}, {"reason", reason}}})) return;
  after(machine_.world.random().skewed(100, 100 * k_millisecond), &WorkerProcess::exit_normally);
}

void WorkerProcess::exit_normally() { die({.known = true, .exit_code = 0}); }

// ---- what the daemon says ----------------------------------------------------------------------------------------------

void WorkerProcess::input_arrived() {
  if (!has_said_hello_ || std::exchange(reads_soon_, true)) return;
  after(machine_.world.random().skewed(10, 20 * k_millisecond), &WorkerProcess::read);
}

void WorkerProcess::read() {
  reads_soon_ = false;
  char buffer[65536];
  for (;;) {
    const auto count = ::recv(socket(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count <= 0) {
      at_end_ = true;
      break;
    }
    incoming_.append(buffer, static_cast<std::size_t>(count));
  }
  machine_.world.touch();
  for (std::size_t end; (end = incoming_.find('\n')) != std::string::npos;) {
    const std::string text = incoming_.substr(0, end);
    incoming_.erase(0, end + 1);
    if (!text.empty()) take(text);
  }
  next();
}

void WorkerProcess::take(const std::string& text) {
  const auto message = json::parse(text);
  if (message.at("type") == "run_step") {
    inbox_.push_back(parse_run_step(message));
    run_ = inbox_.back().run_number;
  } else if (open_ && open_->step.step_key == message.at("step_key") && open_->step.run_id == message.at("run_id")) {
    open_->is_canceled = true;
  } else {
    for (const auto& waiting : inbox_)
      if (waiting.step_key == message.at("step_key")) canceled_.emplace(waiting.step_key, waiting.attempt);
  }
}

void WorkerProcess::wake() {
  if (socket() >= 0) (void)::send(socket(), "\n", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  machine_.world.touch();
}

// ---- steps -------------------------------------------------------------------------------------------------------------

/// False: the daemon took the step back, or is gone.
bool WorkerProcess::take_claim(std::int64_t claim) {
  pollfd claims{files_.claims.get(), POLLIN, 0};
  while (claimed_ < claim) {
    if (::poll(&claims, 1, 0) != 1 || (claims.revents & POLLHUP) != 0) return false;
    if (::read(claims.fd, &claimed_, sizeof claimed_) != sizeof claimed_) return false;
  }
  return claimed_ == claim;
}

void WorkerProcess::next() {
  if (open_ || leaving_) return;
  const auto may_begin = [this](const protocol::RunStep& step) {
    const bool has_made_all =
        std::all_of(step.after.begin(), step.after.end(), [&](const auto& key) { return succeeded_.contains(key); });
    return has_made_all && (step.claim == 0 || take_claim(step.claim));
  };
  while (!inbox_.empty() && !may_begin(inbox_.front())) inbox_.pop_front();
  if (inbox_.empty()) {
    if (std::exchange(owes_wake_up_, false)) wake();
    if (at_end_) leave("no more steps");
    return;
  }
  auto& random = machine_.world.random();
  if (random.chance(machine_.temper.worker_dies_idle)) return die({.known = true, .exit_code = -1, .signal = 11});
  open_ = Open{std::move(inbox_.front())};
  inbox_.pop_front();
  open_->is_canceled = canceled_.contains({open_->step.step_key, open_->step.attempt});
  begin();
}

json WorkerProcess::line(const char* type) const {
  return {{"type", type},
          {"time", machine_.world.wall_clock()},
          {"run_id", open_->step.run_id},
          {"step_key", open_->step.step_key},
          {"attempt", open_->step.attempt},
          {"offsets", {0, 0, 0}}};
}

void WorkerProcess::begin() {
  const auto& step = open_->step;
  if (!append({line("step_started")})) return;
  machine_.world.trace("worker {} begins run {} step {} attempt {}", worker_id_, step.run_number, step.step_key, step.attempt);
  machine_.witness.began(worker_id_, step);
  auto& random = machine_.world.random();
  for (const auto& input : step.inputs) {
    if (!input.in_run) continue;
    const auto asset = input.asset_key.to_string();
    if (made_.contains(asset)) continue;  // here, in this run: the daemon may not know yet
    if (input.materialization.is_null() || input.materialization.at("run_id") != step.run_id)
      throw Violation(fmt::format("run {} step {}: input {} comes without this run's materialization", step.run_number,
                                  step.step_key, asset));
    if (machine_.is_in_memory(asset, hash_) && !memory_.contains(memory_key(step, asset)))
      throw Violation(fmt::format("run {} step {} was given to worker {}, which does not hold the value of {}", step.run_number,
                                  step.step_key, worker_id_, asset));
  }
  if (open_->is_canceled) return end_with("canceled", {});
  if (!random.chance(machine_.temper.wake_up_is_lost)) wake();
  after(random.skewed(50, machine_.temper.longest_step / 4), &WorkerProcess::load_inputs);
}

void WorkerProcess::load_inputs() {
  auto& random = machine_.world.random();
  auto loaded = line("inputs_loaded");
  loaded["inputs"] = json::array();
  std::vector<json> lines{loaded};
  if (random.chance(0.1)) {
    lines.push_back(line("observed"));
    lines.back()["asset_key"] = open_->step.asset_key.path();
    lines.back()["metadata"] = json::object();
  }
  if (!append(lines)) return;
  if (!random.chance(machine_.temper.wake_up_is_lost)) wake();
  if (random.chance(machine_.temper.worker_dies_in_step)) {
    const auto status = random.chance(0.5) ? code_locations::ExitStatus{.known = true, .exit_code = -1, .signal = 9}
                                           : code_locations::ExitStatus{.known = true, .exit_code = 3, .signal = 0};
    machine_.world.after(random.skewed(1, machine_.temper.longest_step),
                         [self = shared_from_this(), status] { self->die(status); });
  }
  const auto takes = random.skewed(50, machine_.temper.longest_step);
  const auto limit = open_->step.time_limit_ms * k_millisecond;  // kept by the worker, whoever watches it
  const bool is_over = limit > 0 && takes > limit;
  after(is_over ? limit : takes, is_over ? &WorkerProcess::run_out_of_time : &WorkerProcess::end);
}

void WorkerProcess::end() {
  auto& random = machine_.world.random();
  const auto& temper = machine_.temper;
  if (open_->is_canceled && !random.chance(temper.step_ignores_cancel)) return end_with("canceled", {});
  if (random.chance(temper.step_fails)) return end_with("failure", {{"error", failure("ValueError", "bad luck")}});
  if (random.chance(temper.step_forbids_retry))
    return end_with("failure", {{"error", failure("Failure", "no retry")}, {"retry", false}});
  if (random.chance(temper.step_asks_for_retry)) {
    const json wish{{"max_retries", random.below(3)}, {"seconds", random.below(3)}};
    return end_with("failure", {{"error", failure("RetryRequested", "again")}, {"retry", wish}});
  }
  end_with("success", {});
}

void WorkerProcess::run_out_of_time() {
  if (open_->is_canceled) return end_with("canceled", {});
  end_with("failure", {{"error", failure("StepTimeLimitExceeded", "it took too long")}});
}

void WorkerProcess::end_with(const std::string& status, json more) {
  auto& random = machine_.world.random();
  std::vector<json> lines;
  if (status == "success") {
    lines.push_back(line("materialized"));
    lines.back()["asset_key"] = open_->step.asset_key.path();
    lines.back()["metadata"] = json::object();
  }
  auto ended = line("step_ended");
  ended["status"] = status;
  ended["seconds"] = 0;
  if (more.is_object()) ended.update(more);
  const bool is_retiring = random.chance(machine_.temper.worker_retires);
  if (is_retiring) ended["retiring"] = true;
  lines.push_back(std::move(ended));
  const auto step = open_->step;
  if (!append(lines)) return;
  machine_.world.trace("worker {} ends run {} step {} attempt {}: {}", worker_id_, step.run_number, step.step_key, step.attempt,
                       status);
  machine_.witness.over(worker_id_, status);
  if (status == "success") {
    memory_.insert(memory_key(step, step.asset_key.to_string()));
    made_.insert(step.asset_key.to_string());
    succeeded_.insert(step.step_key);
  }
  open_.reset();
  if (is_retiring && random.chance(0.5)) return leave("retiring");
  // Between its last word and the wake-up anything may happen to it.
  after(random.skewed(1, 5 * k_millisecond), &WorkerProcess::idle);
}

void WorkerProcess::idle() {
  owes_wake_up_ = inbox_.size() >= many_;
  if (!owes_wake_up_) wake();
  next();
}

// ---- the journal -------------------------------------------------------------------------------------------------------

/// One write, as the protocol says; false: the disk was full, part of it may be there, and the worker is gone.
bool WorkerProcess::append(std::vector<json> lines) {
  std::string bytes;
  for (auto& each : lines) {
    if (each.contains("step_key")) each["serial"] = machine_.next_serial();
    bytes += protocol::journal_line(each);
  }
  auto& random = machine_.world.random();
  const bool is_full = machine_.disk_is_full || random.chance(machine_.temper.journal_is_full);
  const auto size = is_full ? random.below(static_cast<int>(bytes.size())) : static_cast<int>(bytes.size());
  if (::write(files_.journal.get(), bytes.data(), static_cast<std::size_t>(size)) != size)
    throw std::system_error(errno, std::generic_category(), "write to a journal");
  for (std::size_t i = 0, begin = 0; i < lines.size(); ++i) {
    const auto line_begin = static_cast<std::int64_t>(begin);
    begin = bytes.find('\n', begin) + 1;
    if (begin <= static_cast<std::size_t>(size) && lines[i].contains("serial"))
      machine_.witness.journaled(worker_id_, lines[i], journal_size_ + line_begin,
                                 journal_size_ + static_cast<std::int64_t>(begin));
  }
  journal_size_ += size;
  if (is_full) die({.known = true, .exit_code = k_exit_journal_failed});
  return !is_full;
}

}  // namespace headrace::simulator
