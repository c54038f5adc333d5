// What a service manager (systemd) is told of this process, as sd_notify(3) describes it: datagrams to $NOTIFY_SOCKET.
#pragma once

#include <async/loop.hpp>
#include <async/unique_fd.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace headrace::async {

/// Where to tell it, and how often at least a sign of life has to come.
struct ServiceManagerAddress {
  std::string socket;                     ///< a path, or "@name" of an abstract socket; empty: nobody wants to know
  std::chrono::microseconds watchdog{0};  ///< 0: no watchdog

  /// $NOTIFY_SOCKET and, if they are meant for this process ($WATCHDOG_PID), $WATCHDOG_USEC.
  static ServiceManagerAddress from_environment();
};

/// I/O thread only. Without an address every call does nothing. What cannot be sent is dropped: a service manager that does not
/// listen is no reason to fail.
class ServiceManager {
 public:
  /// Asks the rest of the daemon whether it is alive: calls its argument, from any thread, once it is.
  using Ask = std::function<void(std::function<void()> alive)>;

  ServiceManager(Loop& loop, ServiceManagerAddress address);
  ServiceManager(const ServiceManager&) = delete;

  bool is_there() const { return static_cast<bool>(socket_); }
  void ready();
  /// Between reloading() and the next ready() the service counts as reloading.
  void reloading();
  void stopping();
  /// One line for people, e.g. in `systemctl status`. The same text again is not sent.
  void status(const std::string& text);
  /// Gives signs of life at half the watchdog's time, each only once `ask` was answered.
  void watch(Ask ask);

 private:
  void send(std::string_view message);
  void next_sign();

  Loop& loop_;
  const ServiceManagerAddress address_;
  UniqueFd socket_;
  std::string last_status_;
  Ask ask_;
  Handle timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace headrace::async
