#include <async/private_folder.hpp>
#include <code_locations/code_location.hpp>
#include <code_locations/code_origin.hpp>
#include <output_file.hpp>

#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace headrace::code_locations {
namespace {

SpawnRequest make_request(const LocationSpec& spec, std::vector<std::string> environment, const char* role) {
  environment.push_back(std::string("HEADRACE_ROLE=") + role);
  environment.push_back("HEADRACE_CODE_LOCATION=" + spec.name);
  return SpawnRequest{
      .argv = spec.argv, .environment = std::move(environment), .working_directory = spec.working_directory, .descriptors = {}};
}

constexpr std::streamoff k_most_build_output = 64 * 1024;

std::string build_output(const LocationServices& services, const LocationSpec& spec) {
  return services.home + "/code_locations/" + spec.name + "/build";
}

}  // namespace

CodeLocation::CodeLocation(LocationServices& services, LocationSpec spec, Callbacks callbacks)
    : services_(services), spec_(std::move(spec)), callbacks_(std::move(callbacks)) {
  view_.name = spec_.name;
}

CodeLocation::~CodeLocation() {
  if (build_pid_ == 0) return;
  services_.reaper.forget(build_pid_);
  kill_group(build_pid_, SIGKILL);
}

void CodeLocation::load() {
  is_restart_ = false;
  begin_load();
}

void CodeLocation::begin_load() {
  if (candidate_ || build_pid_ != 0) {
    load_again_ = true;
    return;
  }
  restart_.reset();
  view_.reloading = view_.definitions != nullptr;
  if (!view_.reloading) view_.state = LocationState::loading;

  auto environment = services_.environment(spec_);
  if (!environment)
    return on_load_failed({{"type", "EnvironmentError"}, {"message", environment.error().message}, {"phase", "load"}});
  environment_ = std::move(*environment);
  for (const auto& warning : environment_.warnings) spdlog::warn("code location {}: {}", spec_.name, warning);
  view_.warnings = environment_.warnings;
  async::make_private_folders(services_.home, "code_locations/" + spec_.name);
  if (spec_.build.empty() || is_restart_) return start_host();
  start_build();
}

void CodeLocation::start_build() {
  const auto output = open_output(build_output(services_, spec_));
  auto process = spawn({.argv = {"/bin/sh", "-c", spec_.build},
                        .environment = environment_.items,
                        .working_directory = spec_.working_directory,
                        .descriptors = {{1, output.get()}, {2, output.get()}}});
  if (!process) return on_load_failed({{"type", "BuildError"}, {"message", process.error().message}, {"phase", "load"}});
  build_pid_ = process->pid;
  services_.reaper.watch(build_pid_, [this](ExitStatus status) { on_built(status); });
  callbacks_.on_change();
}

void CodeLocation::on_built(ExitStatus status) {
  build_pid_ = 0;
  if (status.exit_code == 0) return start_host();
  on_load_failed({{"type", "BuildError"},
                  {"message", "the build command (" + spec_.build + ") " + status.describe()},
                  {"stack", tail_of(build_output(services_, spec_), k_most_build_output)},
                  {"phase", "load"}});
}

void CodeLocation::start_host() {
  load_began_ = services_.loop.now();
  program_written_ = time_written(spec_.argv.front());
  Host::Callbacks callbacks;
  callbacks.on_definitions = [this](protocol::DefinitionsAnswer answer) { on_definitions(std::move(answer)); };
  callbacks.on_load_failed = [this](nlohmann::json error) { on_load_failed(std::move(error)); };
  callbacks.on_killed = [this](nlohmann::json error) { on_killed_while_loading(std::move(error)); };
  callbacks.on_exit = [this](const Host& host, ExitStatus status) { on_host_exit(&host, status); };
  auto host = Host::start(services_.loop, services_.reaper, make_request(spec_, environment_.items, "host"),
                          services_.home + "/code_locations/" + spec_.name, services_.host_close_limit, std::move(callbacks));
  if (!host) return on_load_failed({{"type", "StartError"}, {"message", host.error().message}, {"phase", "load"}});
  candidate_ = std::move(*host);
  callbacks_.on_change();
}

