#include <http/gate.hpp>

#include <algorithm>
#include <charconv>

namespace headrace::http {
namespace {

Response refuse(int status, std::string_view code, std::string detail) {
  Response response = problem(status, code, std::move(detail));
  response.close = status == 400 || status == 413 || status == 414 || status == 431 || status == 505;
  return response;
}

Response malformed(const char* what) { return refuse(400, "invalid", std::string("The request is malformed: ") + what + "."); }

bool is_token_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_byte); }

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts the next line (without its CR LF) off `rest`.
std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
  return line;
}

std::optional<Response> check_request_line(std::string_view line, const Limits& limits) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return malformed("its first line has to be METHOD TARGET VERSION");
  const auto version = line.substr(last + 1);
  const auto target = line.substr(first + 1, last - first - 1);
  if (!is_token(line.substr(0, first))) return malformed("the method's name");
  if (target.empty() || target.find(' ') != std::string_view::npos) return malformed("white space in the target");
  if (target.size() > limits.target_bytes)
    return refuse(414, "invalid", "The address is longer than " + std::to_string(limits.target_bytes) + " bytes.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(505, "invalid", "Only HTTP/1.1 is spoken here.");
  return {};
}

std::optional<Response> check_fields(const Fields& fields) {
  int lengths = 0, encodings = 0, hosts = 0;
  for (const auto& [name, value] : fields) {
    if (name == "content-length") {
      ++lengths;
      if (value.empty() || value.size() > 15 ||
          !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return malformed("Content-Length has to be a number");
    }
    if (name == "transfer-encoding") {
      ++encodings;
      if (lower(value) != "chunked") return malformed("the only Transfer-Encoding is “chunked”");
    }
    if (name == "host") ++hosts;
  }
  if (lengths > 1) return malformed("more than one Content-Length");
  if (encodings > 1) return malformed("more than one Transfer-Encoding");
  if (lengths && encodings) return malformed("both Content-Length and Transfer-Encoding");
  if (hosts != 1) return malformed("it needs exactly one Host");
  return {};
}

struct HostPort {
  std::string host, port;  ///< host in lower case; brackets kept; port empty for the default
};

std::optional<HostPort> split_host(std::string_view text) {
  std::string_view host = text, port;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return {};
    host = text.substr(0, close + 1);
    port = text.substr(close + 1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (!port.empty()) {
    if (port.front() != ':') return {};
    port.remove_prefix(1);
    if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return {};
  }
  if (host.empty()) return {};
  return HostPort{lower(host), std::string(port)};
}

/// "192.0.2.1", "[2001:db8::1]".
bool is_address(std::string_view host) {
  return host.front() == '[' || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_host_allowed(const Request& request, const Settings& settings) {
  const auto host = split_host(request.header("host"));
  if (!host) return false;
  if (host->host == "127.0.0.1" || host->host == "localhost" || host->host == "[::1]") return true;
  // A page that had its name resolve to us (DNS rebinding) still sends its name: an address is none.
  if (!is_loopback(settings.address) && is_address(host->host)) return true;
  return std::any_of(settings.host_names.begin(), settings.host_names.end(),
                     [&](const std::string& name) { return lower(name) == host->host; });
}

/// No Origin is no browser's cross-origin request; one that names Host's own host and port is the page.
bool is_origin_own(const Request& request) {
  if (request.header_count("origin") == 0) return true;
  if (request.header_count("origin") > 1) return false;
  auto origin = request.header("origin");
  const bool https = origin.starts_with("https://");
  if (!https && !origin.starts_with("http://")) return false;  // "null" too
  origin.remove_prefix(https ? 8 : 7);
  const auto own = split_host(request.header("host")), other = split_host(origin);
  if (!own || !other) return false;
  const std::string standard = https ? "443" : "80";
  return own->host == other->host && (own->port.empty() ? standard : own->port) == (other->port.empty() ? standard : other->port);
}

bool is_fetch_site_own(const Request& request) {
  const auto site = request.header("sec-fetch-site");
  if (request.header_count("sec-fetch-site") > 1) return false;
  return site.empty() || site == "same-origin" || site == "none";
}

}  // namespace

std::optional<Response> check_head(std::string_view head, const Limits& limits) {
  if (head.size() > limits.header_bytes)
    return refuse(431, "invalid", "The headers are longer than " + std::to_string(limits.header_bytes) + " bytes.");
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto c = static_cast<unsigned char>(head[i]);
    if (c == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) return malformed("a carriage return without its line feed");
    if (c == '\n' && (i == 0 || head[i - 1] != '\r')) return malformed("a line feed without its carriage return");
    if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f) return malformed("a control character in the headers");
  }
  auto rest = head;
  if (auto refusal = check_request_line(next_line(rest), limits)) return refusal;
  std::size_t count = 0;
  Fields fields;
  for (auto line = next_line(rest); !line.empty(); line = next_line(rest)) {
    if (++count > limits.header_count)
      return refuse(431, "invalid", "There are more than " + std::to_string(limits.header_count) + " headers.");
    if (line.front() == ' ' || line.front() == '\t') return malformed("a folded header");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return malformed("a header's name");
    fields.emplace_back(lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return check_fields(fields);
}

std::optional<Request> parse_head(std::string_view head) {
  auto rest = head;
  const auto line = next_line(rest);
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return {};
  Request request;
  request.method_name = line.substr(0, first);
  request.method = method_from(request.method_name);
  request.target = line.substr(first + 1, last - first - 1);
  for (auto field = next_line(rest); !field.empty(); field = next_line(rest)) {
    const auto colon = field.find(':');
    if (colon == std::string_view::npos) return {};
    request.headers.emplace_back(lower(field.substr(0, colon)), trim(field.substr(colon + 1)));
  }
  return request;
}

std::optional<Response> check_request(const Request& request, const Settings& settings) {
  if (!is_host_allowed(request, settings))
    return refuse(421, "forbidden",
                  "This daemon does not answer for the name in the Host header. It answers for 127.0.0.1, localhost, [::1] and "
                  "the host names it was configured with.");
  const bool reads = request.method == Method::get || request.method == Method::head;
  if (request.method_name == "OPTIONS" && request.header_count("access-control-request-method"))
    return refuse(403, "forbidden", "Requests from pages of other origins are refused.");
  // A link on another site may lead here (a navigation); nothing else from there may.
  const bool navigates = reads && request.header("sec-fetch-mode") == "navigate";
  if (!is_origin_own(request) || (!is_fetch_site_own(request) && !navigates))
    return refuse(403, "forbidden", "Requests from pages of other origins are refused.");
  if (reads) return {};

  const auto type = request.header("content-type");
  const auto media = lower(trim(type.substr(0, type.find(';'))));
  const auto length = request.header("content-length");
  const bool has_body =
      request.header_count("transfer-encoding") || (!length.empty() && length.find_first_not_of('0') != std::string_view::npos);
  if (request.method == Method::post && media != "application/json" && (has_body || !media.empty()))
    return refuse(415, "invalid",
                  "The body has to be application/json" + (media.empty() ? std::string(".") : ", not " + media + "."));
  return {};
}

bool has_body(const Request& request) {
  const auto length = request.header("content-length");
  return request.header_count("transfer-encoding") > 0 || length.find_first_not_of('0') != std::string_view::npos;
}

bool wants_close(const Request& request) {
  std::string value(request.header("connection"));
  for (auto& c : value) c = static_cast<char>(c | 32);
  return value.find("close") != std::string::npos;
}

bool is_loopback(std::string_view address) { return address == "localhost" || address == "::1" || address.starts_with("127."); }

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b.empty() ? 0 : b[i % b.size()]);
  return difference == 0;
}

}  // namespace headrace::http
