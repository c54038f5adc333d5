// A blocking HTTP client for the commands that talk to a running daemon: one request, one answer, plain HTTP.
#pragma once

#include <chrono>
#include <string>

#include <core/result.hpp>

namespace headrace::http {

struct DaemonAddress {
  std::string url;         ///< as given, for messages
  std::string host, port;  ///< host without brackets
  std::string path;        ///< before /api; usually empty
};
/// "http://127.0.0.1:3000"; the error says what fits.
Result<DaemonAddress> parse_daemon_address(const std::string& url);

struct ClientRequest {
  std::string method = "GET", target;
  std::string body;   ///< JSON; empty: none
  std::string token;  ///< empty: none
};
struct ClientAnswer {
  int status = 0;
  std::string body;
};
/// Error unavailable: nobody answers there, or not within `limit`.
Result<ClientAnswer> send(const DaemonAddress& address, const ClientRequest& request, std::chrono::milliseconds limit);

}  // namespace headrace::http