namespace {

/// Definitions that do not fit (each other), as an error of the load: at the asset to blame, where one is.
nlohmann::json refusal_of(const Error& error) {
  nlohmann::json refusal{{"type", "DagsterInvalidDefinitionError"}, {"message", error.message}, {"stack", ""}, {"phase", "load"}};
  if (!error.detail.is_object()) return refusal;
  if (const auto file = error.detail.value("file", std::string()); !file.empty()) {
    refusal["file"] = file;
    if (const int line = error.detail.value("line", 0); line > 0) refusal["line"] = line;
  }
  for (const char* key : {"asset_key", "code_location"})
    if (const auto found = error.detail.find(key); found != error.detail.end()) refusal[key] = *found;
  return refusal;
}

}  // namespace

void CodeLocation::on_definitions(protocol::DefinitionsAnswer answer) {
  auto definitions = Definitions::from_json(spec_.name, answer.hash, answer.definitions);
  Result<void> accepted = definitions ? Result<void>{} : tl::unexpected(definitions.error());
  std::shared_ptr<const Definitions> shared;
  if (definitions) {
    shared = std::make_shared<const Definitions>(std::move(*definitions));
    accepted = callbacks_.accept(shared);
  }
  if (!accepted) {
    return on_load_failed(refusal_of(accepted.error()));
  }

  auto host = std::exchange(candidate_, nullptr);
  if (auto& same = hosts_[answer.hash]) same->retire();  // same definitions: the fresh process takes over
  hosts_[answer.hash] = host;
  view_.language = host->language();
  if (view_.definitions)
    view_.change = std::make_shared<const DefinitionsChange>(DefinitionsChange::between(*view_.definitions, *shared));
  view_.dotenv = environment_.dotenv;
  view_.origin = std::make_shared<const CodeOrigin>(CodeOrigin{.working_directory = spec_.working_directory,
                                                               .load_began = load_began_,
                                                               .program_written = view_.language == "cpp" ? program_written_ : 0,
                                                               .redactor = redactor_of(environment_, *shared)});
  view_.definitions = std::move(shared);
  view_.state = LocationState::loaded;
  view_.loaded_at = services_.loop.now();
  view_.error = nullptr;
  view_.fork_workers = host->can_fork() && answer.fork_workers;
  host->set_forks_workers(view_.fork_workers);
  view_.worker_start_reason = answer.worker_start_reason;
  restart_delay_ = std::chrono::milliseconds{0};
  retire_unneeded();
  finish_load([&] { callbacks_.on_loaded(answer); });
}

void CodeLocation::on_load_failed(nlohmann::json error) {
  if (auto host = std::exchange(candidate_, nullptr)) host->kill();
  view_.state = view_.definitions ? LocationState::loaded : LocationState::failed;
  const bool is_news = !is_restart_ || view_.error != error;  // who reloads waits for the outcome
  view_.error = std::move(error);
  if (view_.definitions && !serves(view_.definitions->hash)) restart();  // its host died, and runs may wait for another
  finish_load([&] {
    if (is_news) callbacks_.on_failed(view_.error);
  });
}

/// Later and later, as long as no host serves.
void CodeLocation::restart() {
  restart_delay_ =
      restart_delay_.count() == 0 ? services_.first_restart_delay : std::min(restart_delay_ * 2, services_.longest_restart_delay);
  restart_ = services_.loop.after(restart_delay_, [this] {
    is_restart_ = true;
    begin_load();
  });
}

/// Not the code's fault as far as we know (an operator, the system short of memory): it is tried again, unless a host serves.
void CodeLocation::on_killed_while_loading(nlohmann::json error) {
  if (host_pid() != 0) return on_load_failed(std::move(error));
  candidate_.reset();
  start_again_later(std::move(error));
  if (std::exchange(load_again_, false)) load();
}

void CodeLocation::start_again_later(nlohmann::json error) {
  restart();
  const auto message = error.value("message", "");
  spdlog::warn("code location {}: {}; starting it again in {} ms", spec_.name, message, restart_delay_.count());
  error["message"] = message + "; it is being started again";
  view_.error = std::move(error);
  view_.reloading = view_.definitions != nullptr;
  callbacks_.on_change();
  callbacks_.on_failed(view_.error);
}

