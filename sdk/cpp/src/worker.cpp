#include <worker.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <crash.hpp>
#include <core/json.hpp>
#include <csignal>
#include <cstring>
#include <descriptors.hpp>
#include <fmt/format.h>
#include <fstream>
#include <interrupts.hpp>
#include <iostream>
#include <preview.hpp>
#include <secrets.hpp>
#include <stack.hpp>
#include <user_errors.hpp>

namespace headrace {
inline namespace sdk {
namespace {

volatile std::sig_atomic_t g_terminated = 0, g_step_is_open = 0, g_arrived = 0;
/// After its time limit a step has this long to ask whether it shall end; then the worker ends, in the middle of it.
constexpr long k_grace_seconds = 2;
/// With so many steps at hand, the daemon need not hear of each end at once, but before this worker waits.
constexpr std::size_t k_many = 8;
/// The daemon gives no more at once: a step follows one of so many.
constexpr std::size_t k_most_at_hand = 16;
Worker* g_worker = nullptr;

void on_terminate(int) {
  if (g_step_is_open != 0)
    interrupt_flags().canceled = 1;
  else
    g_terminated = 1;
}

void on_socket(int) { g_arrived = 1; }

void on_alarm(int) {
  auto& flags = interrupt_flags();
  if (g_step_is_open == 0) return;
  if (flags.time_limit_exceeded != 0) {
    char message[96];
    std::snprintf(message, sizeof message, "the step ran longer than its limit of %g seconds", flags.time_limit);
    end_stuck_step("StepTimeLimitExceeded", message);
  }
  flags.time_limit_exceeded = 1;
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  ::sigaction(signal, &action, nullptr);
}

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGIO}) sigaddset(&set, signal);
  return set;
}

