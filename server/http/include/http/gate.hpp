// Checks that every request passes before it is routed: the raw head, then Host and Origin. Pure.
#pragma once

#include <optional>
#include <string_view>

#include <http/router.hpp>
#include <http/settings.hpp>

namespace headrace::http {

/// A request's head as read, up to and with the empty line. Refuses what two parsers could read differently (bare CR or
/// LF, folded or nameless headers, white space before the colon, two lengths, length and encoding) and what is too large.
std::optional<Response> check_head(std::string_view head, const Limits& limits);

/// The parts of a head that passed check_head(); nullopt never for such a head.
std::optional<Request> parse_head(std::string_view head);

/// Host allow-list (421), Origin and Sec-Fetch-Site (403), preflights (403), content type of bodies (415).
std::optional<Response> check_request(const Request& request, const Settings& settings);

bool has_body(const Request& request);
/// `Connection: close`, whatever else it lists.
bool wants_close(const Request& request);

/// "127.0.0.1", "::1", "127.0.0.53", "localhost".
bool is_loopback(std::string_view address);
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace headrace::http
