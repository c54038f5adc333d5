#include <http/static_site.hpp>

namespace headrace::http {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

const StaticFile k_files[] = {
    {"/index.html", "text/html; charset=utf-8", "\"i\"", bytes("<html>"), bytes("gz"), {}, false},
    {"/static/app-12345678.js", "text/javascript; charset=utf-8", "\"j\"", bytes("js()"), bytes("js-gz"), bytes("js-br"), true},
};

Response serve(std::string_view raw, Fields headers = {}) {
  Request request;
  request.method = Method::get;
  request.target = raw;
  request.headers = std::move(headers);
  return serve_static(request, parse_target(raw).value(), k_files);
}

TEST(StaticSite, ServesFilesByTheirExactPath) {
  const auto file = serve("/static/app-12345678.js?x");
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.bytes(), "js()");
  EXPECT_EQ(file.cache_control, "public, max-age=31536000, immutable");
  EXPECT_EQ(serve("/static/app-12345678.js", {{"accept-encoding", "gzip, deflate, br"}}).bytes(), "js-br");
  EXPECT_EQ(serve("/static/app-12345678.js", {{"accept-encoding", "gzip, br;q=0"}}).bytes(), "js-gz");
  EXPECT_EQ(serve("/static/app-12345678.js", {{"accept-encoding", "brx, identity"}}).bytes(), "js()");
  EXPECT_EQ(serve("/static/app-12345678.js", {{"if-none-match", "\"j\""}}).status, 304);
}

TEST(StaticSite, GivesThePageForItsAddresses) {
  for (const char* path : {"/", "/runs/42", "/assets/a%2Fb.csv", "/deployment/x?tab=1"}) {
    EXPECT_EQ(serve(path).bytes(), "<html>") << path;
    EXPECT_EQ(serve(path).cache_control, "no-cache");
  }
}

TEST(StaticSite, NeverGivesThePageForTheApiOrForMissingParts) {
  for (const char* path : {"/api", "/api/v1/nothing", "/API/v1/status", "/Api/x", "/%61pi/v1/status"})
    EXPECT_EQ(serve(path).status, 404) << path;
  EXPECT_EQ(serve("/static/old-12345678.js", {{"sec-fetch-dest", "script"}}).status, 404);
}

}  // namespace
}  // namespace headrace::http
