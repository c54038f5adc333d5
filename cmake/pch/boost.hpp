// Precompiled for server/async and server/http, the only folders that include Boost.
#include <boost/asio.hpp>

#include "std.hpp"
