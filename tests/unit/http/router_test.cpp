#include <http/router.hpp>

namespace headrace::http {
namespace {

void ignore(Request, Respond) {}

Router example() {
  Router router;
  router.add({Method::get, "/api/runs", Access::read, ignore});
  router.add({Method::post, "/api/runs", Access::change, ignore});
  router.add({Method::get, "/api/runs/{id}", Access::read, ignore});
  router.add({Method::post, "/api/runs/plan", Access::change, ignore});
  router.add({Method::get, "/api/assets/{key}/materializations", Access::read, ignore});
  router.add({Method::get, "/healthz", Access::open, ignore});
  return router;
}

RouteMatch match(const Router& router, Method method, std::string_view path) {
  return router.match(method, parse_target(path).value());
}

TEST(Router, FindsRoutesAndTheirParameters) {
  const auto router = example();
  const auto found = match(router, Method::get, "/api/assets/a%2Fb/materializations");
  ASSERT_EQ(found.kind, RouteMatch::Kind::found);
  EXPECT_EQ(found.route->pattern, "/api/assets/{key}/materializations");
  EXPECT_EQ(found.parameters, (Fields{{"key", "a/b"}}));
  EXPECT_EQ(match(router, Method::head, "/api/runs").route->method, Method::get);
}

TEST(Router, DoesNotKnowWhatIsNotInTheTable) {
  const auto router = example();
  for (const char* path : {"/", "/api", "/api/runs/1/x", "/api/runs/", "/API/runs", "/api/run%73", "/healthz/", "/x/healthz",
                           "/api/runs;a", "/api/assets/x/materializations/healthz"})
    EXPECT_EQ(match(router, Method::get, path).kind, RouteMatch::Kind::not_found) << path;
}

TEST(Router, NamesTheMethodsThatAPathTakes) {
  const auto router = example();
  const auto wrong = match(router, Method::other, "/api/runs");
  EXPECT_EQ(wrong.kind, RouteMatch::Kind::wrong_method);
  EXPECT_EQ(wrong.allow, "GET, HEAD, POST");
  EXPECT_EQ(match(router, Method::post, "/api/runs/1").allow, "GET, HEAD");
}

TEST(Router, PrefersLiteralSegments) {
  const auto router = example();
  EXPECT_EQ(match(router, Method::post, "/api/runs/plan").route->pattern, "/api/runs/plan");
  EXPECT_EQ(match(router, Method::get, "/api/runs/plan").kind, RouteMatch::Kind::wrong_method);
}

using RouterDeathTest = ::testing::Test;
TEST(RouterDeathTest, RefusesATableWithMistakes) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  auto router = example();
  EXPECT_DEATH(router.add({Method::get, "/api/runs", Access::read, ignore}), "pattern");
  EXPECT_DEATH(router.add({Method::get, "/x", Access::change, ignore}), "access");
  EXPECT_DEATH(router.add({Method::post, "/x", Access::read, ignore}), "access");
}

}  // namespace
}  // namespace headrace::http
