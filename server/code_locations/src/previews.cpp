#include <code_locations/previews.hpp>

#include <core/protocol.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headrace::code_locations {
namespace {

constexpr std::size_t k_longest_wake_up = 64 * 1024;

std::string read_all(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  const auto count = ::pread(fd, bytes.data(), size, 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

/// What a worker gets: nothing of it is kept. `journal` and `socket` are the daemon's ends.
bool make_files(WorkerFiles& files, async::UniqueFd& journal, async::UniqueFd& socket) {
  int sockets[2], claims[2];
  files.standard_output.reset(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  files.standard_error.reset(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  files.log.reset(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  files.journal.reset(::memfd_create("preview", MFD_CLOEXEC));
  if (!files.standard_output || !files.standard_error || !files.log || !files.journal) return false;
  ::fcntl(files.journal.get(), F_SETFL, O_APPEND);
  journal.reset(::fcntl(files.journal.get(), F_DUPFD_CLOEXEC, 0));
  if (!journal || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) return false;
  socket.reset(sockets[0]);
  files.socket.reset(sockets[1]);
  if (::pipe2(claims, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  files.claims.reset(claims[0]);
  ::close(claims[1]);
  return true;
}

/// The worker's answer, once it is there.
std::optional<nlohmann::json> find_answer(const std::string& journal) {
  for (auto& line : protocol::read_journal(journal).lines)
    if (line.value("type", "") == "previewed") return std::move(line);
  return std::nullopt;
}

}  // namespace

void Previews::preview(const std::string& code_location, const nlohmann::json& stored, Done done) {
  const auto fails = [&](const std::string& why) { loop_.post([done, why] { done(fail(ErrorCode::unavailable, why)); }); };
  auto* location = locations_.find(code_location);
  if (!location || !location->view().definitions) return fails("Code location \"" + code_location + "\" is not loaded.");
  if (previews_.size() >= limits_.at_once) return fails("Other previews are being made. Try again in a moment.");
  auto preview = std::make_shared<Preview>();
  WorkerFiles files;
  async::UniqueFd socket;
  if (!make_files(files, preview->journal, socket)) return fails(std::string("No preview can be made: ") + std::strerror(errno));
  const auto id = preview->worker_id = ++last_id_;
  preview->done = std::move(done);
  preview->socket = std::make_unique<async::LineSocket>(
      loop_, std::move(socket), k_longest_wake_up,
      async::LineSocket::Callbacks{[this, id](std::string_view) { look(id); }, [this, id] { look(id); }});
  preview->limit = loop_.after(limits_.time, [this, id] {
    const auto late = previews_.find(id);
    if (late == previews_.end()) return;
    late->second->is_late = true;
    if (late->second->process.pidfd) processes_.kill(late->second->process.pid, late->second->process.pidfd);
    answer(id, fail(ErrorCode::unavailable,
                    "The preview took longer than " + std::to_string(limits_.time.count() / 1000.0).substr(0, 4) + " s."));
  });
  previews_[id] = preview;
  preview->socket->send(
      nlohmann::json{{"type", "preview"}, {"stored", stored}, {"rows", limits_.rows}, {"memory_limit", limits_.memory}}.dump(
          -1, ' ', false, nlohmann::json::error_handler_t::replace));
  preview->socket->finish_sending();
  location->start_worker(location->view().definitions->hash, id, false, std::move(files),
                         [this, alive = alive_, id](Result<WorkerProcess> process) {
                           if (*alive) on_started(id, std::move(process));
                         });
}

void Previews::on_started(std::int64_t id, Result<WorkerProcess> process) {
  const auto found = previews_.find(id);
  if (found == previews_.end()) return;
  if (!process) {
    answer(id, tl::unexpected(process.error()));
    previews_.erase(id);
    return;
  }
  auto& preview = *found->second;
  preview.process = std::move(*process);
  if (preview.is_late) processes_.kill(preview.process.pid, preview.process.pidfd);
  preview.death = loop_.on_readable(preview.process.pidfd.get(), [this, id] {
    const auto dead = previews_.find(id);
    if (dead == previews_.end()) return;
    dead->second->death.reset();
    look(id);
    dead->second->process.exit_status([this, alive = alive_, id](ExitStatus status) {
      if (*alive) gone(id, status);
    });
  });
}

void Previews::look(std::int64_t id) {
  const auto found = previews_.find(id);
  if (found == previews_.end() || !found->second->done) return;
  struct stat info {};
  ::fstat(found->second->journal.get(), &info);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > limits_.answer) return answer(id, fail(ErrorCode::unavailable, "The first rows are too long to be shown."));
  auto line = find_answer(read_all(found->second->journal.get(), size));
  if (!line) return;
  if (const auto error = line->find("error"); error != line->end() && error->is_string())
    return answer(id, fail(ErrorCode::unavailable, error->get<std::string>()));
  answer(id, line->value("preview", nlohmann::json()));
}

void Previews::answer(std::int64_t id, Result<nlohmann::json> result) {
  const auto found = previews_.find(id);
  if (found == previews_.end()) return;
  if (auto done = std::exchange(found->second->done, nullptr)) done(std::move(result));
}

void Previews::gone(std::int64_t id, ExitStatus status) {
  answer(id,
         fail(ErrorCode::unavailable, "The worker that looked at the value " + status.describe() + " before it could answer."));
  previews_.erase(id);
}

}  // namespace headrace::code_locations
