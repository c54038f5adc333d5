#include <http/client.hpp>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace headrace::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using BeastRequest = beast::http::request<beast::http::string_body>;

Result<DaemonAddress> parse_daemon_address(const std::string& url) {
  const auto refused = [&](const char* why) {
    return fail(ErrorCode::invalid, "\"" + url + "\" is not the address of a daemon: " + why);
  };
  constexpr std::string_view scheme = "http://";
  if (url.starts_with("https://"))
    return refused("the daemon speaks plain HTTP; give its own address, not that of what stands before it");
  if (!url.starts_with(scheme)) return refused("it must look like http://127.0.0.1:3000");
  std::string rest = url.substr(scheme.size());
  DaemonAddress address{.url = url, .host = {}, .port = "80", .path = {}};
  const auto slash = std::min(rest.find('/'), rest.size());
  address.path = rest.substr(slash);
  while (address.path.ends_with('/')) address.path.pop_back();
  rest.resize(slash);
  const auto bracket = rest.rfind(']'), colon = rest.rfind(':');
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
    address.port = rest.substr(colon + 1);
    rest.resize(colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty() || address.port.empty() || address.port.find_first_not_of("0123456789") != std::string::npos)
    return refused("it must look like http://127.0.0.1:3000");
  address.host = rest;
  return address;
}

namespace {

constexpr std::size_t k_most_bytes = std::size_t{256} << 20;

struct Exchange {
  DaemonAddress address;
  BeastRequest request;
  std::chrono::milliseconds limit;
};

asio::awaitable<ClientAnswer> exchange(Exchange wanted) {
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  const auto found = co_await resolver.async_resolve(wanted.address.host, wanted.address.port, asio::use_awaitable);
  beast::tcp_stream stream(executor);
  stream.expires_after(wanted.limit);
  co_await stream.async_connect(found, asio::use_awaitable);
  co_await beast::http::async_write(stream, wanted.request, asio::use_awaitable);
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(k_most_bytes);
  co_await beast::http::async_read(stream, buffer, parser, asio::use_awaitable);
  co_return ClientAnswer{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

}  // namespace

Result<ClientAnswer> send(const DaemonAddress& address, const ClientRequest& request, std::chrono::milliseconds limit) {
  BeastRequest message(beast::http::string_to_verb(request.method), address.path + request.target, 11);
  const bool is_v6 = address.host.find(':') != std::string::npos;
  message.set(beast::http::field::host, (is_v6 ? "[" + address.host + "]" : address.host) + ":" + address.port);
  message.set(beast::http::field::connection, "close");
  message.set(beast::http::field::accept, "application/json");
  if (!request.token.empty()) message.set(beast::http::field::authorization, "Bearer " + request.token);
  if (request.method != "GET") {
    message.set(beast::http::field::content_type, "application/json");
    message.body() = request.body.empty() ? "{}" : request.body;
  }
  message.prepare_payload();

  asio::io_context context;
  auto answer = asio::co_spawn(context, exchange({address, std::move(message), limit}), asio::use_future);
  context.run();
  try {
    return answer.get();
  } catch (const boost::system::system_error& error) {
    return fail(ErrorCode::unavailable, address.url + ": " + error.code().message());
  }
}

}  // namespace headrace::http
