// Requests to one server, one after the other, over a connection that is kept.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace headrace::blobs {

/// "http://127.0.0.1:10000/account" in its parts.
struct Url {
  bool is_secure = true;
  std::string host, port, path;  ///< path: without a "/" at its end
  static Url parse(const std::string& text);
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in small letters
  std::string body;
};

/// No answer, or not all of it.
struct NetworkError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// For one thread.
class HttpClient {
 public:
  /// `timeout`: seconds without any progress.
  HttpClient(Url url, double timeout);
  ~HttpClient();
  using Headers = std::map<std::string, std::string>;
  /// Throws NetworkError.
  HttpResponse send(const std::string& verb, const std::string& target, const Headers& headers, const char* body,
                    std::size_t size);

 private:
  class Connection;
  Url url_;
  double timeout_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace headrace::blobs
