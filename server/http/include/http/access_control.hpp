// Who may use the API once a token is configured: whoever sends it as a Bearer header, or has traded it for a session.
//
// A session is a random number in an HttpOnly, SameSite=Strict cookie, so that the page and its event stream need no script that
// knows the token. Sessions live in memory: a daemon that starts again knows none, and so does one with another token. Guesses
// are limited for each address and over all, whether they come as a header or as a sign-in.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <http/router.hpp>

namespace headrace::http {

struct AccessLimits {
  int guesses_an_address = 10;  ///< wrong tokens within `guess_time`; then 429 until it is over
  int guesses = 200;            ///< over all addresses, but for those that knew the token before
  std::chrono::milliseconds guess_time{60'000};
  std::chrono::milliseconds session_time{7L * 24 * 3600 * 1000};
  std::size_t sessions = 256;      ///< the oldest goes when there are more
  std::size_t addresses = 10'000;  ///< remembered; beyond, all others count as one
};

/// I/O thread only.
class AccessControl {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  explicit AccessControl(std::string token, AccessLimits limits = {}, Clock now = std::chrono::steady_clock::now);

  bool needs_token() const { return !token_.empty(); }
  /// Refuses (401, 429) unless the route is open or the request carries token or session.
  std::optional<Response> check(const Request& request, Access access);
  bool is_signed_in(const Request& request);
  /// 204 with the cookie; 401, 429.
  Response sign_in(const Request& request, std::string_view token);
  /// Ends the request's session, if it has one; 204.
  Response sign_out(const Request& request);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Session {
    std::string id;
    Time end;
  };
  struct Guesses {
    Time begin;
    int count = 0;
    bool knew_token = false;
  };

  std::optional<Response> try_token(const Request& request, std::string_view token);
  Guesses& guesses_of(const std::string& address);
  void renew(Guesses& guesses) const;
  std::list<Session>::iterator session_of(const Request& request);

  const std::string token_;
  const AccessLimits limits_;
  const Clock now_;
  std::list<Session> sessions_;  // oldest first
  std::map<std::string, Guesses> guesses_;
  Guesses all_;
};

}  // namespace headrace::http
