#include <async/service_manager.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

namespace headrace::async {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// A datagram socket that is connected to `name`; none where that is not possible.
UniqueFd connect_to(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_abstract = name.front() == '@';
  if ((!is_abstract && name.front() != '/') || name.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, name.data(), name.size());
  if (is_abstract) address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1));
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return socket;
}

}  // namespace

ServiceManagerAddress ServiceManagerAddress::from_environment() {
  ServiceManagerAddress address{variable("NOTIFY_SOCKET")};
  const auto pid = variable("WATCHDOG_PID");
  if (pid.empty() || pid == std::to_string(::getpid()))
    address.watchdog = std::chrono::microseconds(std::strtoll(variable("WATCHDOG_USEC").c_str(), nullptr, 10));
  return address;
}

ServiceManager::ServiceManager(Loop& loop, ServiceManagerAddress address)
    : loop_(loop), address_(std::move(address)), socket_(address_.socket.empty() ? UniqueFd() : connect_to(address_.socket)) {}

void ServiceManager::ready() { send("READY=1"); }

void ServiceManager::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1'000));
}

void ServiceManager::stopping() { send("STOPPING=1"); }

void ServiceManager::status(const std::string& text) {
  if (std::exchange(last_status_, text) != text) send("STATUS=" + text);
}

void ServiceManager::watch(Ask ask) {
  if (!is_there() || address_.watchdog.count() <= 0) return;
  ask_ = std::move(ask);
  next_sign();
}

void ServiceManager::next_sign() {
  ask_([this, alive = std::weak_ptr<bool>(alive_), loop = &loop_] {
    loop->post([this, alive] {
      if (alive.expired()) return;
      send("WATCHDOG=1");
      const auto half = std::chrono::duration_cast<std::chrono::milliseconds>(address_.watchdog / 2);
      timer_ = loop_.after(std::max(half, std::chrono::milliseconds(1)), [this] { next_sign(); });
    });
  });
}

void ServiceManager::send(std::string_view message) {
  if (socket_) [[maybe_unused]]
    const auto sent = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
}

}  // namespace headrace::async
