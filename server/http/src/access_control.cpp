#include <http/access_control.hpp>

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include <http/gate.hpp>

namespace headrace::http {
namespace {

constexpr std::string_view k_bearer = "Bearer ";

/// 256 random bits in hexadecimal.
std::string new_session_id() {
  std::array<unsigned char, 32> bytes{};
  for (std::size_t filled = 0; filled < bytes.size();) {
    const auto count = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (count < 0 && errno != EINTR) throw std::runtime_error("the system gives no random numbers");
    if (count > 0) filled += static_cast<std::size_t>(count);
  }
  std::string id;
  for (const auto byte : bytes) {
    constexpr char digits[] = "0123456789abcdef";
    id.push_back(digits[byte >> 4]);
    id.push_back(digits[byte & 15]);
  }
  return id;
}

/// Cookies know no ports: the name holds the one that the browser asks, so that two daemons of a machine do not take each
/// other's.
std::string cookie_name(const Request& request) {
  const auto host = request.header("host");
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  return "headrace_session" + (has_port ? "_" + std::string(host.substr(colon + 1)) : "");
}

/// The value of the first cookie of that name; empty where there is none.
std::string_view cookie(const Request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key != "cookie") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto end = std::min(rest.find(';'), rest.size());
      auto one = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (one.starts_with(' ')) one.remove_prefix(1);
      if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') return one.substr(name.size() + 1);
    }
  }
  return {};
}

/// `value` empty: the browser forgets it.
Response with_cookie(const Request& request, const std::string& value, std::chrono::milliseconds time) {
  Response response;
  response.status = 204;
  std::string text = cookie_name(request) + "=" + value + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
                     std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
  if (request.header("origin").starts_with("https://")) text += "; Secure";  // something in front of us speaks TLS
  response.headers.emplace_back("Set-Cookie", std::move(text));
  return response;
}

Response unauthorized(std::string detail) {
  Response response = problem(401, "forbidden", std::move(detail));
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

AccessControl::AccessControl(std::string token, AccessLimits limits, Clock now)
    : token_(std::move(token)), limits_(limits), now_(std::move(now)) {}

std::optional<Response> AccessControl::check(const Request& request, Access access) {
  if (access == Access::open || access == Access::session || !needs_token() || is_signed_in(request)) return {};
  const auto authorization = request.header("authorization");
  if (request.header_count("authorization") != 1 || !authorization.starts_with(k_bearer))
    return unauthorized("This daemon wants its token: send it as “Authorization: Bearer TOKEN”, or sign in on its page.");
  return try_token(request, authorization.substr(k_bearer.size()));
}

bool AccessControl::is_signed_in(const Request& request) { return session_of(request) != sessions_.end(); }

Response AccessControl::sign_in(const Request& request, std::string_view token) {
  if (!needs_token()) return problem(409, "conflict", "This daemon has no token: nobody needs to sign in.");
  if (auto refusal = try_token(request, token)) return std::move(*refusal);
  while (sessions_.size() >= limits_.sessions) sessions_.pop_front();
  sessions_.push_back({new_session_id(), now_() + limits_.session_time});
  return with_cookie(request, sessions_.back().id, limits_.session_time);
}

Response AccessControl::sign_out(const Request& request) {
  if (const auto session = session_of(request); session != sessions_.end()) sessions_.erase(session);
  return with_cookie(request, "", std::chrono::milliseconds(0));
}

/// Whoever has guessed too often is refused before anything is compared, or guessing could go on.
std::optional<Response> AccessControl::try_token(const Request& request, std::string_view token) {
  auto& own = guesses_of(request.peer);
  renew(own);
  renew(all_);
  const bool too_many_in_all = all_.count >= limits_.guesses && !own.knew_token;
  if (own.count >= limits_.guesses_an_address || too_many_in_all) {
    const auto left = (too_many_in_all ? all_ : own).begin + limits_.guess_time - now_();
    auto response = problem(429, "unavailable", "Too many wrong tokens came. Try again later.");
    response.headers.emplace_back("Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(left).count()));
    return response;
  }
  if (equal_in_constant_time(token, token_)) {
    own.knew_token = true;
    own.count = 0;
    return {};
  }
  ++own.count;
  ++all_.count;
  return unauthorized("That is not the token of this daemon.");
}

AccessControl::Guesses& AccessControl::guesses_of(const std::string& address) {
  if (const auto found = guesses_.find(address); found != guesses_.end()) return found->second;
  if (guesses_.size() >= limits_.addresses)
    std::erase_if(guesses_, [&](const auto& one) { return one.second.begin + limits_.guess_time <= now_(); });
  return guesses_[guesses_.size() >= limits_.addresses ? std::string() : address];
}

void AccessControl::renew(Guesses& guesses) const {
  const auto now = now_();
  if (guesses.count > 0 && guesses.begin + limits_.guess_time > now) return;
  guesses.begin = now;
  guesses.count = 0;
}

std::list<AccessControl::Session>::iterator AccessControl::session_of(const Request& request) {
  const auto id = cookie(request, cookie_name(request));
  if (id.empty()) return sessions_.end();
  const auto now = now_();
  sessions_.remove_if([now](const Session& session) { return session.end <= now; });
  auto found = sessions_.end();
  for (auto session = sessions_.begin(); session != sessions_.end(); ++session)  // all of them, so that time tells nothing
    if (equal_in_constant_time(id, session->id)) found = session;
  return found;
}

}  // namespace headrace::http
