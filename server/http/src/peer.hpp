// Who is on the other side of a connection.
#pragma once

#include <string>

namespace headrace::http {

/// The address as text; of IPv6 its network of 64 bits, which one machine may have whole. Empty where nobody is there any more.
std::string peer_of(int socket);

}  // namespace headrace::http
