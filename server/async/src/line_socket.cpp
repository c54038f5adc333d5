#include <async/line_socket.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

namespace headrace::async {
namespace {
constexpr std::size_t k_most_at_once = std::size_t{1} << 20;
}

LineSocket::LineSocket(Loop& loop, UniqueFd socket, std::size_t longest_line, Callbacks callbacks)
    : loop_(loop), socket_(std::move(socket)), longest_line_(longest_line), callbacks_(std::move(callbacks)) {
  ::fcntl(socket_.get(), F_SETFL, ::fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
  readable_ = loop_.on_readable(socket_.get(), [this] { read(); });
}

LineSocket::~LineSocket() { *alive_ = false; }

void LineSocket::send(std::string_view line) {
  if (!socket_ || finishing_) return;
  outgoing_.append(line);
  outgoing_.push_back('\n');
  if (!writable_) flush();
}

void LineSocket::finish_sending() {
  if (!socket_ || finishing_) return;
  finishing_ = true;
  if (outgoing_.empty()) ::shutdown(socket_.get(), SHUT_WR);
}

void LineSocket::flush() {
  while (!outgoing_.empty()) {
    const auto sent = ::send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!writable_) writable_ = loop_.on_writable(socket_.get(), [this] { flush(); });
      return;
    }
    if (sent < 0) {  // the other side is gone: reading says so
      outgoing_.clear();
      break;
    }
    outgoing_.erase(0, static_cast<std::size_t>(sent));
  }
  writable_.reset();
  if (finishing_) ::shutdown(socket_.get(), SHUT_WR);
}

void LineSocket::read() {
  if (!socket_) return;
  char buffer[65536];
  for (std::size_t taken = 0; taken < k_most_at_once;) {
    const auto count = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count <= 0) return close();
    taken += static_cast<std::size_t>(count);
    const auto searched = incoming_.size();
    incoming_.append(buffer, static_cast<std::size_t>(count));
    if (incoming_.find('\n', searched) == std::string::npos) {
      if (incoming_.size() > longest_line_) return close();
      continue;
    }

    std::string lines;  // a copy of the whole lines: a callback may destroy this object
    lines.swap(incoming_);
    const auto whole = lines.rfind('\n') + 1;
    incoming_.assign(lines, whole, std::string::npos);
    lines.resize(whole);
    auto alive = alive_;
    for (std::size_t begin = 0; begin < lines.size();) {
      const auto end = lines.find('\n', begin);
      if (callbacks_.on_line) callbacks_.on_line(std::string_view(lines).substr(begin, end - begin));
      if (!*alive) return;
      begin = end + 1;
    }
  }
}

void LineSocket::close() {
  readable_.reset();
  writable_.reset();
  socket_.reset();
  incoming_ = {};
  if (auto on_closed = std::exchange(callbacks_.on_closed, nullptr)) on_closed();
}

}  // namespace headrace::async
