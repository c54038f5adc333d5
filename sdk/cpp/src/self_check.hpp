// What loading left behind that a fork would break: threads and sockets.
#pragma once

#include <string>

namespace headrace {
inline namespace sdk {

/// A sentence for the page that says why workers of this process cannot be forked; empty when they can.
std::string reason_to_spawn();

}  // namespace sdk
}  // namespace headrace
