#include <cli/daemon_record.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <storage/home.hpp>

namespace headrace::cli {
namespace {

using nlohmann::json;
constexpr const char* k_file = "daemon.json";

std::string reachable(std::string url) {
  for (const auto& [all, loopback] : {std::pair("//0.0.0.0:", "//127.0.0.1:"), std::pair("//[::]:", "//[::1]:")})
    if (const auto at = url.find(all); at != std::string::npos) url.replace(at, std::strlen(all), loopback);
  return url;
}

}  // namespace

Result<void> write_daemon_record(const std::filesystem::path& home, const DaemonRecord& record) {
  const auto file = home / k_file, part = home / "daemon.json.part";
  const std::string text = json{{"url", reachable(record.url)}, {"pid", record.pid}}.dump() + "\n";
  const auto failed = [&] { return fail(ErrorCode::unavailable, "cannot write " + file.string() + ": " + std::strerror(errno)); };
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed();
  const bool is_written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  if (!is_written || ::rename(part.c_str(), file.c_str()) != 0) return failed();
  return {};
}

std::optional<DaemonRecord> read_daemon_record(const std::filesystem::path& home) {
  std::ifstream stream(home / k_file);
  const auto read = json::parse(stream, nullptr, false);
  if (!read.is_object() || !read.contains("url") || !read["url"].is_string()) return std::nullopt;
  DaemonRecord record{.url = read["url"], .pid = read.value("pid", 0)};
  if (record.pid == 0 || storage::process_holding(home) != record.pid) return std::nullopt;
  return record;
}

}  // namespace headrace::cli
