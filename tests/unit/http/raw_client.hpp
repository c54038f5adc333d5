// A blocking TCP client that sends exactly the bytes it is given, and a server on a thread of its own.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <async/asio_loop.hpp>
#include <cstring>
#include <http/server.hpp>
#include <thread>

namespace headrace::http::testing {

struct RawAnswer {
  int status = 0;  ///< 0: the connection ended without an answer
  std::string head, body;
  bool closed = false;  ///< the server closed after it
  bool has(std::string_view header) const { return head.find(header) != std::string::npos; }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    timeval limit{20, 0};  // a hang becomes a failure, not a stuck test
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  /// Everything up to and with `end`; what was read where the connection ends before.
  std::string read_until(std::string_view end) {
    for (;;) {
      if (const auto found = pending_.find(end); found != std::string::npos) return take(found + end.size());
      if (!receive()) return take(pending_.size());
    }
  }
  /// True once the other side has closed.
  bool at_end() {
    while (receive()) {
    }
    return ended_;
  }
  RawAnswer read_answer(bool is_head_request = false) {
    RawAnswer answer;
    answer.head = read_until("\r\n\r\n");
    if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
    const auto length = answer.head.find("Content-Length: ");
    if (length != std::string::npos && !is_head_request) {
      const auto size = static_cast<std::size_t>(std::atoll(answer.head.c_str() + length + 16));
      while (pending_.size() < size && receive()) {
      }
      answer.body = take(std::min(size, pending_.size()));
    }
    if (answer.has("Connection: close") || answer.status == 0) answer.closed = at_end();
    return answer;
  }
  RawAnswer ask(std::string_view bytes) {
    send(bytes);
    return read_answer(bytes.starts_with("HEAD "));
  }

 private:
  bool receive() {
    char buffer[65536];
    const auto count = ::recv(fd_, buffer, sizeof buffer, 0);
    if (count > 0) pending_.append(buffer, static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno == ECONNRESET)) ended_ = true;
    return count > 0;
  }
  std::string take(std::size_t size) {
    auto taken = pending_.substr(0, size);
    pending_.erase(0, size);
    return taken;
  }
  int fd_;
  bool connected_ = false, ended_ = false;
  std::string pending_;
};

/// Serves on a free port until it goes.
class RunningServer {
 public:
  using MakeRouter = std::function<Router(async::AsioLoop&)>;
  explicit RunningServer(Router router, Settings settings = {}, std::span<const StaticFile> files = {}) {
    start(std::move(router), std::move(settings), files);
  }
  explicit RunningServer(const MakeRouter& make_router, Settings settings = {}, std::span<const StaticFile> files = {}) {
    start(make_router(loop_), std::move(settings), files);
  }
  ~RunningServer() { stop(); }
  void start(Router router, Settings settings, std::span<const StaticFile> files) {
    settings.port = 0;
    server_.emplace(loop_, std::move(router), std::move(settings), files);
    const auto started = server_->start();
    if (!started) throw std::runtime_error(started.error().message);
    port_ = *started;
    thread_ = std::thread([this] { loop_.run(); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    loop_.post([this] { server_->stop([this] { loop_.stop(); }); });
    thread_.join();
  }
  std::uint16_t port() const { return port_; }
  async::AsioLoop& loop() { return loop_; }
  Server& server() { return *server_; }
  /// Runs on the I/O thread and waits for it.
  void on_loop(const std::function<void()>& function) {
    std::mutex mutex;
    std::condition_variable done;
    bool is_done = false;
    loop_.post([&] {
      function();
      const std::lock_guard lock(mutex);
      is_done = true;
      done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return is_done; });
  }

 private:
  async::AsioLoop loop_;
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

inline std::string request(std::string_view method, std::string_view target, std::string_view more = "") {
  std::string text(method);
  return text.append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n").append(more).append("\r\n");
}

inline std::string post_request(std::string_view target, std::string_view body, std::string_view more = "") {
  return request(
             "POST", target,
             "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more)) +
         std::string(body);
}

}  // namespace headrace::http::testing