void CodeLocation::finish_load(const std::function<void()>& record) {
  view_.reloading = false;
  // First the change, then its event: whoever reads after the event finds what it tells of.
  callbacks_.on_change();
  record();
  if (std::exchange(load_again_, false)) load();
}

void CodeLocation::on_host_exit(const Host* host, ExitStatus status) {
  auto found = std::find_if(hosts_.begin(), hosts_.end(), [&](const auto& entry) { return entry.second.get() == host; });
  if (found == hosts_.end()) return;  // retired: expected
  const bool is_current = view_.definitions && found->first == view_.definitions->hash;
  hosts_.erase(found);
  if (!is_current) return callbacks_.on_change();  // the runs that needed it go on with another version, or end
  start_again_later({{"type", "HostDied"},
                     {"message", "the host of this code location " + status.describe()},
                     {"stack", ""},
                     {"phase", "load"}});
}

void CodeLocation::pin(const std::string& hash) { ++pins_[hash]; }

void CodeLocation::unpin(const std::string& hash) {
  if (auto found = pins_.find(hash); found != pins_.end() && --found->second == 0) pins_.erase(found);
  retire_unneeded();
}

void CodeLocation::retire_unneeded() {
  std::erase_if(hosts_, [this](auto& entry) {
    const bool is_needed = pins_.contains(entry.first) || (view_.definitions && view_.definitions->hash == entry.first);
    if (!is_needed) entry.second->retire();
    return !is_needed;
  });
}

void CodeLocation::set_recorded(bool is_recorded) {
  if (std::exchange(view_.is_recorded, is_recorded) != is_recorded) callbacks_.on_change();
}

int CodeLocation::host_pid() const {
  auto host = view_.definitions ? hosts_.find(view_.definitions->hash) : hosts_.end();
  return host == hosts_.end() ? 0 : host->second->pid();
}

bool CodeLocation::serves(const std::string& hash) const { return hosts_.contains(hash); }

void CodeLocation::start_worker(const std::string& hash, std::int64_t worker_id, bool must_spawn, WorkerFiles files,
                                WorkerStarted done) {
  auto host = hosts_.find(hash);
  if (host == hosts_.end()) return done(fail(ErrorCode::unavailable, "code location " + spec_.name + " is not loaded"));
  const bool forks = host->second->forks_workers() && !must_spawn;
  if (forks) return host->second->fork_worker(worker_id, std::move(files), std::move(done));
  spawn_worker(hash, worker_id, std::move(files), std::move(done));
}

void CodeLocation::spawn_worker(const std::string& hash, std::int64_t worker_id, WorkerFiles files, WorkerStarted done) {
  auto environment = services_.environment(spec_);
  if (!environment) return done(tl::unexpected(environment.error()));
  auto request = make_request(spec_, std::move(environment->items), "worker");
  request.environment.push_back("HEADRACE_WORKER_ID=" + std::to_string(worker_id));
  request.environment.push_back("HEADRACE_DEFINITIONS_HASH=" + hash);
  request.descriptors = {{1, files.standard_output.get()},
                         {2, files.standard_error.get()},
                         {3, files.socket.get()},
                         {4, files.journal.get()},
                         {5, files.log.get()},
                         {6, files.claims.get()}};
  auto process = spawn(request);
  if (!process) return done(tl::unexpected(process.error()));

  // The status may come before anybody asks for it.
  struct Exit {
    bool ended = false;
    ExitStatus status;
    std::function<void(ExitStatus)> on_exit;
  };
  auto exit = std::make_shared<Exit>();
  services_.reaper.watch(process->pid, [exit](ExitStatus status) {
    exit->ended = true;
    exit->status = status;
    if (exit->on_exit) std::exchange(exit->on_exit, nullptr)(status);
  });
  done(WorkerProcess{process->pid, std::move(process->pidfd),
                     [exit](std::function<void(ExitStatus)> on_exit) {
                       if (exit->ended)
                         on_exit(exit->status);
                       else
                         exit->on_exit = std::move(on_exit);
                     },
                     false});
}

void CodeLocation::fall_back_to_spawn(const std::string& reason) {
  view_.fork_workers = false;
  for (auto& [hash, host] : hosts_) host->set_forks_workers(false);
  view_.worker_start_reason = reason;
  callbacks_.on_change();
}

}  // namespace headrace::code_locations
