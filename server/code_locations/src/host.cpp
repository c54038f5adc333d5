#include <code_locations/host.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <output_file.hpp>

namespace headrace::code_locations {
namespace {

/// Definitions of a hundred thousand assets are some 100 MB.
constexpr std::size_t k_longest_message = std::size_t{1} << 30;

std::pair<async::UniqueFd, async::UniqueFd> socket_pair(int type) {
  int fds[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) != 0) return {};
  return {async::UniqueFd(fds[0]), async::UniqueFd(fds[1])};
}

/// Sends one packet with descriptors; false when the host cannot take it.
bool send_with_descriptors(int socket, const std::string& text, std::span<const int> descriptors) {
  iovec data{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(5 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
  std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(text.size());
}

struct Packet {
  std::string text;
  async::UniqueFd descriptor;
};

/// Empty text: nothing to read (or the other side is gone).
Packet receive_packet(int socket) {
  char buffer[65536];
  iovec data{buffer, sizeof buffer};
  alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  errno = 0;
  const auto size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  Packet packet;
  if (size <= 0) return packet;
  packet.text.assign(buffer, static_cast<std::size_t>(size));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    packet.descriptor.reset(fd);
  }
  return packet;
}

}  // namespace

Result<std::shared_ptr<Host>> Host::start(async::Loop& loop, Reaper& reaper, SpawnRequest request,
                                          const std::string& output_folder, std::chrono::milliseconds close_limit,
                                          Callbacks callbacks) {
  auto [control, host_control] = socket_pair(SOCK_STREAM);
  auto [fork, host_fork] = socket_pair(SOCK_SEQPACKET);
  auto out = open_output(output_folder + "/stdout"), err = open_output(output_folder + "/stderr");
  if (!control || !fork || !out || !err) {
    return fail(ErrorCode::unavailable,
                "cannot make the files of a code location's host in \"" + output_folder + "\": " + std::strerror(errno));
  }
  request.descriptors = {{1, out.get()}, {2, err.get()}, {3, host_control.get()}, {4, host_fork.get()}};
  auto process = spawn(request);
  if (!process) return tl::unexpected(process.error());

  std::shared_ptr<Host> host(new Host(loop, std::move(callbacks)));
  host->self_ = host;
  host->pid_ = process->pid;
  host->program_ = request.argv.front();
  host->output_folder_ = output_folder;
  host->close_limit_ = close_limit;
  host->fork_socket_ = std::move(fork);
  Host* raw = host.get();
  host->control_ = std::make_unique<async::LineSocket>(
      loop, std::move(control), k_longest_message,
      async::LineSocket::Callbacks{[raw](std::string_view line) { raw->on_line(line); }, [raw] { raw->on_closed(); }});
  host->fork_readable_ = loop.on_readable(host->fork_socket_.get(), [raw] { raw->on_fork_answer(); });
  reaper.watch(host->pid_, [weak = std::weak_ptr<Host>(host)](ExitStatus status) {
    if (auto self = weak.lock()) self->on_reaped(status);
  });
  host->control_->send(protocol::describe());
  return host;
}

Host::~Host() {
  if (closing_) kill();
  give_up_on_workers();
}

void Host::on_line(std::string_view line) {
  auto keep = self_.lock();
  auto message = protocol::parse_host_message(line);
  if (!message) {
    return load_failed(
        {{"type", "ProtocolError"},
         {"message", "the host of this code location sent something that is no protocol message: " + message.error().message},
         {"phase", "load"}});
  }
  on_message(std::move(*message));
}

/// A host ends with its control socket. Where it does not (user code that closed all descriptors, or an endless message), nobody
/// can ask it for anything any more.
void Host::on_closed() {
  if (reaped_) return;
  closing_ = loop_.after(close_limit_, [this] {
    killed_ = true;
    kill();
  });
}

void Host::on_message(protocol::HostMessage message) {
  if (auto* hello = std::get_if<protocol::Hello>(&message)) {
    hello_ = std::move(*hello);
    if (hello_.protocol != protocol::k_version) {
      load_failed(
          {{"type", "ProtocolError"},
           {"message", "this code location's SDK (" + hello_.sdk + ", " + hello_.executable + ") speaks protocol " +
                           std::to_string(hello_.protocol) + ", this daemon speaks " + std::to_string(protocol::k_version) +
                           ". Install the headrace package that came with the daemon there."},
           {"phase", "load"}});
    }
  } else if (auto* definitions = std::get_if<protocol::DefinitionsAnswer>(&message)) {
    answered_ = true;
    if (callbacks_.on_definitions) callbacks_.on_definitions(std::move(*definitions));
  } else if (auto* failed = std::get_if<protocol::LoadFailed>(&message)) {
    load_failed(std::move(failed->error));
  } else if (auto* exited = std::get_if<protocol::WorkerExited>(&message)) {
    worker_exited(exited->worker_id,
                  ExitStatus{.known = true, .exit_code = exited->signal ? -1 : exited->exit_code, .signal = exited->signal});
  }
}

void Host::load_failed(nlohmann::json error) {
  if (std::exchange(answered_, true)) return;
  if (callbacks_.on_load_failed) callbacks_.on_load_failed(std::move(error));
}

void Host::fork_worker(std::int64_t worker_id, WorkerFiles files, WorkerStarted done) {
  const std::array<int, 6> descriptors{
      files.standard_output.get(), files.standard_error.get(), files.socket.get(), files.journal.get(), files.log.get(),
      files.claims.get()};
  if (dead_ || !send_with_descriptors(fork_socket_.get(), protocol::fork_worker(worker_id), descriptors)) {
    return done(fail(ErrorCode::unavailable, "the host of this code location does not take a request for a worker"));
  }
  workers_[worker_id].started = std::move(done);
}

void Host::on_fork_answer() {
  auto keep = self_.lock();
  for (;;) {
    auto packet = receive_packet(fork_socket_.get());
    if (packet.text.empty()) {
      // End of the stream stays readable for ever: stop watching; the reaper tells of the death.
      if (errno != EAGAIN && errno != EWOULDBLOCK) fork_readable_.reset();
      return;
    }
    auto message = protocol::parse_host_message(packet.text);
    if (!message) continue;
    if (auto* forked = std::get_if<protocol::WorkerForked>(&*message)) {
      auto found = workers_.find(forked->worker_id);
      if (found == workers_.end() || !found->second.started) continue;
      WorkerProcess process{forked->pid, std::move(packet.descriptor),
                            [weak = self_, id = forked->worker_id](std::function<void(ExitStatus)> on_exit) {
                              auto self = weak.lock();
                              auto worker = self ? self->workers_.find(id) : decltype(self->workers_.find(id)){};
                              if (!self || worker == self->workers_.end() || self->dead_) return on_exit({});
                              if (!worker->second.ended) {
                                worker->second.on_exit = std::move(on_exit);
                                return;
                              }
                              auto status = worker->second.status;
                              self->workers_.erase(worker);
                              self->shut_down_if_retired();
                              on_exit(status);
                            }};
      auto started = std::exchange(found->second.started, nullptr);
      started(std::move(process));
    } else if (auto* failed = std::get_if<protocol::ForkFailed>(&*message)) {
      auto found = workers_.find(failed->worker_id);
      if (found == workers_.end()) continue;
      auto started = std::move(found->second.started);
      workers_.erase(found);
      if (started) started(fail(ErrorCode::unavailable, "the host could not fork a worker: " + failed->message));
    }
  }
}

void Host::worker_exited(std::int64_t worker_id, ExitStatus status) {
  auto found = workers_.find(worker_id);
  if (found == workers_.end()) return;
  found->second.ended = true;
  found->second.status = status;
  if (auto on_exit = std::move(found->second.on_exit)) {
    workers_.erase(found);
    on_exit(status);
  }
  shut_down_if_retired();
}

void Host::retire() {
  if (dead_) return;
  retired_ = true;
  keep_alive_ = self_.lock();
  callbacks_ = {};
  shut_down_if_retired();
}

void Host::kill() {
  if (!reaped_) ::kill(pid_, SIGKILL);
}

void Host::shut_down_if_retired() {
  if (!retired_ || dead_) return;
  for (const auto& [id, worker] : workers_)
    if (!worker.ended) return;
  control_->send(protocol::shutdown());
}

void Host::give_up_on_workers() {
  dead_ = true;
  auto workers = std::exchange(workers_, {});
  for (auto& [id, worker] : workers) {
    if (worker.started) worker.started(fail(ErrorCode::unavailable, "the host of this code location died"));
    if (worker.on_exit) worker.on_exit({});
  }
}

void Host::on_reaped(ExitStatus status) {
  auto keep = self_.lock();
  reaped_ = true;
  closing_.reset();
  control_->read();  // its last words come before its death
  give_up_on_workers();
  if (answered_) {
    keep_alive_.reset();
    if (callbacks_.on_exit) callbacks_.on_exit(*this, status);
    return;
  }
  auto said = tail_of(output_folder_ + "/stderr");
  std::string message =
      "the host of this code location (" + program_ + ") " + status.describe() + " before it had loaded the code";
  if (said.find("No module named headrace") != std::string::npos ||
      said.find("No module named 'headrace'") != std::string::npos) {
    message = program_ +
              " has no package headrace. Install it there (pip install headrace), or choose another interpreter with --python.";
  }
  if (killed_) {
    message = "the host of this code location (" + program_ +
              ") closed its control socket, descriptor 3, or sent an endless message there, and had to be killed. Does the code "
              "close descriptors that it did not open?";
  } else if (status.signal == SIGKILL) {
    callbacks_.on_load_failed = std::move(callbacks_.on_killed);
  }
  load_failed({{"type", "HostDied"}, {"message", message}, {"stack", said}, {"phase", "load"}});
}

}  // namespace headrace::code_locations
