// The host's loop: commands from the daemon, forked workers and their ends. One thread (core/protocol/README.md, 2).
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <core/json.hpp>
#include <csignal>
#include <cstring>
#include <descriptors.hpp>
#include <headrace/code_location.hpp>
#include <iostream>
#include <lines.hpp>
#include <location.hpp>
#include <stack.hpp>
#include <worker.hpp>

namespace headrace {
inline namespace sdk {
namespace {

constexpr int k_protocol = 1;

struct ForkedWorker {
  std::int64_t worker_id = 0;
  pid_t pid = 0;
  int pidfd = -1;
};

struct Packet {
  std::string text;
  std::vector<int> descriptors;
};

Packet receive_packet() {
  char bytes[65536];
  iovec data{bytes, sizeof bytes};
  alignas(cmsghdr) char control[CMSG_SPACE(16 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto size = ::recvmsg(k_fork, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  Packet packet;
  if (size <= 0) return packet;
  packet.text.assign(bytes, static_cast<std::size_t>(size));
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    packet.descriptors.resize((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(packet.descriptors.data(), CMSG_DATA(header), packet.descriptors.size() * sizeof(int));
  }
  return packet;
}

void send_packet(const json& answer, int descriptor) {
  const std::string text = dump_json(answer);
  iovec data{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  ::sendmsg(k_fork, &message, MSG_NOSIGNAL);
}

json hello() {
  return {{"type", "hello"},
          {"protocol", k_protocol},
          {"language", "cpp"},
          {"language_version", std::to_string(__cplusplus)},
          {"sdk", "headrace " HEADRACE_VERSION},
          {"fork", true},
          {"pid", ::getpid()},
          {"executable", program_invocation_name}};
}

class Host {
 public:
  explicit Host(const std::function<Definitions()>& load) : load_(load), control_(k_control) {}

  int run() {
    if (!control_.send(hello())) return 0;
    while (!ended_) {
      std::vector<pollfd> waiting{{k_control, POLLIN, 0}, {fork_is_open_ ? k_fork : -1, POLLIN, 0}};
      for (const auto& worker : workers_) waiting.push_back({worker.pidfd, POLLIN, 0});
      if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
      for (const auto& one : waiting)
        if (one.fd > k_fork && one.revents != 0) report_exit(one.fd);
      if (waiting[1].revents != 0) take_fork();
      if (waiting[0].revents != 0) take_commands();
    }
    return 0;
  }

 private:
  void take_commands() {
    control_.receive(0);
    for (const auto& message : control_.take()) {
      const auto type = message.value("type", "");
      if (type == "describe")
        describe();
      else if (type == "shutdown")
        ended_ = true;
      else
        throw std::runtime_error("the daemon sent a message of unknown type \"" + type + "\"");
    }
    ended_ = ended_ || control_.at_end();
  }

  void describe() {
    if (!location_) location_ = std::make_unique<Location>(load_location(load_));
    std::cout.flush();
    std::fflush(stdout);
    std::signal(SIGCHLD, SIG_DFL);  // whatever user code made of it: workers must be waited for
    if (!location_->resolved) {
      control_.send({{"type", "load_failed"}, {"error", location_->error}});
      return;
    }
    const auto& reason = location_->spawn_reason;
    control_.send({{"type", "definitions"},
                   {"hash", location_->hash()},
                   {"worker_start", reason.empty() ? "fork" : "spawn"},
                   {"worker_start_reason", reason.empty() ? json(nullptr) : json(reason)},
                   {"load_seconds", location_->seconds},
                   {"definitions", location_->resolved->description()}});
    prepare_symbols();  // while the daemon takes in the definitions: what a worker that crashes would have to do
  }

  void take_fork() {
    auto packet = receive_packet();
    if (packet.text.empty()) {
      fork_is_open_ = errno == EAGAIN || errno == EINTR;
      return;
    }
    const auto message = json::parse(packet.text, nullptr, false);
    const std::int64_t worker_id = message.is_object() ? message.value("worker_id", std::int64_t{0}) : 0;
    const auto failed = [&](const std::string& why) {
      send_packet({{"type", "fork_failed"}, {"worker_id", worker_id}, {"message", why}}, -1);
    };
    if (!location_ || !location_->resolved)
      failed("the code location is not loaded");
    else if (packet.descriptors.size() < 5)
      failed(std::to_string(packet.descriptors.size()) + " descriptors came, 6 are needed");
    else
      fork_worker(worker_id, packet.descriptors, failed);
    for (const int descriptor : packet.descriptors) ::close(descriptor);
  }

  template <class Failed>
  void fork_worker(std::int64_t worker_id, const std::vector<int>& received, const Failed& failed) {
    std::cout.flush();
    std::fflush(stdout);
    const pid_t pid = ::fork();
    if (pid < 0) return failed(std::strerror(errno));
    if (pid == 0) become_worker(worker_id, received);
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    ::fcntl(pidfd, F_SETFD, FD_CLOEXEC);
    workers_.push_back({worker_id, pid, pidfd});
    send_packet({{"type", "worker_forked"}, {"worker_id", worker_id}, {"pid", pid}}, pidfd);
  }

  [[noreturn]] void become_worker(std::int64_t worker_id, const std::vector<int>& received) {
    ::setsid();
    std::vector<int> own;
    for (const auto& worker : workers_) own.push_back(worker.pidfd);
    become_worker_descriptors(received, own);
    ::setenv("HEADRACE_ROLE", "worker", 1);
    ::setenv("HEADRACE_WORKER_ID", std::to_string(worker_id).c_str(), 1);  // how the daemon knows what it left behind
    ::srandom(static_cast<unsigned>(::getpid()) ^ static_cast<unsigned>(now()));
    ::srand(static_cast<unsigned>(::getpid()) ^ static_cast<unsigned>(now()));
    ::_exit(run_worker(*location_, worker_id, ""));
  }

  void report_exit(int pidfd) {
    for (auto worker = workers_.begin(); worker != workers_.end(); ++worker) {
      if (worker->pidfd != pidfd) continue;
      int status = 0;
      if (::waitpid(worker->pid, &status, 0) != worker->pid) status = 0;  // user code waited for it
      ::close(pidfd);
      control_.send({{"type", "worker_exited"},
                     {"worker_id", worker->worker_id},
                     {"pid", worker->pid},
                     {"exit_code", WIFEXITED(status) ? json(WEXITSTATUS(status)) : json(nullptr)},
                     {"signal", WIFSIGNALED(status) ? json(WTERMSIG(status)) : json(nullptr)}});
      workers_.erase(worker);
      return;
    }
  }

  const std::function<Definitions()>& load_;
  LineSocket control_;
  std::unique_ptr<Location> location_;
  std::vector<ForkedWorker> workers_;
  bool ended_ = false, fork_is_open_ = true;
};

int not_started_by_daemon(const std::string& why, const char* program) {
  std::cerr << "This program is a code location of Headrace" << (why.empty() ? "" : " (" + why + ")")
            << ". Start it with: headrace dev --exe " << program << "\n";
  return 2;
}

}  // namespace

int run_code_location(int, char** argv, const std::function<Definitions()>& load) {
  const char* role = std::getenv("HEADRACE_ROLE");
  if (role == nullptr) return not_started_by_daemon("", argv[0]);
  if (std::strcmp(role, "worker") == 0) {
    if (const auto missing = claim_worker_descriptors(); !missing.empty()) return not_started_by_daemon(missing, argv[0]);
    ::setsid();
    const char* id = std::getenv("HEADRACE_WORKER_ID");
    const char* hash = std::getenv("HEADRACE_DEFINITIONS_HASH");
    const std::string wanted = hash ? hash : "";
    ::unsetenv("HEADRACE_DEFINITIONS_HASH");
    const auto location = load_location(load);
    ::_exit(run_worker(location, id ? std::atoll(id) : 0, wanted));
  }
  if (const auto missing = claim_host_descriptors(); !missing.empty()) return not_started_by_daemon(missing, argv[0]);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is the daemon's to handle
  std::signal(SIGPIPE, SIG_IGN);
  const int status = Host(load).run();
  std::cout.flush();
  std::fflush(stdout);
  ::_exit(status);  // without waiting for threads that user code left behind
}

}  // namespace sdk
}  // namespace headrace
