// The only source that speaks Beast. A connection is one coroutine: its locals are its state, and it ends on its own page.
// gcc 12 miscompiles `while (co_await …)`: the result of a co_await goes into a named variable first.
#include <http/server.hpp>

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>

#include <async/asio_loop.hpp>
#include <http/gate.hpp>
#include <http/static_site.hpp>

#include "overload.hpp"
#include "peer.hpp"
#include "port_owner.hpp"
#include "wire.hpp"

namespace headrace::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// ---- what a connection and the server share -----------------------------------------------------------------------------
namespace {

struct Connection {
  explicit Connection(tcp::socket socket) : stream(std::move(socket)), wake(stream.get_executor()) {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  asio::steady_timer wake;  ///< of a streamed answer: never expires, is canceled to wake its writer
  bool woken = false;       ///< set with it, so that a wake-up between two waits is not lost
  bool gone = false;        ///< the other side closed it, or the server did
  bool waits = true;        ///< for a request: may be closed at any moment
  std::list<std::shared_ptr<Connection>>::iterator place;

  void wake_up() {
    woken = true;
    wake.cancel();
  }
  void close() {
    gone = true;
    wake_up();
    stream.close();
  }
};
using ConnectionPtr = std::shared_ptr<Connection>;

}  // namespace

struct Server::Impl {
  Impl(asio::io_context& io, Router table, Settings given, std::span<const StaticFile> page)
      : context(io),
        acceptor(io),
        pause(io),
        drain(io),
        router(std::move(table)),
        settings(std::move(given)),
        access(settings.token, settings.access),
        files(page) {
    settings.limits = within_descriptors(settings.limits, most_descriptors());
  }

  asio::io_context& context;
  tcp::acceptor acceptor;
  asio::steady_timer pause, drain;
  SpareDescriptor spare;
  Router router;
  Settings settings;
  AccessControl access;
  std::span<const StaticFile> files;
  std::list<ConnectionPtr> connections;  ///< those that wait longest for a request first
  int coroutines = 0;
  bool stopping = false;
  std::function<void()> stopped;
  ServerCounts counts;

  void now_waits(const ConnectionPtr& connection) {
    connection->waits = true;
    connections.splice(connections.end(), connections, connection->place);
  }
  /// False: nobody waits, all are being answered.
  bool close_longest_waiting() {
    for (const auto& connection : connections)
      if (connection->waits && !connection->gone) {
        connection->close();
        return true;
      }
    return false;
  }
  void one_ended() {
    if (--coroutines == 0 && stopping && stopped) std::exchange(stopped, nullptr)();
  }
};

namespace {
using ServerPtr = std::shared_ptr<Server::Impl>;

constexpr auto k_values = asio::as_tuple(asio::use_awaitable);  // errors of I/O as values

/// Starts a coroutine that stop() waits for.
void start(const ServerPtr& server, asio::awaitable<void> coroutine) {
  ++server->coroutines;
  asio::co_spawn(server->context, std::move(coroutine), [server](std::exception_ptr error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const std::exception& exception) {
      spdlog::error("http: a connection ended with {}", exception.what());
    }
    server->one_ended();
  });
}

// ---- the answer of a handler ----------------------------------------------------------------------------------------------

/// Where a connection waits for its handler's answer.
struct Answer {
  explicit Answer(const asio::any_io_executor& executor) : ready(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer ready;
  std::optional<Response> response;
};

/// What a handler holds to give it: from any thread, once; dropped without an answer, it answers by itself.
class Answerer {
 public:
  Answerer(asio::io_context& context, std::shared_ptr<Answer> answer) : context_(context), answer_(std::move(answer)) {}
  ~Answerer() {
    if (!given_) give(problem(500, "internal", "The request was dropped without an answer. This is a defect of Headrace."));
  }
  void give(Response response) {
    if (given_.exchange(true)) return;
    asio::post(context_, [answer = answer_, response = std::move(response)]() mutable {
      answer->response = std::move(response);
      answer->ready.cancel();
    });
  }