/// SIGTERM and SIGIO reach the process only while a step is open, or while it waits.
void install_handlers() {
  for (int signal = 1; signal < 32; ++signal)
    if (signal != SIGKILL && signal != SIGSTOP) std::signal(signal, SIG_DFL);
  std::signal(SIGPIPE, SIG_IGN);
  const auto set = our_signals();
  ::sigprocmask(SIG_SETMASK, &set, nullptr);
  handle(SIGTERM, on_terminate, 0);  // interrupts what the step waits for
  handle(SIGIO, on_socket, SA_RESTART);
  handle(SIGALRM, on_alarm, SA_RESTART | SA_ONSTACK);
  const f_owner_ex owner{F_OWNER_TID, static_cast<pid_t>(::syscall(SYS_gettid))};
  ::fcntl(k_control, F_SETOWN_EX, &owner);
  ::fcntl(k_control, F_SETFL, ::fcntl(k_control, F_GETFL) | O_ASYNC);
  install_crash_handlers();
  // A process that user code forks is none of the daemon's: signals mean to it what they mean to any program.
  ::pthread_atfork(nullptr, nullptr, [] {
    g_step_is_open = 0;
    interrupt_flags().look = nullptr;
    for (const int signal : {SIGTERM, SIGIO, SIGALRM, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
  });
}

std::string read_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

json worker_started(const Location& location, std::int64_t worker_id, const std::string& wanted_hash) {
  const auto stat = read_line("/proc/self/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  struct stat claims;
  const bool has_claims = ::fstat(k_claims, &claims) == 0 && S_ISFIFO(claims.st_mode);
  json said{{"type", "worker_started"},
            {"time", now()},
            {"protocol", 1},
            {"worker_id", worker_id},
            {"pid", ::getpid()},
            {"start_time", std::stoull(field)},
            {"boot_id", read_line("/proc/sys/kernel/random/boot_id")},
            {"hash", location.hash()},
            {"claims", has_claims},
            {"chains", has_claims}};
  // Code that has changed since the daemon knew it may still mean the same for the run.
  if (location.resolved && !wanted_hash.empty() && wanted_hash != location.hash())
    said["definitions"] = location.resolved->description();
  return said;
}

bool is_out_of_memory(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return true;
  } catch (...) {
    return false;
  }
}

bool is_cooperative_end(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const StepTimeLimitExceeded&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

bool Claims::take(std::int64_t claim) {
  while (newest_ < claim) {
    pollfd waiting{k_claims, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, 0);
    if (ready > 0 && (waiting.revents & POLLNVAL) != 0)
      throw std::runtime_error("the code of a step closed descriptor 6, which is the worker's");
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || waiting.revents != POLLIN) return false;
    if (::read(k_claims, &newest_, sizeof newest_) != static_cast<ssize_t>(sizeof newest_))
      return false;  // the daemon was quicker
  }
  return newest_ == claim;
}

Worker::Worker(const Location& location, std::int64_t worker_id, std::string wanted_hash)
    : location_(location), worker_id_(worker_id), wanted_hash_(std::move(wanted_hash)), commands_(k_control) {
  g_worker = this;
  interrupt_flags().look = &Worker::look;
  if (location.resolved) {
    session_ = std::make_unique<ResourceSession>(location.resolved);
    max_rss_ = location.resolved->definitions().execution.max_rss;
  }
}

Worker::~Worker() { g_worker = nullptr; }

int Worker::run() {
  journal_.append({worker_started(location_, worker_id_, wanted_hash_).dump()});
  std::string reason = "no more steps";
  int status = 0;
  try {
    StepRequest request;
    while (next_step(request)) run_step(request);
    if (g_terminated != 0) reason = "terminated";
  } catch (const std::exception& error) {
    reason = error.what();
    status = 1;
  }
  if (const auto error = tear_down(); !error.empty()) std::cerr << "A resource's teardown failed.\n" << error;
  journal_.append(
      {json{{"type", "worker_ended"}, {"time", now()}, {"reason", reason}}.dump(-1, ' ', false, json::error_handler_t::replace)});
  return status;
}

/// False: no more will come.
bool Worker::next_step(StepRequest& request) {
  for (;;) {
    while (steps_.empty()) {
      if (!garbage_.empty()) throw std::runtime_error(garbage_);
      if (commands_.at_end()) return false;
      if (std::exchange(owes_wake_up_, false)) Journal::wake();
      if (!wait_for_commands()) return false;
    }
    request = std::move(steps_.front());
    steps_.pop_front();
    // Of a step that is not begun, because one that it follows did not succeed here, the claim is left unread.
    if (has_made_all(request.after) && (request.claim == 0 || claims_.take(request.claim))) return true;
  }
}

bool Worker::has_made_all(const std::vector<std::string>& steps) const {
  return std::all_of(steps.begin(), steps.end(), [&](const std::string& step) {
    return std::any_of(made_.begin(), made_.end(), [&](const Made& made) { return made.step_key == step; });
  });
}

void Worker::remember(const StepRequest& request, const std::string& made) {
  made_.push_back({request.step_key, made, request.asset_key});
  if (made_.size() > k_most_at_hand) made_.pop_front();
}

/// The daemon gave the step before it knew of what is made here.
void Worker::fill_inputs(StepRequest& request) const {
  for (auto& input : request.inputs) {
    if (!input.in_run || !input.materialization.is_null()) continue;
    for (const auto& made : made_) {
      if (made.asset_key != input.asset_key || made.fields.empty()) continue;
      const auto fields = json::parse("{" + made.fields + "}");
      input.materialization = {{"event_id", nullptr},
                               {"run_id", request.run.run_id},
                               {"metadata", fields.at("metadata")},
                               {"stored", fields.at("stored")}};
    }
  }
}

/// False: SIGTERM.
bool Worker::wait_for_commands() {
  sigset_t only_socket;
  sigemptyset(&only_socket);
  sigaddset(&only_socket, SIGIO);
  if (commands_.receive(MSG_DONTWAIT) || commands_.at_end()) {
    take_commands();
    return true;
  }
  pollfd waiting{k_control, POLLIN, 0};
  const int ready = ::ppoll(&waiting, 1, nullptr, &only_socket);
  return ready >= 0 || g_terminated == 0;
}

void Worker::take_commands() {
  try {
    for (const auto& message : commands_.take()) {
      const auto type = message.value("type", "");
      if (type == "run_step") {
        steps_.push_back(StepRequest::from_message(message));
      } else if (type == "cancel_step") {
        cancel({message.at("run_id").get<std::string>(), message.at("step_key").get<std::string>(), message.value("attempt", 1)});
      } else if (type == "preview") {
        journal_.append({dump_json(preview_line(location_, message))});
      } else {
        garbage_ = "the daemon sent a message of unknown type \"" + type + "\"";
      }
    }
  } catch (const std::exception& error) {
    garbage_ = error.what();
  }
}

void Worker::cancel(const Attempt& attempt) {
  if (open_ == attempt) {
    interrupt_flags().canceled = 1;
    return;
  }
  for (const auto& step : steps_)
    if (Attempt(step.run.run_id, step.step_key, step.attempt) == attempt) canceled_.insert(attempt);
}

/// While a step is open: takes what has arrived. User code may ask from any thread; whoever comes second goes by the flags.
bool Worker::look() {
  static std::atomic_flag looking;
  if (g_arrived == 0 || looking.test_and_set()) return interrupt_flags().canceled != 0;
  g_arrived = 0;
  while (g_worker->commands_.receive(MSG_DONTWAIT)) continue;
  g_worker->take_commands();
  looking.clear();
  return interrupt_flags().canceled != 0;
}

void Worker::run_step(StepRequest& request) {
  if (!request.after.empty()) fill_inputs(request);
  JournalReporter reporter(journal_, output_, request);
  const Attempt attempt(request.run.run_id, request.step_key, request.attempt);
  if (canceled_.erase(attempt) > 0) return reporter.never_started();
  reporter.started(!has_begun_);
  has_begun_ = true;
  if (!location_.resolved) {
    reporter.ended("failure", location_.error, 0);
    return;
  }
  open_ = attempt;
  const auto sizes_before = output_.sizes();
  const pid_t process = ::getpid();
  const auto start = std::chrono::steady_clock::now();
  json described = nullptr;
  const auto error = execute(request, reporter, described);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  open_.reset();
  if (::getpid() != process) {  // user code forked, and the child came back here: the step is its parent's
    std::cout.flush();
    ::_exit(error ? 1 : 0);
  }
  surroundings_.restore_outputs();
  const bool was_canceled = error && interrupt_flags().canceled != 0;
  json more = json::object();
  if (error && !was_canceled) {
    if (auto wish = retry_wish_of(error); !wish.is_null()) more["retry"] = wish;
  }
  if (max_rss_ > 0 && resident_bytes() > max_rss_) more["retiring"] = true;
  owes_wake_up_ = !error && more.empty() && steps_.size() >= k_many;
  const auto sizes = reporter.ended(!error         ? "success"
                                    : was_canceled ? "canceled"
                                                   : "failure",
                                    was_canceled ? json(nullptr) : described, seconds, more, !owes_wake_up_);
  if (!error) remember(request, reporter.made());
  // The daemon has the end already, and works on it meanwhile.
  OutputFiles::cap(sizes_before, sizes);
  surroundings_.restore();
}

std::exception_ptr Worker::execute(const StepRequest& request, JournalReporter& reporter, json& described) {
  std::exception_ptr error;
  open_step(request, reporter);
  try {
    const MemoryLimit limit(request.memory_limit);
    execute_step(*location_.resolved, *session_, request, reporter);
  } catch (StepFailure& failure) {
    error = failure.error;
    described = std::move(failure.described);
  } catch (...) {
    error = std::current_exception();
    described = describe_error(error, {"asset", "", "", 0});
  }
  close_step();
  session_->end_step();
  if (error && request.memory_limit > 0 && is_out_of_memory(error)) {
    described["message"] = fmt::format("the step may allocate {} (headrace/memory_limit)", readable_size(request.memory_limit));
  }
  if (error && interrupt_flags().time_limit_exceeded != 0) {
    described["type"] = "StepTimeLimitExceeded";
    if (!is_cooperative_end(error)) described["message"] = time_limit_message();
  }
  return error;
}

void Worker::open_step(const StepRequest& request, const JournalReporter& reporter) {
  auto& flags = interrupt_flags();
  flags.canceled = 0;
  flags.time_limit_exceeded = 0;
  const auto* asset = location_.resolved->find(request.asset_key);
  const auto file = asset ? relative_path(asset->definition->file) : std::string();
  set_open_step(reporter.ids(), file, asset ? asset->definition->line : 0);
  g_arrived = 1;  // something may have arrived before
  g_step_is_open = 1;
  if (g_terminated != 0) flags.canceled = 1;
  if (request.time_limit_ms > 0) {
    flags.time_limit = static_cast<double>(request.time_limit_ms) / 1e3;
    const itimerval timer{{k_grace_seconds, 0}, {request.time_limit_ms / 1000, request.time_limit_ms % 1000 * 1000}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }
  const auto set = our_signals();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void Worker::close_step() {
  const auto set = our_signals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  g_step_is_open = 0;
  set_open_step("", "", 0);
  const itimerval none{};
  ::setitimer(ITIMER_REAL, &none, nullptr);
}

/// The steps have ended: what goes wrong here can only be told. SIGTERM ends a teardown that hangs.
std::string Worker::tear_down() {
  if (!session_) return {};
  std::signal(SIGTERM, SIG_DFL);
  const auto set = our_signals();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  try {
    session_->close();
    return {};
  } catch (...) {
    return describe_error(std::current_exception(), {"resources", "", "", 0}).value("stack", "");
  }
}

/// When the machine runs out of memory a worker goes first, whose step can be tried again, never the daemon. Anyone may raise
/// their own score; whoever is raised further already stays there.
static void offer_for_oom() {
  constexpr int k_worker = 500;  // of 1000
  int present = k_worker;
  std::ifstream("/proc/self/oom_score_adj") >> present;
  if (present < k_worker) std::ofstream("/proc/self/oom_score_adj") << k_worker;
}

int run_worker(const Location& location, std::int64_t worker_id, const std::string& wanted_hash) {
  offer_for_oom();
  install_handlers();
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  int status = 1;
  {
    Worker worker(location, worker_id, wanted_hash);
    status = worker.run();
  }
  std::cout.flush();
  std::fflush(stdout);
  return status;
}

}  // namespace sdk
}  // namespace headrace
