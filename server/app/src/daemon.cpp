#include <app/daemon.hpp>

#include <api/router.hpp>
#include <async/asio_loop.hpp>
#include <async/service_manager.hpp>
#include <code_locations/code_locations.hpp>
#include <code_locations/previews.hpp>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <storage/home.hpp>
#include <sys/signalfd.h>

#include <app/environment.hpp>
#include <app/retention.hpp>
#include <cli/daemon_record.hpp>
#include <cstdio>

namespace headrace::app {
namespace {

constexpr std::chrono::seconds k_trim_after{2};

/// Signals are read from a descriptor: blocked here, before any thread is made, and in every thread from then on.
async::UniqueFd signal_descriptor() {
  sigset_t all;
  sigemptyset(&all);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&all, signal);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t stopping;
  sigemptyset(&stopping);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&stopping, signal);
  return async::UniqueFd(::signalfd(-1, &stopping, SFD_CLOEXEC | SFD_NONBLOCK));
}

class Daemon {
 public:
  Daemon(cli::Settings settings, async::UniqueFd signals);
  int run();
  int run(cli::Foreground& command);

 private:
  Result<std::uint16_t> listen();
  void start_work();
  void on_signal();
  void interrupt();
  void reload();
  void stop();
  void give_memory_back();
  void tell_service_manager();
  void say_status();
  bool is_loading() const;

  cli::Settings settings_;
  // In the order of construction; destruction is the reverse. Whatever waits on the loop goes before the loop.
  async::AsioLoop loop_;
  async::UniqueFd signals_;
  async::ServiceManager service_manager_;
  storage::Home home_;
  std::unique_ptr<storage::EventLog> log_;
  code_locations::Reaper reaper_;
  code_locations::LinuxProcesses processes_;
  code_locations::CodeLocations locations_;
  runs::RunCoordinator coordinator_;
  code_locations::Previews previews_;
  live::ReaderPool readers_;
  live::EventStreams streams_;
  Retention retention_;
  api::Context api_;
  std::unique_ptr<http::Server> server_;  // null: in the foreground
  cli::Foreground* command_ = nullptr;    // null: serving
  async::Handle signal_watch_, stop_limit_, status_timer_, trim_timer_;
  std::string url_;
  bool stopping_ = false, interrupted_ = false, reloading_ = false;
};

code_locations::LocationServices make_services(async::Loop& loop, code_locations::Reaper& reaper, const cli::Settings& settings,
                                               const storage::Home& home) {
  code_locations::LocationServices services{.loop = loop, .reaper = reaper, .home = home.path().string(), .environment = {}};
  const EnvironmentSource source{home.path(), settings.storage.durability};
  services.environment = [source](const code_locations::LocationSpec& spec) { return make_environment(source, spec); };
  services.record_retry = settings.runs.store_retry;
  services.first_restart_delay = settings.restart_delay;
  services.host_close_limit = settings.host_close_limit;
  return services;
}

Daemon::Daemon(cli::Settings settings, async::UniqueFd signals)
    : settings_(std::move(settings)),
      signals_(std::move(signals)),
      service_manager_(loop_, async::ServiceManagerAddress::from_environment()),
      home_(storage::Home::open(settings_.home)),
      log_(storage::EventLog::open(home_.path(), settings_.storage)),
      reaper_(loop_),
      processes_(reaper_),
      locations_(make_services(loop_, reaper_, settings_, home_), *log_),
      coordinator_(loop_, *log_, locations_, processes_, home_.path(), settings_.runs),
      previews_(loop_, locations_, processes_, settings_.previews),
      readers_(*log_),
      streams_(loop_, *log_, readers_, api::event_renderer()),
      retention_(loop_, *log_, readers_, home_.path(), settings_.retention, settings_.retention_pace),
      api_{loop_, *log_, locations_, coordinator_, readers_, streams_, home_.path(), HEADRACE_VERSION, loop_.now(), {}, {}} {
  api_.preview = [this](const std::string& location, const nlohmann::json& stored, code_locations::Previews::Done done) {
    previews_.preview(location, stored, std::move(done));
  };
  api_.run_figures = [this] { return coordinator_.figures(); };
  for (const auto& warning : home_.warnings()) spdlog::warn("{}", warning);
  if (const auto lost = storage::lost_end(home_.path()); !lost.empty()) spdlog::warn("{}", lost);
  log_->set_commit_listener([this](std::int64_t last_id) {
    loop_.post([this, last_id] {
      coordinator_.on_commit(last_id);
      streams_.on_commit(last_id);
      tell_service_manager();
      give_memory_back();
      if (command_) command_->on_commit(last_id);
    });
  });
  locations_.set_change_listener([this] {
    coordinator_.on_workspace_change();
    tell_service_manager();
    if (command_) command_->on_workspace_change();
  });
}

Result<std::uint16_t> Daemon::listen() {
  http::Settings settings;
  settings.address = settings_.host;
  settings.port = settings_.port;
  settings.token = settings_.token;
  settings.host_names = settings_.host_names;
  settings.access.guess_time = settings_.guess_time;
  settings.access.session_time = settings_.session_time;
  server_ = std::make_unique<http::Server>(loop_, api::make_router(api_), std::move(settings));
  api_.server_counts = [this] { return server_->counts(); };
  api_.access = &server_->access();
  return server_->start();
}

void Daemon::start_work() {
  storage::Batch batch;
  Event event;
  event.kind = EventKind::daemon_started;
  event.time = loop_.now();
  event.payload = nlohmann::json{{"version", HEADRACE_VERSION}, {"pid", ::getpid()}}.dump();
  batch.events.push_back(std::move(event));
  log_->append(std::move(batch), [](Result<storage::EventLog::Appended> result) {
    if (!result) spdlog::error("event log: {}", result.error().message);
  });
  for (auto& spec : settings_.locations) locations_.add(std::move(spec));
  coordinator_.recover();
  retention_.begin();
}

