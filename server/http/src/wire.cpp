#include "wire.hpp"

namespace headrace::http {
namespace {

// Scripts, styles and connections of our own origin only; nobody may frame the page.
constexpr std::string_view k_standing_headers =
    "Content-Security-Policy: default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action "
    "'self'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char c : value)  // a line break in a value would begin a header of somebody else's making
    head.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
  head.append("\r\n");
}

std::string http_date(std::time_t now) {
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[40];
  const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

}  // namespace

std::string response_head(const Response& response, const HeadOptions& options) {
  std::string head;
  head.reserve(768);
  head.append("HTTP/1.1 ")
      .append(std::to_string(response.status))
      .append(" ")
      .append(reason_phrase(response.status))
      .append("\r\n");
  add(head, "Date", http_date(options.now));
  if (!response.content_type.empty()) add(head, "Content-Type", response.content_type);
  if (response.stream) {
    if (options.chunked) add(head, "Transfer-Encoding", "chunked");
  } else if (response.status != 304 && response.status != 204) {
    add(head, "Content-Length", std::to_string(response.bytes().size()));
  }
  add(head, "Cache-Control", response.cache_control);
  for (const auto& [name, value] : response.headers) add(head, name, value);
  head.append(k_standing_headers);
  if (!options.keep_alive) add(head, "Connection", "close");
  head.append("\r\n");
  return head;
}

std::size_t head_size(std::string_view bytes) {
  if (const auto end = bytes.find("\r\n\r\n"); end != std::string_view::npos) return end + 4;
  for (auto i = bytes.find('\n'); i != std::string_view::npos; i = bytes.find('\n', i + 1))
    if (i == 0 || bytes[i - 1] != '\r') return i + 1;
  return 0;
}

}  // namespace headrace::http
