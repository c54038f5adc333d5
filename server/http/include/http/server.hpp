// The HTTP server: one listener, one router, one coroutine a connection, all on the I/O thread.
#pragma once

#include <functional>
#include <memory>

#include <http/router.hpp>
#include <http/settings.hpp>
#include <http/static_files.hpp>

namespace headrace::async {
class AsioLoop;
}

namespace headrace::http {

struct ServerCounts {
  std::size_t connections = 0, streams = 0;
  std::uint64_t requests = 0, refused = 0;  ///< since the start; refused: answered 4xx before a handler
};

/// I/O thread only. Must outlive its connections: destroy it after stop() has called back (or after the loop has ended).
class Server {
 public:
  /// `files` serves what no route takes; the page's own by default.
  Server(async::AsioLoop& loop, Router router, Settings settings, std::span<const StaticFile> files = static_files());
  ~Server();
  Server(const Server&) = delete;

  /// Binds and listens; answers the port. Errors: refused (an address beyond loopback without a token), conflict (port in use),
  /// invalid (address).
  Result<std::uint16_t> start();
  /// Stops accepting, closes idle connections, lets open answers finish (Limits::drain_time), then calls `done`.
  void stop(std::function<void()> done);

  ServerCounts counts() const;
  const Router& router() const;
  AccessControl& access();

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace headrace::http
