// Which program listens on a TCP port, for the message of a failed bind.
#pragma once

#include <cstdint>
#include <string>

namespace headrace::http {

/// "python3, process 4711"; empty when it cannot be found out (another user's process).
std::string port_owner(std::uint16_t port);

}  // namespace headrace::http