 private:
  asio::io_context& context_;
  std::shared_ptr<Answer> answer_;
  std::atomic<bool> given_ = false;
};

asio::awaitable<Response> ask_handler(ServerPtr server, const Route& route, Request request) {
  auto answer = std::make_shared<Answer>(server->context.get_executor());
  auto answerer = std::make_shared<Answerer>(server->context, answer);
  try {
    Respond respond = [answerer](Response response) { answerer->give(std::move(response)); };
    route.handler(std::move(request), std::move(respond));
  } catch (const std::exception& exception) {
    spdlog::error("http: {} {}: {}", to_string(route.method), route.pattern, exception.what());
    answerer->give(problem(500, "internal", "The request failed inside Headrace; the daemon's log says more."));
  }
  answerer.reset();
  while (!answer->response) co_await answer->ready.async_wait(k_values);
  co_return std::move(*answer->response);
}

// ---- reading ----------------------------------------------------------------------------------------------------------------

std::string_view buffered(const Connection& connection) {
  const auto data = connection.buffer.data();
  return {static_cast<const char*>(data.data()), data.size()};
}

/// Reads until the buffer holds a whole head; its size, or 0: the connection is to end.
asio::awaitable<std::size_t> read_head(ServerPtr server, ConnectionPtr connection) {
  const auto& limits = server->settings.limits;
  bool begun = connection->buffer.size() > 0;
  connection->stream.expires_after(begun ? limits.header_time : limits.idle_time);
  for (;;) {
    if (const auto size = head_size(buffered(*connection))) co_return size;
    if (connection->buffer.size() > limits.header_bytes) co_return connection->buffer.size();  // check_head() refuses it
    if (connection->gone || (server->stopping && !begun)) co_return 0;
    auto space = connection->buffer.prepare(4096);
    const auto [error, count] = co_await connection->stream.async_read_some(space, k_values);
    if (error) co_return 0;
    connection->buffer.commit(count);
    if (!begun) connection->stream.expires_after(limits.header_time);
    begun = true;
  }
}

/// Reads the body behind the head. A refusal where Beast's parser finds fault or it is too large; `ended` where the connection
/// is.
struct Body {
  bool ended = false;
  std::optional<Response> refusal;
  std::string bytes;
};
asio::awaitable<Body> read_body(ServerPtr server, ConnectionPtr connection, bool expects_continue) {
  Body body;
  const auto& limits = server->settings.limits;
  connection->stream.expires_after(limits.body_time);
  if (expects_continue) {
    const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [error, count] = co_await asio::async_write(connection->stream, asio::buffer(go_on), k_values);
    if (error) {
      body.ended = true;
      co_return body;
    }
  }
  beast::http::request_parser<beast::http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(limits.body_bytes);
  const auto [error, count] = co_await beast::http::async_read(connection->stream, connection->buffer, parser, k_values);
  if (error == beast::http::error::body_limit)
    body.refusal = problem(413, "invalid", "The body is longer than " + std::to_string(limits.body_bytes) + " bytes.");
  else if (error && error.category() == beast::http::make_error_code(beast::http::error::bad_method).category() &&
           error != beast::http::error::partial_message && error != beast::http::error::end_of_stream)
    body.refusal = problem(400, "invalid", "The request is malformed: " + error.message() + ".");
  else if (error)
    body.ended = true;
  else
    body.bytes = std::move(parser.get().body());
  co_return body;
}

// ---- writing ----------------------------------------------------------------------------------------------------------------

asio::awaitable<bool> write(ConnectionPtr connection, std::string_view first, std::string_view second,
                            std::chrono::milliseconds limit) {
  if (connection->gone) co_return false;
  connection->stream.expires_after(limit);
  std::array<asio::const_buffer, 2> buffers = {asio::buffer(first), asio::buffer(second)};
  const auto [error, count] = co_await asio::async_write(connection->stream, buffers, k_values);
  co_return !error;
}

/// Notices that the reader of a stream has left: nothing is ever expected from it.
asio::awaitable<void> watch_for_close(ConnectionPtr connection) {
  std::array<char, 512> ignored;
  auto buffer = asio::buffer(ignored);
  for (std::size_t total = 0; total < 65536;) {
    const auto [error, count] = co_await connection->stream.socket().async_read_some(buffer, k_values);
    if (error) break;
    total += count;
  }
  connection->close();
}

asio::awaitable<void> write_stream(ServerPtr server, ConnectionPtr connection, std::shared_ptr<Stream> stream, bool chunked) {
  const auto& limits = server->settings.limits;
  connection->wake.expires_at(asio::steady_timer::time_point::max());
  std::weak_ptr<Connection> weak = connection;
  stream->set_wake([weak] {
    if (auto strong = weak.lock()) strong->wake_up();
  });
  std::string out;
  for (bool more = true; more && !connection->gone && !server->stopping;) {
    connection->woken = false;
    out.clear();
    more = stream->take(out, limits.stream_bytes);
    if (out.empty()) {
      if (more && !connection->woken) co_await connection->wake.async_wait(k_values);
      continue;
    }
    std::string size;
    if (chunked) {
      char digits[20];
      std::snprintf(digits, sizeof digits, "%zx\r\n", out.size());
      size = digits;
      out += "\r\n";
    }
    const bool written = co_await write(connection, size, out, limits.write_time);
    if (!written) co_return;
  }
  if (chunked && !connection->gone) co_await write(connection, "0\r\n\r\n", {}, std::chrono::milliseconds(200));
}

/// After a refusal with bytes still coming: says that nothing more is sent and reads on a little, or the answer may be lost in a
/// reset.
asio::awaitable<void> linger(ConnectionPtr connection) {
  error_code ignored;
  connection->stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  connection->stream.expires_after(std::chrono::seconds(1));
  std::array<char, 4096> bytes;
  auto buffer = asio::buffer(bytes);
  for (std::size_t total = 0; total < (4u << 20);) {
    const auto [error, count] = co_await connection->stream.async_read_some(buffer, k_values);
    if (error) co_return;
    total += count;
  }
}

/// Writes the answer; false: the connection is to end.
asio::awaitable<bool> write_response(ServerPtr server, ConnectionPtr connection, Response response, Method method,
                                     bool http_1_0) {
  const bool streams = response.stream && method != Method::head;
  if (streams && server->counts.streams >= server->settings.limits.streams) {
    response =
        problem(503, "unavailable", "There are too many event streams already (" + std::to_string(server->counts.streams) + ").");
    response.headers.emplace_back("Retry-After", "5");
  }
  HeadOptions options;
  options.chunked = response.stream && !http_1_0;
  options.keep_alive = !response.close && !http_1_0 && !server->stopping && !(response.stream && method == Method::head);
  options.now = std::time(nullptr);
  const auto head = response_head(response, options);
  const auto body = method == Method::head || response.stream ? std::string_view() : response.bytes();
  const bool written = co_await write(connection, head, body, server->settings.limits.write_time);
  if (!written) co_return false;
  if (!response.stream || method == Method::head) {
    if (response.close) co_await linger(connection);
    co_return options.keep_alive;
  }
  ++server->counts.streams;
  start(server, watch_for_close(connection));
  std::shared_ptr<Stream> stream = std::move(response.stream);
  co_await write_stream(server, connection, stream, options.chunked);
  --server->counts.streams;
  co_return false;
}

// ---- one connection -----------------------------------------------------------------------------------------------------------

struct Routed {
  std::optional<Response> refusal;
  const Route* route = nullptr;
};

/// Everything that decides about a request before its body is read. Fills in what the router found.
Routed route_request(Server::Impl& server, Request& request) {
  if (auto refusal = check_request(request, server.settings)) return {std::move(refusal)};
  auto target = parse_target(request.target);
  if (!target) return {problem(400, "invalid", target.error().message)};
  auto match = server.router.match(request.method, *target);
  if (match.kind == RouteMatch::Kind::wrong_method ||
      (match.kind == RouteMatch::Kind::not_found && request.method != Method::get && request.method != Method::head)) {
    const auto allow = match.allow.empty() ? std::string("GET, HEAD") : match.allow;
    auto response = problem(405, "invalid", "This address takes " + allow + ", not " + request.method_name + ".");
    response.headers.emplace_back("Allow", allow);
    return {std::move(response)};
  }
  if (match.kind == RouteMatch::Kind::not_found) return {serve_static(request, *target, server.files)};
  if (auto refusal = server.access.check(request, match.route->access)) return {std::move(refusal)};
  const auto length = request.header("content-length");
  if (!length.empty() && std::stoull(std::string(length)) > server.settings.limits.body_bytes)
    return {problem(413, "invalid", "The body is longer than " + std::to_string(server.settings.limits.body_bytes) + " bytes.")};
  request.parameters = std::move(match.parameters);
  request.query = std::move(target->query);
  return {std::nullopt, match.route};
}

/// One request and its answer; false: the connection is to end.
asio::awaitable<bool> serve_request(ServerPtr server, ConnectionPtr connection) {
  const auto size = co_await read_head(server, connection);
  if (size == 0) co_return false;
  connection->waits = false;
  ++server->counts.requests;
  const auto head = buffered(*connection).substr(0, size);
  if (auto refusal = check_head(head, server->settings.limits)) {
    ++server->counts.refused;
    refusal->close = true;
    co_return co_await write_response(server, connection, std::move(*refusal), Method::get, false);
  }
  auto request = *parse_head(head);
  request.peer = peer_of(connection->stream.socket().native_handle());
  const bool http_1_0 = head.substr(0, head.find("\r\n")).ends_with("HTTP/1.0");
  const bool ends = http_1_0 || wants_close(request);
  const auto method = request.method;
  const bool body_follows = has_body(request);

  auto routed = route_request(*server, request);
  if (routed.refusal) {
    if (routed.refusal->status >= 400) ++server->counts.refused;
    if (body_follows) routed.refusal->close = true;  // its body is not read
    connection->buffer.consume(size);
    const bool goes_on = co_await write_response(server, connection, std::move(*routed.refusal), method, http_1_0);
    co_return goes_on && !ends;
  }
  if (body_follows) {
    auto body = co_await read_body(server, connection, request.header("expect") == "100-continue");
    if (body.ended) co_return false;
    if (body.refusal) {
      ++server->counts.refused;
      body.refusal->close = true;
      co_return co_await write_response(server, connection, std::move(*body.refusal), method, http_1_0);
    }
    request.body = std::move(body.bytes);
  } else {
    connection->buffer.consume(size);
  }
  auto response = co_await ask_handler(server, *routed.route, std::move(request));
  response.close = response.close && !response.stream;
  const bool goes_on = co_await write_response(server, connection, std::move(response), method, http_1_0);
  co_return goes_on && !ends;
}

asio::awaitable<void> serve_connection(ServerPtr server, ConnectionPtr connection) {
  for (bool goes_on = true; goes_on;) {
    server->now_waits(connection);
    goes_on = co_await serve_request(server, connection);
  }
  connection->close();
  server->connections.erase(connection->place);
  server->counts.connections = server->connections.size();
}

asio::awaitable<void> accept_connections(ServerPtr server) {
  for (bool warned = false; !server->stopping;) {
    auto [error, socket] = co_await server->acceptor.async_accept(k_values);
    if (server->stopping || error == asio::error::operation_aborted) co_return;
    if (error) {  // most likely no descriptor is free: make one so, else refuse; and do not turn in circles
      if (!std::exchange(warned, true)) spdlog::warn("http: cannot accept connections: {}", error.message());
      if (!server->close_longest_waiting()) server->spare.refuse_waiting(server->acceptor.native_handle());
      server->pause.expires_after(std::chrono::milliseconds(100));
      co_await server->pause.async_wait(k_values);
      continue;
    }
    warned = false;
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (server->connections.size() >= server->settings.limits.connections && !server->close_longest_waiting()) {
      refuse(async::UniqueFd(socket.release(ignored)));
      continue;
    }
    auto connection = std::make_shared<Connection>(std::move(socket));
    connection->place = server->connections.insert(server->connections.end(), connection);
    server->counts.connections = server->connections.size();
    start(server, serve_connection(server, connection));
  }
}

}  // namespace

// ---- the server ---------------------------------------------------------------------------------------------------------

Server::Server(async::AsioLoop& loop, Router router, Settings settings, std::span<const StaticFile> files)
    : impl_(std::make_shared<Impl>(loop.context(), std::move(router), std::move(settings), files)) {}

Server::~Server() {
  impl_->stopping = true;
  impl_->stopped = nullptr;
  error_code ignored;
  impl_->acceptor.close(ignored);
  for (const auto& connection : impl_->connections) connection->close();
}

Result<std::uint16_t> Server::start() {
  auto& settings = impl_->settings;
  if (!is_loopback(settings.address) && settings.token.empty())
    return fail(ErrorCode::refused,
                "Listening on " + settings.address +
                    " lets other machines in and needs a token. Set HEADRACE_TOKEN to a long random text (`openssl "
                    "rand -hex 32`) or token_file in headrace.toml to a file that holds one, or listen on "
                    "127.0.0.1 and reach it through an SSH tunnel.");
  error_code error;
  const auto address = asio::ip::make_address(settings.address == "localhost" ? "127.0.0.1" : settings.address, error);
  if (error)
    return fail(ErrorCode::invalid, "“" + settings.address + "” is not an IP address to listen on; 127.0.0.1 is the usual one.");
  auto& acceptor = impl_->acceptor;
  const tcp::endpoint endpoint(address, settings.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) {
    const auto message = bind_message(settings, error);
    const auto code = error == asio::error::address_in_use ? ErrorCode::conflict : ErrorCode::refused;
    error_code ignored;
    acceptor.close(ignored);
    return fail(code, message);
  }
  http::start(impl_, accept_connections(impl_));
  return acceptor.local_endpoint().port();
}

void Server::stop(std::function<void()> done) {
  auto server = impl_;
  server->stopping = true;
  server->stopped = std::move(done);
  error_code ignored;
  server->acceptor.close(ignored);
  server->pause.cancel();
  for (const auto& connection : server->connections) connection->waits ? connection->close() : connection->wake_up();
  server->drain.expires_after(server->settings.limits.drain_time);
  server->drain.async_wait([server](const error_code& error) {
    if (error) return;
    for (const auto& connection : server->connections) connection->close();
  });
  if (server->coroutines == 0 && server->stopped)
    asio::post(server->context, [server] {
      if (server->stopped) std::exchange(server->stopped, nullptr)();
    });
}

ServerCounts Server::counts() const { return impl_->counts; }
const Router& Server::router() const { return impl_->router; }
AccessControl& Server::access() { return impl_->access; }

}  // namespace headrace::http
