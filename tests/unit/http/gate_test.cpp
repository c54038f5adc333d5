#include <http/gate.hpp>

namespace headrace::http {
namespace {

int head_status(std::string_view head, const Limits& limits = {}) {
  const auto refusal = check_head(head, limits);
  return refusal ? refusal->status : 200;
}

std::string get_with(std::string_view headers) { return "GET / HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) + "\r\n"; }

TEST(Head, TakesOrdinaryRequests) {
  EXPECT_EQ(head_status(get_with("Accept: */*\r\nX-Empty:\r\nX-Tab:\tvalue \r\n")), 200);
  EXPECT_EQ(head_status("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n"), 200);
  EXPECT_EQ(head_status("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 200);
}

TEST(Head, RefusesWhatTwoParsersCouldReadDifferently) {
  for (const char* headers : {"Content-Length: 1\r\nContent-Length: 1\r\n",
                              "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                              "Content-Length: +1\r\n",
                              "Content-Length: 1, 1\r\n",
                              "Content-Length: 0x1\r\n",
                              "Content-Length:\r\n",
                              "Content-Length: 9999999999999999999\r\n",
                              "Transfer-Encoding: gzip, chunked\r\n",
                              "Transfer-Encoding: xchunked\r\n",
                              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                              "X: 1\r\n folded\r\n",
                              "X: 1\r\n\tfolded\r\n",
                              "X : 1\r\n",
                              ": 1\r\n",
                              "nothing\r\n",
                              "X: a\nY: b\r\n",
                              "X: a\rY: b\r\n",
                              "X: a\x01\r\n",
                              "Host: other\r\n",
                              "X\x80: 1\r\n"})
    EXPECT_EQ(head_status(get_with(headers)), 400) << headers;
  for (const char* head :
       {"GET / HTTP/1.1\r\n\r\n", "GET /\r\nHost: a\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "G\x7fT / HTTP/1.1\r\nHost: a\r\n\r\n", " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n"})
    EXPECT_EQ(head_status(head), 400) << head;
  EXPECT_EQ(head_status("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
}

TEST(Head, KeepsItsLimits) {
  EXPECT_EQ(head_status("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(head_status(get_with("X: " + std::string(17000, 'a') + "\r\n")), 431);
  std::string many;
  for (int i = 0; i < 99; ++i) many += "X: 1\r\n";
  EXPECT_EQ(head_status(get_with(many)), 200);
  EXPECT_EQ(head_status(get_with(many + "X: 1\r\n")), 431);
}

TEST(Head, IsParsedIntoFields) {
  const auto request = parse_head("POST /x?y HTTP/1.1\r\nHost: a\r\nContent-TYPE: application/json \r\n\r\n");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, Method::post);
  EXPECT_EQ(request->target, "/x?y");
  EXPECT_EQ(request->header("content-type"), "application/json");
}

int request_status(std::string_view method, const Fields& headers, const Settings& settings = {}) {
  Request request;
  request.method_name = method;
  request.method = method_from(method);
  request.headers = headers;
  const auto refusal = check_request(request, settings);
  return refusal ? refusal->status : 200;
}

TEST(Gate, AnswersForItsOwnNamesOnly) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:3000", "localhost", "LOCALHOST:1", "[::1]", "[::1]:3000"})
    EXPECT_EQ(request_status("GET", {{"host", host}}), 200) << host;
  for (const char* host : {"", "evil.example", "127.0.0.1.evil.example", "localhost.", "localhost.evil.example", "127.0.0.2",
                           "127.1", "[::1", "[::2]", "localhost:", "localhost:x", "localhost:123456", "localhost:80:80",
                           "a@localhost", "localhost/x", "0.0.0.0", "[::ffff:127.0.0.1]"})
    EXPECT_EQ(request_status("GET", {{"host", host}}), 421) << host;
  Settings named;
  named.host_names = {"Headrace.Example"};
  EXPECT_EQ(request_status("GET", {{"host", "headrace.example:8443"}}, named), 200);
  EXPECT_EQ(request_status("GET", {{"host", "x.headrace.example"}}, named), 421);
}

TEST(Gate, RefusesOtherOrigins) {
  const Fields json = {{"host", "localhost:3000"}, {"content-type", "application/json"}, {"content-length", "2"}};
  const auto post = [&](const char* name, const char* value) {
    auto headers = json;
    headers.emplace_back(name, value);
    return request_status("POST", headers);
  };
  EXPECT_EQ(request_status("POST", json), 200);
  EXPECT_EQ(post("origin", "http://localhost:3000"), 200);
  EXPECT_EQ(post("origin", "https://localhost:3000"), 200);
  EXPECT_EQ(post("sec-fetch-site", "same-origin"), 200);
  EXPECT_EQ(post("sec-fetch-site", "none"), 200);
  for (const char* origin :
       {"null", "", "http://evil.example", "http://localhost", "http://localhost:3001", "http://127.0.0.1:3000",
        "http://localhost:3000.evil.example", "file://", "chrome-extension://abc", "http://localhost:3000/x", "localhost:3000"})
    EXPECT_EQ(post("origin", origin), 403) << origin;
  for (const char* site : {"cross-site", "same-site", "other"}) EXPECT_EQ(post("sec-fetch-site", site), 403) << site;
}

TEST(Gate, LetsLinksLeadHereAndNothingElse) {
  const Fields host = {{"host", "localhost"}};
  const auto get = [&](Fields more) {
    more.insert(more.begin(), host.front());
    return request_status("GET", more);
  };
  EXPECT_EQ(get({{"sec-fetch-site", "cross-site"}, {"sec-fetch-mode", "navigate"}}), 200);
  EXPECT_EQ(get({{"sec-fetch-site", "cross-site"}, {"sec-fetch-mode", "no-cors"}}), 403);
  EXPECT_EQ(get({{"sec-fetch-site", "cross-site"}, {"sec-fetch-mode", "cors"}, {"origin", "http://evil.example"}}), 403);
  EXPECT_EQ(request_status("POST", {{"host", "localhost"}, {"sec-fetch-site", "cross-site"}, {"sec-fetch-mode", "navigate"}}),
            403);
}

TEST(Gate, RefusesPreflights) {
  EXPECT_EQ(request_status("OPTIONS",
                           {{"host", "localhost"}, {"origin", "http://localhost"}, {"access-control-request-method", "POST"}}),
            403);
}

TEST(Gate, TakesJsonBodiesOnly) {
  const auto post = [](const char* type, const char* length) {
    return request_status("POST", {{"host", "localhost"}, {"content-type", type}, {"content-length", length}});
  };
  EXPECT_EQ(post("application/json", "2"), 200);
  EXPECT_EQ(post("Application/JSON; charset=utf-8", "2"), 200);
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                           "application/jsonx", "text/plain; application/json"}) {
    EXPECT_EQ(post(type, "2"), 415) << type;
    EXPECT_EQ(post(type, "0"), 415) << type;
  }
  EXPECT_EQ(request_status("POST", {{"host", "localhost"}, {"content-length", "2"}}), 415);
  EXPECT_EQ(request_status("POST", {{"host", "localhost"}, {"transfer-encoding", "chunked"}}), 415);
  EXPECT_EQ(request_status("POST", {{"host", "localhost"}, {"content-length", "0"}}), 200);  // commands without a body
  EXPECT_EQ(request_status("POST", {{"host", "localhost"}}), 200);
}

TEST(Gate, ComparesWholeTexts) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  for (const char* other : {"", "ab", "abcd", "abd", "abcabc"}) EXPECT_FALSE(equal_in_constant_time("abc", other)) << other;
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

TEST(Gate, KnowsLoopback) {
  for (const char* address : {"127.0.0.1", "127.8.8.8", "::1", "localhost"}) EXPECT_TRUE(is_loopback(address)) << address;
  for (const char* address : {"0.0.0.0", "::", "10.0.0.1", "192.168.1.1", "12.7.0.1", ""})
    EXPECT_FALSE(is_loopback(address)) << address;
}

}  // namespace
}  // namespace headrace::http
