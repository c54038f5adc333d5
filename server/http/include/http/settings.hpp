// Where the server listens, whom it answers, and every limit it keeps.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <http/access_control.hpp>

namespace headrace::http {

struct Limits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t header_count = 100;
  std::size_t target_bytes = 8 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  std::chrono::milliseconds header_time{10'000};  ///< from a request's first byte to the end of its headers
  std::chrono::milliseconds body_time{30'000};
  std::chrono::milliseconds idle_time{60'000};   ///< between requests
  std::chrono::milliseconds write_time{60'000};  ///< one write
  std::chrono::milliseconds drain_time{1'000};   ///< at stop: open answers may finish
  std::size_t connections = 512;                 ///< beyond: the one that waits longest for a request is closed
  std::size_t streams = 256;                     ///< endless answers at once; beyond: 503
  std::size_t stream_bytes = 64 * 1024;          ///< of a stream in one write
};

struct Settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 3000;            ///< 0: a free one
  std::string token;                    ///< needed for any address that is not loopback; compared in constant time
  std::vector<std::string> host_names;  ///< accepted in Host besides the loopback names
  Limits limits;
  AccessLimits access;
};

}  // namespace headrace::http
