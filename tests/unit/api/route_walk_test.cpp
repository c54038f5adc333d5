// Attacks on every route, generated from the router's own table: a new route cannot be missed.
#include <fstream>

#include "fixture.hpp"

#include <tests_dir.hpp>

namespace headrace::api {
namespace {

using http::testing::RawClient;
using http::testing::request;
using testing::Api;
using testing::json;

struct RouteWalk : ::testing::Test {
  Api api;
  std::span<const http::Route> routes() { return api.server->server().router().routes(); }

  /// The pattern with a plausible value for each parameter.
  static std::string concrete(const http::Route& route) {
    std::string path;
    for (std::size_t i = 0; i < route.pattern.size(); ++i) {
      if (route.pattern[i] != '{') {
        path.push_back(route.pattern[i]);
        continue;
      }
      path.push_back('1');
      i = route.pattern.find('}', i);
    }
    return path;
  }
  int status(const std::string& bytes) { return api.ask(bytes).status; }
  static std::string with_host(std::string_view method, const std::string& path, std::string_view host,
                               std::string_view more = "") {
    return std::string(method) + " " + path + " HTTP/1.1\r\nHost: " + std::string(host) +
           "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n" + std::string(more) + "\r\n{}";
  }
  void expect_untouched() {
    EXPECT_TRUE(api.launcher.launched.empty());
    EXPECT_TRUE(api.launcher.canceled.empty());
    EXPECT_EQ(api.workspace.reloads, 0);
  }
};

TEST_F(RouteWalk, ForgedHostsAreRefusedEverywhere) {
  for (const auto& route : routes())
    for (const char* host : {"evil.example", "127.0.0.1.evil.example:80", "localhost.", "0.0.0.0"})
      EXPECT_EQ(status(with_host(http::to_string(route.method), concrete(route), host)), 421) << route.pattern;
  for (const char* path : {"/", "/static/x.js", "/assets/a"})
    EXPECT_EQ(status(with_host("GET", path, "evil.example")), 421) << path;
  expect_untouched();
}

TEST_F(RouteWalk, OtherOriginsChangeNothing) {
  for (const auto& route : routes()) {
    if (route.method == http::Method::get) continue;
    for (const char* header : {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
                               "Sec-Fetch-Site: same-site\r\n"})
      EXPECT_EQ(status(with_host("POST", concrete(route), "localhost", header)), 403) << route.pattern << header;
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
      EXPECT_EQ(
          status(request("POST", concrete(route), "Content-Length: 2\r\nContent-Type: " + std::string(type) + "\r\n") + "{}"),
          415)
          << route.pattern;
  }
  expect_untouched();
}

TEST_F(RouteWalk, PreflightsAreRefusedAndNothingIsAllowedAcrossOrigins) {
  for (const auto& route : routes()) {
    const auto answer =
        api.ask(request("OPTIONS", concrete(route), "Origin: http://localhost:5173\r\nAccess-Control-Request-Method: POST\r\n"));
    EXPECT_EQ(answer.status, 403) << route.pattern;
    EXPECT_FALSE(answer.has("Access-Control-")) << route.pattern;
  }
}

TEST_F(RouteWalk, MethodsAreAnAllowList) {
  std::map<std::string, std::set<std::string>> allowed;
  for (const auto& route : routes()) {
    allowed[route.pattern].insert(std::string(http::to_string(route.method)));
    if (route.method == http::Method::get) allowed[route.pattern].insert("HEAD");
  }
  for (const auto& route : routes())
    for (const char* method :
         {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "BREW", "get", "PoSt"}) {
      if (allowed[route.pattern].contains(method)) continue;
      RawClient client(api.server->port());
      const auto answer = client.ask(with_host(method, concrete(route), "localhost"));
      EXPECT_EQ(answer.status, 405) << method << " " << route.pattern;
      EXPECT_TRUE(answer.has("Allow: ")) << method << " " << route.pattern;
    }
  expect_untouched();
}

TEST_F(RouteWalk, EveryRouteHasItsRuleAndReadsChangeNothing) {
  std::set<std::string> open, session;
  for (const auto& route : routes()) {
    if (route.access == http::Access::open) open.insert(route.pattern);
    if (route.access == http::Access::session) session.insert(route.pattern);
    if (route.access == http::Access::session) continue;
    EXPECT_EQ(route.access == http::Access::change, route.method != http::Method::get) << route.pattern;
  }
  EXPECT_EQ(open, (std::set<std::string>{"/healthz", "/readyz"}));
  EXPECT_EQ(session, (std::set<std::string>{"/api/v1/session"}));
}

TEST_F(RouteWalk, PathTricksReachNoRoute) {
  for (const auto& route : routes()) {
    const auto path = concrete(route);
    const auto method = std::string(http::to_string(route.method));
    const auto slash = path.rfind('/');
    const std::string tricks[] = {"/" + path,
                                  path + "/",
                                  path + "/.",
                                  path + "/..",
                                  path + "/%2e%2e",
                                  "/." + path,
                                  "/x/.." + path,
                                  "/%2e%2e" + path,
                                  path + "%00",
                                  path + "/healthz",
                                  path + "/configs",
                                  path.substr(0, slash) + "%2f" + path.substr(slash + 1),
                                  path.substr(0, slash) + "//" + path.substr(slash + 1),
                                  path + "%c0%af",
                                  path + "\\..",
                                  "/%2f" + path.substr(1)};
    for (const auto& trick : tricks) {
      const auto answer = api.ask(with_host(method, trick, "localhost"));
      EXPECT_TRUE(answer.status == 400 || answer.status == 404 || answer.status == 405)
          << method << " " << trick << ": " << answer.status;
    }
  }
  expect_untouched();
}

TEST_F(RouteWalk, AnswersAreNeverCachedUnlessTheySaySo) {
  for (const auto& route : routes()) {
    if (route.method != http::Method::get || route.pattern == "/api/v1/events") continue;
    const auto answer = api.get_raw(concrete(route));
    const bool has_validator = route.pattern == "/api/openapi.json" || route.pattern == "/api/v1/graph";
    EXPECT_EQ(answer.has("Cache-Control: no-store\r\n"), !has_validator) << route.pattern;
  }
}

TEST_F(RouteWalk, UnknownQueryParametersAreRefusedEverywhere) {
  for (const auto& route : routes()) {
    if (route.pattern.find("/api/v1") != 0) continue;
    const auto answer = api.ask(with_host(http::to_string(route.method), concrete(route) + "?colour=red", "localhost"));
    EXPECT_EQ(answer.status, 400) << route.pattern;
    EXPECT_NE(answer.body.find("colour"), std::string::npos) << answer.body;
  }
  expect_untouched();
}

TEST_F(RouteWalk, TheTokenGuardsEveryRouteThatIsNotOpen) {
  http::Settings settings;
  settings.token = "a-long-token";
  http::testing::RunningServer guarded([&](async::AsioLoop&) { return make_router(*api.context); }, settings);
  for (const auto& route : guarded.server().router().routes()) {
    RawClient client(guarded.port());
    EXPECT_EQ(client.ask(with_host(http::to_string(route.method), concrete(route), "localhost")).status == 401,
              route.access == http::Access::read || route.access == http::Access::change)
        << route.pattern;
  }
  expect_untouched();
}

TEST_F(RouteWalk, TheDescriptionHasExactlyTheseRoutes) {
  std::ifstream file(std::string(k_tests_dir) + "/../server/api/openapi.json");
  const auto openapi = json::parse(file);
  std::set<std::string> described, served;
  for (const auto& [path, methods] : openapi["paths"].items())
    for (auto [method, operation] : methods.items()) {
      std::string name = method;
      std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
      described.insert(name + " " + path);
    }
  for (const auto& route : routes()) served.insert(std::string(http::to_string(route.method)) + " " + route.pattern);
  EXPECT_EQ(served, described);
  EXPECT_EQ(api.get("/api/openapi.json"), openapi);
}

}  // namespace
}  // namespace headrace::api
