#include <async/unique_fd.hpp>
#include <fcntl.h>
#include <http/server.hpp>
#include <sys/resource.h>

#include "raw_client.hpp"

namespace headrace::http {
namespace {

using testing::post_request;
using testing::RawClient;
using testing::request;
using testing::RunningServer;

Response text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

/// Gives what the test feeds it.
class FedStream final : public Stream {
 public:
  struct Shared {
    std::string pending;
    bool ended = false, destroyed = false;
    std::function<void()> wake;
  };
  explicit FedStream(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  ~FedStream() override { shared_->destroyed = true; }
  bool take(std::string& out, std::size_t) override {
    out += std::exchange(shared_->pending, {});
    return !shared_->ended;
  }
  void set_wake(std::function<void()> wake) override { shared_->wake = std::move(wake); }

 private:
  std::shared_ptr<Shared> shared_;
};

struct Fixture {
  std::shared_ptr<FedStream::Shared> fed = std::make_shared<FedStream::Shared>();
  std::vector<Respond> held;

  Router router() {
    Router router;
    router.add({Method::get, "/hello", Access::read, [](Request, Respond respond) { respond(text("hello")); }});
    router.add({Method::post, "/echo", Access::change, [](Request r, Respond respond) { respond(text(r.body)); }});
    router.add({Method::get, "/thread", Access::read,
                [](Request, Respond respond) { std::thread([respond] { respond(text("from a thread")); }).detach(); }});
    router.add({Method::get, "/drop", Access::read, [](Request, Respond) {}});
    router.add({Method::get, "/throw", Access::read, [](Request, Respond) { throw std::runtime_error("secret detail"); }});
    router.add(
        {Method::get, "/twice", Access::read, [](Request, Respond respond) { respond(text("first")), respond(text("second")); }});
    router.add({Method::get, "/held", Access::read, [this](Request, Respond respond) { held.push_back(std::move(respond)); }});
    router.add({Method::get, "/big", Access::read, [](Request, Respond respond) { respond(text(std::string(8 << 20, 'x'))); }});
    router.add({Method::get, "/stream", Access::read, [this](Request, Respond respond) {
                  Response response;
                  response.content_type = "text/event-stream";
                  response.stream = std::make_unique<FedStream>(fed);
                  respond(std::move(response));
                }});
    return router;
  }
};

TEST(Server, AnswersAndKeepsTheConnection) {
  Fixture fixture;
  RunningServer server(fixture.router());
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.ask(request("GET", "/hello"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
  }
  EXPECT_EQ(client.ask(post_request("/echo", "{\"a\":1}")).body, "{\"a\":1}");
  EXPECT_EQ(client
                .ask(request("POST", "/echo", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n") +
                     "3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n")
                .body,
            "{\"a\":1}");
  EXPECT_EQ(client.ask(request("GET", "/thread")).body, "from a thread");
  EXPECT_EQ(client.ask(request("GET", "/twice")).body, "first");
  EXPECT_EQ(client.ask(request("GET", "/big")).body.size(), 8u << 20);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  Fixture fixture;
  RunningServer server(fixture.router());
  RawClient client(server.port());
  client.send(request("GET", "/thread") + post_request("/echo", "{}") + request("GET", "/hello"));
  EXPECT_EQ(client.read_answer().body, "from a thread");
  EXPECT_EQ(client.read_answer().body, "{}");
  EXPECT_EQ(client.read_answer().body, "hello");
}

TEST(Server, PutsTheStandingHeadersOnEveryAnswer) {
  Fixture fixture;
  RunningServer server(fixture.router());
  const std::string requests[] = {request("GET", "/hello"), request("GET", "/nothing"), request("BREW", "/hello"),
                                  "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "nonsense\r\n\r\n"};
  for (const auto& bytes : requests) {
    RawClient client(server.port());
    const auto answer = client.ask(bytes);
    for (const char* header :
         {"Content-Security-Policy: default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'",
          "X-Content-Type-Options: nosniff", "Referrer-Policy: same-origin", "Cache-Control: "})
      EXPECT_TRUE(answer.has(header)) << bytes << answer.head;
    EXPECT_FALSE(answer.has("Access-Control-Allow")) << answer.head;
  }
}

TEST(Server, TellsMethodsAndPathsApart) {
  Fixture fixture;
  RunningServer server(fixture.router());
  RawClient client(server.port());
  const auto wrong = client.ask(request("DELETE", "/hello"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_TRUE(wrong.has("Allow: GET, HEAD\r\n"));
  EXPECT_EQ(client.ask(request("GET", "/nothing")).status, 404);
  EXPECT_EQ(client.ask(request("TRACE", "/")).status, 405);
  EXPECT_EQ(client.ask(request("POST", "/nothing")).status, 405);
  const auto head = client.ask(request("HEAD", "/hello"));
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.has("Content-Length: 5\r\n"));
  EXPECT_EQ(client.ask(request("GET", "/hello")).body, "hello");  // nothing of a body was left behind
}

TEST(Server, AnswersForItsHandlersFailures) {
  Fixture fixture;
  RunningServer server(fixture.router());
  RawClient client(server.port());
  EXPECT_EQ(client.ask(request("GET", "/drop")).status, 500);
  const auto thrown = client.ask(request("GET", "/throw"));
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.body.find("secret detail"), std::string::npos);
}

TEST(Server, RefusesSmugglingAndCloses) {
  Fixture fixture;
  RunningServer server(fixture.router());
  const std::string host = "Host: localhost\r\nContent-Type: application/json\r\n";
  const std::string attacks[] = {
      "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}GET /hello HTTP/1.1\r\n\r\n",
      "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "GET /hello HTTP/1.1\nHost: localhost\n\n",
      "GET /hello HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
      "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
  };
  for (const auto& bytes : attacks) {
    RawClient client(server.port());
    const auto answer = client.ask(bytes);
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_TRUE(answer.closed) << bytes;
  }
}

TEST(Server, KeepsItsLimits) {
  Fixture fixture;
  RunningServer server(fixture.router());
  const auto status = [&](const std::string& bytes) {
    RawClient client(server.port());
    return client.ask(bytes).status;
  };
  EXPECT_EQ(status(request("GET", "/hello", "X: " + std::string(20000, 'a') + "\r\n")), 431);
  EXPECT_EQ(status(request("GET", "/" + std::string(9000, 'a'))), 414);
  EXPECT_EQ(status(post_request("/echo", std::string(1 << 20, ' '))), 200);
  EXPECT_EQ(status(post_request("/echo", std::string((1 << 20) + 1, ' '))), 413);
  EXPECT_EQ(status(request("POST", "/echo", "Content-Type: application/json\r\nContent-Length: 99999999999\r\n")), 413);
  std::string chunks = request("POST", "/echo", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
  for (int i = 0; i < 20; ++i) chunks += "10000\r\n" + std::string(65536, ' ') + "\r\n";
  EXPECT_EQ(status(chunks + "0\r\n\r\n"), 413);
}

TEST(Server, ContinuesWhereAClientAsksFirst) {
  Fixture fixture;
  RunningServer server(fixture.router());
  RawClient client(server.port());
  client.send(request("POST", "/echo", "Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("{}");
  EXPECT_EQ(client.read_answer().body, "{}");
}

TEST(Server, ClosesConnectionsThatDoNotFinishTheirHeaders) {
  Fixture fixture;
  Settings settings;
  settings.limits.header_time = std::chrono::milliseconds(50);
  settings.limits.idle_time = std::chrono::milliseconds(50);
  RunningServer server(fixture.router(), settings);
  RawClient slow(server.port()), idle(server.port());
  slow.send("GET /hello HTTP/1.1\r\nHost: loc");
  EXPECT_TRUE(slow.at_end());
  EXPECT_TRUE(idle.at_end());
}

TEST(Server, MakesRoomByClosingWhoWaitsLongest) {
  Fixture fixture;
  Settings settings;
  settings.limits.connections = 4;
  RunningServer server(fixture.router(), settings);
  RawClient first(server.port());
  EXPECT_EQ(first.ask(request("GET", "/hello")).status, 200);
  std::vector<std::unique_ptr<RawClient>> others;
  for (int i = 0; i < 4; ++i) {
    others.push_back(std::make_unique<RawClient>(server.port()));
    EXPECT_EQ(others.back()->ask(request("GET", "/hello")).status, 200);
  }
  EXPECT_TRUE(first.at_end());
  EXPECT_EQ(others.back()->ask(request("GET", "/hello")).status, 200);
}

TEST(Server, TakesNobodyMoreWhereAllAreBeingAnswered) {
  Fixture fixture;
  Settings settings;
  settings.limits.connections = 2;
  RunningServer server(fixture.router(), settings);
  RawClient first(server.port()), second(server.port());
  for (auto* client : {&first, &second}) {
    client->send(request("GET", "/stream"));
    client->read_until("\r\n\r\n");
  }
  RawClient third(server.port());
  EXPECT_EQ(third.ask(request("GET", "/hello")).status, 503);
  EXPECT_TRUE(third.at_end());
  std::size_t connections = 0;
  server.on_loop([&] { connections = server.server().counts().connections; });
  EXPECT_EQ(connections, 2u);
}

TEST(Server, RefusesWhereTheProcessHasNoDescriptorLeftAndRecovers) {
  Fixture fixture;
  RunningServer server(fixture.router());
  auto streaming = std::make_unique<RawClient>(server.port());
  streaming->send(request("GET", "/stream"));
  streaming->read_until("\r\n\r\n");
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{100, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  std::vector<async::UniqueFd> all;
  for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) all.emplace_back(fd);
  all.pop_back();
  {
    RawClient second(server.port());  // its own socket is the last there is
    EXPECT_EQ(second.ask(request("GET", "/hello")).status, 503);
  }
  all.clear();
  ::setrlimit(RLIMIT_NOFILE, &before);
  server.on_loop([] {});  // it has done with those who waited
  RawClient third(server.port());
  EXPECT_EQ(third.ask(request("GET", "/hello")).status, 200);
}

TEST(Server, StreamsUntilTheReaderLeaves) {
  Fixture fixture;
  RunningServer server(fixture.router());
  auto client = std::make_unique<RawClient>(server.port());
  client->send(request("GET", "/stream"));
  EXPECT_NE(client->read_until("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  server.on_loop([&] {
    fixture.fed->pending = "one";
    if (fixture.fed->wake) fixture.fed->wake();  // else it is about to be asked for the first time
  });
  EXPECT_EQ(client->read_until("one\r\n"), "3\r\none\r\n");
  client->close();
  // The server's end of the stream is seen by asking it on its own thread until it is gone: each round is one turn of the loop.
  bool gone = false;
  for (int i = 0; i < 100000 && !gone; ++i)
    server.on_loop([&] { gone = fixture.fed->destroyed && server.server().counts().streams == 0; });
  EXPECT_TRUE(gone);
}

TEST(Server, EndsAStreamThatEnds) {
  Fixture fixture;
  RunningServer server(fixture.router());
  RawClient client(server.port());
  client.send(request("GET", "/stream"));
  client.read_until("\r\n\r\n");
  server.on_loop([&] {
    fixture.fed->pending = "last";
    fixture.fed->ended = true;
    if (fixture.fed->wake) fixture.fed->wake();  // else it is about to be asked for the first time
  });
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "4\r\nlast\r\n0\r\n\r\n");
  EXPECT_TRUE(client.at_end());
}

TEST(Server, CapsStreams) {
  Fixture fixture;
  Settings settings;
  settings.limits.streams = 1;
  RunningServer server(fixture.router(), settings);
  RawClient first(server.port()), second(server.port());
  first.send(request("GET", "/stream"));
  first.read_until("\r\n\r\n");
  EXPECT_EQ(second.ask(request("GET", "/stream")).status, 503);
  EXPECT_EQ(second.ask(request("HEAD", "/stream")).status, 200);
}

TEST(Server, StopsInOrder) {
  Fixture fixture;
  RunningServer server(fixture.router());
  RawClient idle(server.port()), busy(server.port()), streaming(server.port());
  EXPECT_EQ(idle.ask(request("GET", "/hello")).status, 200);
  busy.send(request("GET", "/held"));
  streaming.send(request("GET", "/stream"));
  streaming.read_until("\r\n\r\n");
  bool is_held = false;
  for (int i = 0; i < 100000 && !is_held; ++i) server.on_loop([&] { is_held = !fixture.held.empty(); });
  ASSERT_TRUE(is_held);
  server.loop().post([&] {
    server.server().stop([&] { server.loop().stop(); });
    fixture.held.front()(text("just in time"));
    fixture.held.clear();
  });
  const auto answer = busy.read_answer();
  EXPECT_EQ(answer.body, "just in time");
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(idle.at_end());
  EXPECT_EQ(streaming.read_until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_FALSE(RawClient(server.port()).ask(request("GET", "/hello")).status);
}

TEST(Server, SaysWhoHasThePort) {
  Fixture fixture;
  RunningServer server(fixture.router());
  async::AsioLoop loop;
  Settings settings;
  settings.port = server.port();
  Server second(loop, Router(), settings, {});
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::conflict);
  const auto expected = "port " + std::to_string(server.port()) +
                        " on 127.0.0.1 is in use by another program (headrace_http_t, process " + std::to_string(::getpid()) +
                        ")";
  EXPECT_TRUE(started.error().message.starts_with(expected)) << started.error().message;
}

TEST(Server, RefusesOtherAddressesWithoutAToken) {
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1"}) {
    async::AsioLoop loop;
    Settings settings;
    settings.address = address;
    settings.port = 0;
    Server server(loop, Router(), settings, {});
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::refused);
    EXPECT_NE(started.error().message.find("token"), std::string::npos);
  }
  async::AsioLoop loop;
  Settings settings;
  settings.address = "nonsense";
  settings.token = "t";
  Server server(loop, Router(), settings, {});
  EXPECT_EQ(server.start().error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace headrace::http
