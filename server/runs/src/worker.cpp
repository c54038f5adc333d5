#include <async/private_folder.hpp>
#include <runs/worker.hpp>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "journal_file.hpp"

namespace headrace::runs {
namespace {

constexpr int k_exit_journal_failed = 75;             // core/protocol/README.md, section 3
constexpr std::size_t k_longest_wake_up = 64 * 1024;  // wake-ups are empty; user code could write to the socket too
constexpr std::size_t k_journal_piece = 1024 * 1024;  // read at once: a long journal must not fill the daemon's memory

async::UniqueFd create_file(const std::string& path) {
  return async::UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
}

/// Locked, and empty: after a power loss, which may take the newest numbers, a file of another worker may lie there.
async::UniqueFd create_journal(const std::string& path) {
  async::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 || ::ftruncate(fd.get(), 0) != 0) return {};
  return fd;
}

std::string dump(const nlohmann::json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}  // namespace

std::filesystem::path Worker::folder(const std::filesystem::path& home, std::int64_t run, std::int64_t worker) {
  return home / "runs" / std::to_string(run) / std::to_string(worker);
}

Worker::Worker(WorkerServices& services, storage::WorkerRow row, Callbacks callbacks)
    : services_(services), row_(std::move(row)), callbacks_(std::move(callbacks)) {}

Worker::~Worker() { *alive_ = false; }

// ---- birth -------------------------------------------------------------------------------------------------------------

// Its row first, then its files: a daemon that starts finds every journal that may exist.
void Worker::start(const std::string& hash, Execution::Start start, bool takes_one_step, storage::Batch with) {
  takes_one_step_ = takes_one_step;
  hash_ = hash;
  with.worker_created = row_;
  services_.log.append(std::move(with),
                       [this, alive = alive_, loop = &services_.loop, hash, start](Result<storage::EventLog::Appended> result) {
                         loop->post([this, alive, hash, start, result = std::move(result)] {
                           if (!*alive) return;
                           if (!result) {
                             if (result.error().code == ErrorCode::unavailable) callbacks_.on_store_failed(result.error());
                             return not_started(result.error().message);
                           }
                           create_files_and_start(hash, start);
                         });
                       });
}

void Worker::create_files_and_start(const std::string& hash, Execution::Start start) {
  async::make_private_folders(services_.home, folder("", row_.run, row_.worker_id));  // a failure shows at the first file
  int sockets[2], claims[2];
  code_locations::WorkerFiles files;
  files.journal = create_journal(file("journal"));
  if (files.journal) {  // else they may be in use
    journal_.reset(::open(file("journal").c_str(), O_RDONLY | O_CLOEXEC));
    files.standard_output = create_file(file("stdout"));
    files.standard_error = create_file(file("stderr"));
    files.log = create_file(file("log"));
  }
  if (!files.standard_output || !files.standard_error || !files.log || !files.journal || !journal_ ||
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0 || ::pipe2(claims, O_CLOEXEC | O_NONBLOCK) != 0) {
    const int error = errno;
    const std::string message = "cannot make the worker's files in \"" +
                                folder(services_.home, row_.run, row_.worker_id).string() + "\": " + std::strerror(error);
    if (error == ENOSPC || error == EDQUOT) callbacks_.on_store_failed({ErrorCode::unavailable, message});
    return not_started(message);
  }
  files.socket.reset(sockets[1]);
  claims_in_.reset(claims[1]);
  claims_out_.reset(claims[0]);
  files.claims.reset(::fcntl(claims[0], F_DUPFD_CLOEXEC, 0));
  async::LineSocket::Callbacks callbacks{[this](std::string_view) { read_journal(); }, [this] { read_journal(); }};
  socket_ =
      std::make_unique<async::LineSocket>(services_.loop, async::UniqueFd(sockets[0]), k_longest_wake_up, std::move(callbacks));

  auto* location = services_.locations.find(row_.code_location);
  if (!location) return not_started("code location " + row_.code_location + " is gone");
  location->start_worker(hash, row_.worker_id, start == Execution::Start::spawn, std::move(files),
                         [this, alive = alive_](Result<code_locations::WorkerProcess> process) {
                           if (*alive) on_started(std::move(process));
                         });
}

void Worker::on_started(Result<code_locations::WorkerProcess> process) {
  if (!process) return not_started(process.error().message);
  pid_ = process->pid;
  pidfd_ = std::move(process->pidfd);
  exit_status_ = std::move(process->exit_status);
  if (leaving_) socket_->finish_sending();
  watch_death();
  if (!process->is_forked) return read_journal();  // it loads the code, then introduces itself
  birth_ = services_.loop.after(services_.birth_limit, [this] {
    read_journal();  // what it wrote a moment ago may not have been heard yet
    if (!birth_) return;
    silent_ = true;
    kill(false);
  });
  become_ready();
}

void Worker::become_ready() {
  ready_ = true;
  callbacks_.on_ready();
}

/// A worker that loaded the code itself says what it found. No hash: nothing, and it fails each step with the reason. A forked
/// one may be heard before its host's answer, which may still be lost with the host: it is given nothing before that.
void Worker::introduce(const nlohmann::json& line) {
  if (ready_ || adopted_ || dead_ || pid_ == 0) return;
  const auto hash = line.value("hash", "");
  if (!hash.empty() && hash != hash_ && !callbacks_.accepts(hash, line.value("definitions", nlohmann::json()))) return leave();
  services_.loop.post([this, alive = alive_] {
    if (*alive && !dead_) become_ready();
  });
}

void Worker::not_started(const std::string& message) {
  socket_.reset();
  remove_journal();
  auto on_not_started = callbacks_.on_not_started;
  on_not_started(message);  // destroys this
}

// ---- steps -------------------------------------------------------------------------------------------------------------

void Worker::leave() {
  if (std::exchange(leaving_, true)) return;
  hand_back();
  if (pid_ > 0 && socket_) socket_->finish_sending();  // else as soon as it is there: on_started()
}

void Worker::cancel_step(const std::string& run_id, const std::string& step_key) {
  canceling_ = true;
  if (socket_) socket_->send(protocol::cancel_step(run_id, step_key, given_.empty() ? 0 : given_.front().attempt));
  if (pidfd_) services_.processes.terminate(pid_, pidfd_);
  nudge_ = services_.loop.after(services_.nudge, [this] { nudge(); });
}

// A signal that comes in the instant before a system call does not interrupt it: the next one does.
void Worker::nudge() {
  if (dead_ || given_.empty() || !socket_) return;
  socket_->send("");
  nudge_ = services_.loop.after(services_.nudge, [this] { nudge(); });
}

void Worker::kill(bool is_cancellation) {
  canceling_ = canceling_ || is_cancellation;
  if (dead_) return;
  if (pidfd_) services_.processes.kill(pid_, pidfd_);
  if (followed_) sweep();
}

// ---- the journal -------------------------------------------------------------------------------------------------------

void Worker::read_journal() {
  if (batch_under_way_) {
    read_again_ = true;
    return;
  }
  take_new_lines();
  if (batch_bytes_ == 0) {
    if (std::exchange(catching_up_, false)) return callbacks_.on_caught_up();
    if (dead_) finish();
    return;
  }
  if (is_urgent_ || dead_ || catching_up_) return write_batch();
  if (linger_) return;
  linger_ = services_.loop.after(services_.linger, [this] {
    linger_.reset();
    if (!batch_under_way_ && batch_bytes_ > 0) write_batch();
  });
}

void Worker::take_new_lines() {
  if (!journal_ || damaged_) return;
  const auto from = row_.journal_offset + batch_bytes_;
  std::size_t most = k_journal_piece;
  std::string bytes = read_from(journal_.get(), from, most);
  auto chunk = protocol::read_journal(bytes);
  while (chunk.consumed == 0 && !chunk.damaged && bytes.size() >= most) {  // a line longer than that
    most *= 2;
    bytes = read_from(journal_.get(), from, most);
    chunk = protocol::read_journal(bytes);
  }
  if (bytes.size() >= most) is_urgent_ = read_again_ = true;  // there may be more
  if (chunk.damaged) {
    spdlog::error("worker {}: its journal is damaged at byte {}; nothing behind counts", row_.worker_id,
                  from + static_cast<std::int64_t>(chunk.consumed));
    damaged_ = true;
  }
  for (auto& line : chunk.lines) batch_.durable |= take_line(std::move(line), batch_);
  is_urgent_ |= batch_.durable || !has_begun_;
  has_begun_ |= !batch_.events.empty();
  batch_bytes_ += static_cast<std::int64_t>(chunk.consumed);
  if (chunk.consumed > 0) birth_.reset();
}

void Worker::write_batch() {
  linger_.reset();
  is_urgent_ = false;
  batch_under_way_ = true;
  batch_.journal_offset = {row_.worker_id, row_.journal_offset + batch_bytes_};
  services_.log.append(std::exchange(batch_, {}),
                       [this, alive = alive_, loop = &services_.loop](Result<storage::EventLog::Appended> result) {
                         loop->post([this, alive, result = std::move(result)] {
                           if (*alive) on_batch_done(result);
                         });
                       });
}

void Worker::on_batch_done(Result<storage::EventLog::Appended> result) {
  batch_under_way_ = false;
  const auto consumed = std::exchange(batch_bytes_, 0);
  if (!result &&
      result.error().code != ErrorCode::unavailable) {  // it will never be taken: the journal is at fault, not the disk
    spdlog::error("worker {}: its journal is not taken by the event log ({}); it is killed", row_.worker_id,
                  result.error().message);
    damaged_ = true;
    return dead_ ? read_journal() : kill(false);
  }
  if (!result) return callbacks_.on_store_failed(result.error());
  row_.journal_offset += consumed;
  if (std::exchange(read_again_, false) || dead_ || catching_up_) read_journal();
}

/// Turns one line into an event; true when it ends a step.
bool Worker::take_line(nlohmann::json line, storage::Batch& batch) {
  const std::string type = line.value("type", "");
  if (type == "worker_started") {
    claims_steps_ = !adopted_ && line.value("claims", false);
    chains_steps_ = claims_steps_ && line.value("chains", false);
    introduce(line);
  }
  auto kind = event_kind_from(type);
  if (!kind || !line.contains("step_key") || !line["step_key"].is_string())
    return false;  // worker_started, worker_ended, later kinds
  const int step = callbacks_.steps.index(line["step_key"].get_ref<const std::string&>());
  if (step < 0) {
    spdlog::warn("worker {}: a journal line names step \"{}\", which its run has not", row_.worker_id,
                 line["step_key"].get<std::string>());
    return false;
  }
  Event event;
  event.kind = *kind;
  event.time = line.value("time", services_.loop.now());
  event.run = row_.run;
  event.step = step;
  event.attempt = line.value("attempt", 1);
  event.asset_key = callbacks_.steps.asset_key(step);
  if (auto key = line.find("asset_key"); key != line.end()) {  // an observation may be another asset's
    if (auto parsed = AssetKey::from_json(*key)) event.asset_key = parsed->to_string();
  }
  if (auto partition = line.find("partition"); partition != line.end() && partition->is_string())
    event.partition = partition->get<std::string>();
  const int attempt = event.attempt;
  const auto time = event.time;
  const bool is_last = line.value("retiring", false);
  const bool succeeded = *kind == EventKind::step_ended && line.value("status", "") == to_string(StepStatus::success);
  const auto wish = line.value("retry", nlohmann::json(nullptr));
  for (const char* name : {"type", "time", "run_id", "step_key", "attempt", "retry", "retiring"}) line.erase(name);
  auto& payload = line;
  payload["worker"] = row_.worker_id;
  if (*kind == EventKind::step_ended && payload.value("status", "") == "failure")
    retry_if_wanted(step, attempt, time, wish, payload);
  event.payload = dump(payload);
  batch.events.push_back(std::move(event));

  if (*kind == EventKind::step_started) step_started(step, attempt, time);
  if (*kind == EventKind::step_ended) step_ended(step, time, succeeded);
  if (*kind == EventKind::step_ended && (takes_one_step_ || is_last)) leave();
  return *kind == EventKind::step_ended;
}

/// Turns the end of a failed attempt into the news that another one follows. A canceled step has no next attempt.
void Worker::retry_if_wanted(int step, int attempt, std::int64_t time, const nlohmann::json& wish,
                             nlohmann::json& payload) const {
  if (canceling_) return;
  const auto seconds = callbacks_.steps.seconds_until_retry(step, attempt, wish);
  if (!seconds) return;
  payload["status"] = to_string(StepStatus::retrying);
  payload["retry_at"] = time + static_cast<std::int64_t>(*seconds * 1e6);
}

// ---- death -------------------------------------------------------------------------------------------------------------

void Worker::watch_death() {
  death_ = services_.loop.on_readable(pidfd_.get(), [this] {
    death_.reset();
    if (!exit_status_) return on_dead({});
    exit_status_([this, alive = alive_](code_locations::ExitStatus status) {
      if (*alive) on_dead(status);
    });
  });
}

// The process is gone: all that it started with it, then what it still wrote, and only then the end of its step.
void Worker::on_dead(code_locations::ExitStatus status) {
  dead_ = true;
  status_ = status;
  birth_.reset();
  death_.reset();
  watch_.reset();
  sweep();
  hand_back();
  if (silent_) {
    auto* location = services_.locations.find(row_.code_location);
    if (location)
      location->fall_back_to_spawn("a forked worker was silent for " + std::to_string(services_.birth_limit.count()) +
                                   " ms after its birth");
  }
  read_journal();
}

/// What an adopted worker left behind is no child of this daemon: it is looked for everywhere.
void Worker::sweep() {
  const auto files = folder(services_.home, row_.run, row_.worker_id);
  if (pidfd_) services_.processes.sweep(pid_, row_.worker_id, files);
  if (adopted_) services_.processes.sweep(0, row_.worker_id, files);
}

Event Worker::end_of_open_step() const {
  Event event;
  event.kind = EventKind::step_ended;
  event.time = services_.loop.now();
  event.run = row_.run;
  event.step = given_.front().step;
  event.attempt = given_.front().attempt;
  event.asset_key = callbacks_.steps.asset_key(event.step);
  nlohmann::json payload{
      {"status", canceling_ ? "canceled" : "failure"}, {"worker", row_.worker_id}, {"seconds", nullptr}, {"error", nullptr}};
  if (!canceling_) {
    const std::string process = pid_ > 0 ? " (process " + std::to_string(pid_) + ") " : " ";
    const std::string how = !adopted_ ? status_.describe() : followed_ ? "ended" : "ended while the daemon was down,";
    const std::string message = "the worker" + process + how + " in the middle of the step";
    payload["error"] = {{"type", "WorkerDied"}, {"message", message}, {"stack", ""},
                        {"file", nullptr},      {"line", nullptr},    {"phase", "asset"}};
  }
  auto offsets = nlohmann::json::array();
  for (const char* name : {"stdout", "stderr", "log"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file(name), error);
    offsets.push_back(error ? 0 : size);
  }
  payload["offsets"] = offsets;
  if (!canceling_) retry_if_wanted(event.step, event.attempt, event.time, nullptr, payload);
  event.payload = dump(payload);
  return event;
}

std::string Worker::last_words() const {
  const std::string process = pid_ > 0 ? " (process " + std::to_string(pid_) + ")" : "";
  return "worker " + std::to_string(row_.worker_id) + process + " " + status_.describe() + ", its standard error is in \"" +
         file("stderr") + "\"";
}

// A step that has no end in the journal may be given out again only when nobody can act for this worker any more.
void Worker::finish() {
  if (std::exchange(finishing_, true)) return;
  if (given_.empty() || !is_locked()) return write_end();
  sweep();
  unlock_ = services_.loop.after(services_.lock_retry, [this] {
    finishing_ = false;
    read_journal();
  });
}

void Worker::remove_journal() {
  std::error_code error;
  std::filesystem::remove(file("journal"), error);
  if (error) std::filesystem::remove(file("journal"), error);  // an I/O error need not come twice
  if (error) spdlog::warn("{} stays until its run is pruned: {}", file("journal"), error.message());
}

void Worker::write_end() {
  const bool disk_full = status_.known && status_.exit_code == k_exit_journal_failed;
  const bool is_lost = !given_.empty() && (!given_.front().begun || disk_full) && !canceling_;
  const int lost_step = is_lost ? open_step() : -1;
  // All of the journal is committed. It goes before its row: what has no row is never looked for again.
  remove_journal();
  storage::Batch batch;
  batch.worker_gone = row_.worker_id;
  if (!given_.empty() && !is_lost) {
    batch.events.push_back(end_of_open_step());
    batch.durable = true;
  }
  services_.log.append(std::move(batch), [this, alive = alive_, loop = &services_.loop, lost_step,
                                          disk_full](Result<storage::EventLog::Appended> result) {
    loop->post([this, alive, lost_step, disk_full, result = std::move(result)] {
      if (!*alive) return;
      if (!result) {
        finishing_ = false;
        return callbacks_.on_store_failed(result.error());
      }
      if (!ready_ && !adopted_ && !leaving_) {
        auto on_not_started = callbacks_.on_not_started;
        return on_not_started("it " + status_.describe() + " before it had loaded the code");  // destroys this
      }
      auto on_gone = callbacks_.on_gone;
      on_gone(lost_step, disk_full);  // destroys this
    });
  });
}

}  // namespace headrace::runs
