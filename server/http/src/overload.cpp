#include "overload.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "wire.hpp"

namespace headrace::http {
namespace {

constexpr std::size_t k_for_the_daemon = 48, k_least_connections = 8;
constexpr int k_most_refused_at_once = 256;

async::UniqueFd open_spare() { return async::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

std::string refusal() {
  auto response = problem(503, "unavailable", "There are too many connections already. Try again in a few seconds.");
  response.headers.emplace_back("Retry-After", "5");
  const auto head = response_head(response, {.keep_alive = false, .chunked = false, .now = std::time(nullptr)});
  return head + std::string(response.bytes());
}

}  // namespace

Limits within_descriptors(Limits limits, std::size_t descriptors) {
  const auto half = descriptors > k_for_the_daemon ? (descriptors - k_for_the_daemon) / 2 : 0;
  const auto room = std::max(k_least_connections, half);
  if (room >= limits.connections) return limits;
  limits.connections = room;
  limits.streams = std::min(limits.streams, room / 2);
  return limits;
}

std::size_t most_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 1 << 20;
  return static_cast<std::size_t>(limit.rlim_cur);
}

void refuse(async::UniqueFd socket) {
  // What the client has sent is read first: else the close would be a reset, which may overtake the answer.
  std::array<char, 4096> ignored;
  while (::recv(socket.get(), ignored.data(), ignored.size(), MSG_DONTWAIT) > 0) {
  }
  const auto text = refusal();
  if (::send(socket.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) ::shutdown(socket.get(), SHUT_WR);
}

SpareDescriptor::SpareDescriptor() : spare_(open_spare()) {}

void SpareDescriptor::refuse_waiting(int listener) {
  spare_.reset();
  for (int i = 0; i < k_most_refused_at_once; ++i) {
    async::UniqueFd socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) break;
    refuse(std::move(socket));
  }
  spare_ = open_spare();
}

}  // namespace headrace::http
