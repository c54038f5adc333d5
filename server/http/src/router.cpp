#include <http/router.hpp>

#include <cassert>

namespace headrace::http {
namespace {

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

std::vector<std::string> split(std::string_view pattern) {
  assert(!pattern.empty() && pattern.front() == '/');
  std::vector<std::string> segments;
  for (pattern.remove_prefix(1);;) {
    const auto slash = pattern.find('/');
    segments.emplace_back(pattern.substr(0, slash));
    assert(!segments.back().empty());
    if (slash == std::string_view::npos) return segments;
    pattern.remove_prefix(slash + 1);
  }
}

bool matches(const std::vector<std::string>& pattern, const Target& target) {
  if (pattern.size() != target.raw.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (is_parameter(pattern[i]) ? target.segments[i].empty() : pattern[i] != target.raw[i]) return false;
  return true;
}

/// Of two patterns that match a path, the one with a literal where the other has a parameter goes first (/runs/plan before
/// /runs/{id}).
bool more_literal(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (is_parameter(a[i]) != is_parameter(b[i])) return is_parameter(b[i]);
  return false;
}

}  // namespace

std::string_view to_string(Access access) {
  switch (access) {
    case Access::open:
      return "open";
    case Access::session:
      return "session";
    case Access::read:
      return "read";
    case Access::change:
      return "change";
  }
  return "";
}

void Router::add(Route route) {
  assert(route.method == Method::get || route.method == Method::post || route.method == Method::del);
  assert(route.access == Access::session || (route.access == Access::change) == (route.method != Method::get));
  assert(route.handler);
  for (const auto& other : routes_) {
    assert(other.method != route.method || other.pattern != route.pattern);
    (void)other;
  }
  patterns_.push_back(split(route.pattern));
  routes_.push_back(std::move(route));
}

RouteMatch Router::match(Method method, const Target& target) const {
  const std::vector<std::string>* best = nullptr;
  for (const auto& pattern : patterns_)
    if (matches(pattern, target) && (!best || more_literal(pattern, *best))) best = &pattern;
  RouteMatch match;
  if (!best) return match;

  match.kind = RouteMatch::Kind::wrong_method;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (patterns_[i] != *best) continue;
    const auto& route = routes_[i];
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method == Method::get ? "GET, HEAD" : to_string(route.method);
    if (route.method != (method == Method::head ? Method::get : method)) continue;
    match.kind = RouteMatch::Kind::found;
    match.route = &route;
  }
  if (match.route)
    for (std::size_t i = 0; i < best->size(); ++i)
      if (is_parameter((*best)[i]))
        match.parameters.emplace_back((*best)[i].substr(1, (*best)[i].size() - 2), target.segments[i]);
  return match;
}

}  // namespace headrace::http
