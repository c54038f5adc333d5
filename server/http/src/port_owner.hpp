// Which program listens on a TCP port, and what to say when it is in the way.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include <http/settings.hpp>

namespace headrace::http {

/// "python3, process 4711"; empty when it cannot be found out (another user's process).
std::string port_owner(std::uint16_t port);

/// Why the address cannot be listened on, and what to do.
std::string bind_message(const Settings& settings, const std::error_code& error);

}  // namespace headrace::http
