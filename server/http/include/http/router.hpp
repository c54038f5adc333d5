// The table of routes. What is not in it does not exist; every route names who may use it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <http/message.hpp>
#include <http/target.hpp>

namespace headrace::http {

/// Who may use a route, once a token is configured. Without one, everyone who can reach the address may do everything.
enum class Access {
  open,     ///< everyone: holds no data of the home (health, the page's own files)
  session,  ///< everyone: where the token is asked for, and a session ended
  read,     ///< needs the token; changes nothing
  change,   ///< needs the token; changes something, so never by GET
};
std::string_view to_string(Access access);

struct Route {
  Method method = Method::get;
  std::string pattern;  ///< "/api/v1/assets/{key}": a {name} takes one segment
  Access access = Access::change;
  Handler handler;
};

struct RouteMatch {
  enum class Kind { found, not_found, wrong_method };
  Kind kind = Kind::not_found;
  const Route* route = nullptr;  ///< for found; lives as long as the router
  Fields parameters;
  std::string allow;  ///< for wrong_method: what the path does take, "GET, HEAD"
};

class Router {
 public:
  Router() = default;
  Router(Router&&) = default;
  Router& operator=(Router&&) = default;

  /// Asserts that the pattern is well formed, not there yet, and that a GET changes nothing.
  void add(Route route);
  std::span<const Route> routes() const { return routes_; }
  /// HEAD matches where GET does. Literal segments are compared as sent: another spelling is another path.
  RouteMatch match(Method method, const Target& target) const;

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  // split, one a route
};

}  // namespace headrace::http
