#include <lines.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <core/json.hpp>

namespace headrace {
inline namespace sdk {

bool LineSocket::send(const json& message) {
  const std::string line = dump_json(message) + "\n";
  for (std::string_view rest = line; !rest.empty();) {
    const auto sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool LineSocket::receive(int flags) {
  char bytes[65536];
  const auto got = ::recv(descriptor_, bytes, sizeof bytes, flags);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return false;
  at_end_ = got <= 0;
  if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
  return got > 0;
}

std::vector<json> LineSocket::take() {
  std::vector<json> messages;
  std::size_t begin = 0;
  for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n', begin)) {
    const std::string_view line = std::string_view(buffer_).substr(begin, end - begin);
    begin = end + 1;
    if (line.empty()) continue;
    auto parsed = parse_json(line);
    if (!parsed || !parsed->is_object()) throw BadLine("the daemon sent a line that is no JSON object");
    messages.push_back(std::move(*parsed));
  }
  buffer_.erase(0, begin);
  return messages;
}

}  // namespace sdk
}  // namespace headrace
