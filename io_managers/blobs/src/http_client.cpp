#include <http_client.hpp>

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <chrono>
#include <optional>

namespace headrace::blobs {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

Url Url::parse(const std::string& text) {
  Url url;
  const auto scheme = text.find("://");
  url.is_secure = scheme == std::string::npos || text.substr(0, scheme) != "http";
  std::string rest = scheme == std::string::npos ? text : text.substr(scheme + 3);
  if (const auto slash = rest.find('/'); slash != std::string::npos) {
    url.path = rest.substr(slash);
    rest.resize(slash);
  }
  while (url.path.ends_with('/')) url.path.pop_back();
  const auto colon = rest.rfind(':');
  const bool has_port = colon != std::string::npos && rest.find(']', colon) == std::string::npos;
  url.host = has_port ? rest.substr(0, colon) : rest;
  url.port = has_port ? rest.substr(colon + 1) : url.is_secure ? "443" : "80";
  return url;
}

/// Its operations are asynchronous ones that are waited for, since only those have time limits.
class HttpClient::Connection {
 public:
  Connection(const Url& url, double timeout) : timeout_(std::chrono::milliseconds(static_cast<long>(timeout * 1e3))) {
    asio::ip::tcp::resolver resolver(io_);
    error_code error;
    const auto found = resolver.resolve(url.host, url.port, error);
    if (error) throw NetworkError(url.host + ": " + error.message());
    wait([&](auto done) { stream_.async_connect(found, [done](error_code e, const auto&) { done(e); }); });
    stream_.socket().set_option(asio::ip::tcp::no_delay(true));
    if (!url.is_secure) return;
    trusted_.set_default_verify_paths();  // SSL_CERT_FILE and SSL_CERT_DIR, else the system's
    tls_.emplace(stream_, trusted_);
    tls_->set_verify_mode(asio::ssl::verify_peer);
    tls_->set_verify_callback(asio::ssl::host_name_verification(url.host));
    SSL_set_tlsext_host_name(tls_->native_handle(), url.host.c_str());
    wait([&](auto done) { tls_->async_handshake(asio::ssl::stream_base::client, done); });
  }

  /// Not if the server hung up meanwhile.
  bool is_usable() {
    char byte;
    return ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

  HttpResponse exchange(const http::request<http::span_body<const char>>& request) {
    return tls_ ? exchange_on(*tls_, request) : exchange_on(stream_, request);
  }

 private:
  template <class Start>
  void wait(const Start& start) {
    error_code error;
    stream_.expires_after(timeout_);
    start([&error](error_code e, auto&&...) { error = e; });
    io_.restart();
    io_.run();
    if (error) throw NetworkError(error.message());
  }

  template <class Stream>
  HttpResponse exchange_on(Stream& stream, const http::request<http::span_body<const char>>& request) {
    http::request_serializer<http::span_body<const char>> serializer(request);
    while (!serializer.is_done()) wait([&](auto done) { http::async_write_some(stream, serializer, done); });
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    parser.skip(request.method() == http::verb::head);
    while (!parser.is_done()) wait([&](auto done) { http::async_read_some(stream, buffer, parser, done); });
    HttpResponse response{
        .status = static_cast<int>(parser.get().result_int()), .headers = {}, .body = std::move(parser.get().body())};
    for (const auto& field : parser.get()) {
      std::string name(field.name_string());
      for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      response.headers[name] = std::string(field.value());
    }
    keeps_alive = parser.get().keep_alive();
    return response;
  }

  std::chrono::milliseconds timeout_;
  asio::io_context io_{1};
  asio::ssl::context trusted_{asio::ssl::context::tls_client};
  beast::tcp_stream stream_{io_};
  std::optional<asio::ssl::stream<beast::tcp_stream&>> tls_;

 public:
  bool keeps_alive = true;
};

HttpClient::HttpClient(Url url, double timeout) : url_(std::move(url)), timeout_(timeout) {}
HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(const std::string& verb, const std::string& target, const Headers& headers, const char* body,
                              std::size_t size) {
  http::request<http::span_body<const char>> request(http::string_to_verb(verb), target, 11);
  const bool is_usual_port = url_.port == (url_.is_secure ? "443" : "80");
  request.set(http::field::host, is_usual_port ? url_.host : url_.host + ":" + url_.port);
  for (const auto& [name, value] : headers) request.set(name, value);
  if (body != nullptr || verb == "PUT") {
    request.body() = {body, size};
    request.content_length(size);
  }
  auto connection = std::move(connection_);  // one that fails is not used again
  if (!connection || !connection->is_usable()) connection = std::make_unique<Connection>(url_, timeout_);
  auto response = connection->exchange(request);
  if (connection->keeps_alive) connection_ = std::move(connection);
  return response;
}

}  // namespace headrace::blobs
