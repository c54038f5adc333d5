// Requests and answers as plain values: what the handlers see of HTTP.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/result.hpp>

namespace headrace::http {

/// The methods that routes may have; everything else is `other` and refused.
enum class Method { get, head, post, del, other };
Method method_from(std::string_view name);
std::string_view to_string(Method method);

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request after the router found its route: everything decoded and checked once.
struct Request {
  Method method = Method::other;
  std::string method_name;  ///< as sent
  std::string target;       ///< as sent, path and query
  Fields headers;           ///< names in lower case, in the order sent
  Fields parameters;        ///< of the route's pattern, decoded
  Fields query;             ///< decoded, in the order sent, names may repeat
  std::string body;
  std::string peer;  ///< the other side's address (of IPv6 its network of 64 bits): who is counted as one

  /// The first header of that (lower-case) name; empty where there is none.
  std::string_view header(std::string_view name) const;
  std::size_t header_count(std::string_view name) const;
  /// A parameter of the route's pattern. Asserts that the pattern has it.
  const std::string& parameter(std::string_view name) const;
};

/// An answer without an end, e.g. server-sent events. Everything on the I/O thread.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Moves what is to be sent now to the end of `out`, about `most` bytes at most. Nothing there: leaves `out` as it is
  /// and calls `wake` once there is. False: the stream has ended.
  virtual bool take(std::string& out, std::size_t most) = 0;
  /// Set before the first take(); called from the I/O thread.
  virtual void set_wake(std::function<void()> wake) = 0;
};

struct Response {
  int status = 200;
  std::string content_type;  ///< empty: no body
  std::string body;
  std::shared_ptr<const std::string> shared;  ///< instead of `body`: bytes kept elsewhere
  std::string_view fixed;                     ///< instead of `body`: bytes that live as long as the process
  std::unique_ptr<Stream> stream;             ///< instead of `body`
  std::string cache_control = "no-store";
  Fields headers;      ///< further ones
  bool close = false;  ///< the connection ends after this answer

  std::string_view bytes() const { return shared ? std::string_view(*shared) : body.empty() ? fixed : std::string_view(body); }
};

/// Takes the answer, from any thread, once. Dropping it without an answer is answered with 500.
using Respond = std::function<void(Response)>;
/// Called on the I/O thread; must not block it.
using Handler = std::function<void(Request, Respond)>;

std::string_view reason_phrase(int status);
Response json_response(int status, const nlohmann::json& body);
/// RFC 9457. `code` is the short name of the kind of error; `more` is merged into the object (null for nothing).
Response problem(int status, std::string_view code, std::string detail, const nlohmann::json& more = nullptr);

}  // namespace headrace::http