int Daemon::run() {
  signal_watch_ = loop_.on_readable(signals_.get(), [this] { on_signal(); });
  auto port = listen();
  if (!port) {
    std::fprintf(stderr, "headrace: %s\n", port.error().message.c_str());
    return 1;
  }
  const std::string host = settings_.host.find(':') == std::string::npos ? settings_.host : "[" + settings_.host + "]";
  url_ = "http://" + host + ":" + std::to_string(*port);
  if (auto written = cli::write_daemon_record(home_.path(), {.url = url_, .pid = ::getpid()}); !written)
    spdlog::warn("commands such as `headrace run list` need --url: {}", written.error().message);
  std::printf("Serving Headrace on %s\n", url_.c_str());
  std::fflush(stdout);
  service_manager_.ready();
  service_manager_.watch([this](std::function<void()> alive) { log_->ping(std::move(alive)); });
  loop_.post([this] { start_work(); });
  loop_.run();
  readers_.stop();
  return 0;
}

int Daemon::run(cli::Foreground& command) {
  signal_watch_ = loop_.on_readable(signals_.get(), [this] { on_signal(); });
  loop_.post([this, &command] {
    start_work();
    command_ = &command;
    command.start({loop_, *log_, locations_, coordinator_, [this] { stop(); }});
  });
  loop_.run();
  readers_.stop();
  return command.exit_status();
}

void Daemon::on_signal() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGTERM && !command_) {
      stop();
    } else if (info.ssi_signo == SIGHUP && !command_) {
      reload();
    } else {
      interrupt();
    }
  }
}

void Daemon::interrupt() {
  const bool is_first = !std::exchange(interrupted_, true);
  if (command_) command_->on_interrupt(is_first);
  if (!is_first) {
    spdlog::warn("interrupted again: killing what still runs");
    coordinator_.kill_all();
  } else {
    spdlog::info("interrupted: canceling {} runs (once more to kill them)", coordinator_.active_runs());
    coordinator_.cancel_all([this] { stop(); });
  }
}

void Daemon::reload() {
  spdlog::info("SIGHUP: reloading all code locations");
  reloading_ = true;
  service_manager_.reloading();
  for (const auto& location : locations_.snapshot()->locations)
    if (auto reloaded = locations_.reload(location.name); !reloaded) spdlog::warn("{}", reloaded.error().message);
  tell_service_manager();
}

/// Some time after something happened: what runs, answers and streams took lies in pieces between what stays, and the allocator
/// gives it back only when it is told to. That takes a millisecond or less. At rest there is no timer.
void Daemon::give_memory_back() {
  if (trim_timer_) return;
  trim_timer_ = loop_.after(k_trim_after, [this] {
    trim_timer_.reset();
    ::malloc_trim(0);
  });
}

/// After a change: a reload may be over, and the status is another. Said at most once a second, however much happens.
void Daemon::tell_service_manager() {
  if (!service_manager_.is_there() || command_ || stopping_) return;
  if (reloading_ && !is_loading()) {
    reloading_ = false;
    service_manager_.ready();
  }
  if (!status_timer_) status_timer_ = loop_.after(std::chrono::seconds(1), [this] { say_status(); });
}

bool Daemon::is_loading() const {
  const auto workspace = locations_.snapshot();
  return std::any_of(workspace->locations.begin(), workspace->locations.end(), [](const auto& location) {
    return location.reloading || location.state == code_locations::LocationState::loading;
  });
}

void Daemon::say_status() {
  status_timer_.reset();
  const auto runs = coordinator_.active_runs();
  std::string text = "Serving on " + url_ + "; " + std::to_string(runs) + (runs == 1 ? " run" : " runs") + " going on";
  for (const auto& location : locations_.snapshot()->locations)
    if (!location.error.is_null()) text += "; code location " + location.name + " failed to load";
  service_manager_.status(text);
}

void Daemon::stop() {
  if (std::exchange(stopping_, true)) return;
  spdlog::info("stopping");
  if (!command_) service_manager_.stopping();
  coordinator_.stop();
  streams_.stop();
  if (!server_) return loop_.stop();
  stop_limit_ = loop_.after(settings_.stop_limit, [this] {
    spdlog::warn("open requests took too long; stopping without them");
    loop_.stop();
  });
  server_->stop([this] { loop_.stop(); });
}

/// One arena for all threads: what one frees, another takes. With an arena for each, the pieces that stay in one hold a third of
/// the daemon's memory for nothing (tests/faults/million.py).
void share_memory() { ::mallopt(M_ARENA_MAX, 1); }

/// `work` with a daemon; an environment that does not allow one ends with a sentence.
int with_daemon(cli::Settings settings, const std::function<int(Daemon&)>& work) {
  try {
    share_memory();
    auto signals = signal_descriptor();
    Daemon daemon(std::move(settings), std::move(signals));
    return work(daemon);
  } catch (const storage::StorageError& error) {
    std::fprintf(stderr, "headrace: %s\n", error.what());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headrace: %s\n", error.what());
  }
  return 1;
}

}  // namespace

int serve(cli::Settings settings) {
  return with_daemon(std::move(settings), [](Daemon& daemon) { return daemon.run(); });
}

int run_in_foreground(cli::Settings settings, cli::Foreground& command) {
  return with_daemon(std::move(settings), [&command](Daemon& daemon) { return daemon.run(command); });
}

}  // namespace headrace::app
