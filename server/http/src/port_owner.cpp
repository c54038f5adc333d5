#include "port_owner.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

namespace headrace::http {
namespace {

/// Inodes of the sockets that listen on the port, of one table under /proc/net.
void listening_inodes(const char* table, std::uint16_t port, std::set<std::string>& inodes) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // the headings
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
    words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
    const auto colon = local.find(':');
    if (state == "0A" && colon != std::string::npos && std::stoul(local.substr(colon + 1), nullptr, 16) == port)
      inodes.insert("socket:[" + inode + "]");
  }
}

bool holds_one_of(const std::filesystem::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(process / "fd", error), end; !error && it != end; it.increment(error)) {
    std::error_code unreadable;
    if (sockets.contains(std::filesystem::read_symlink(it->path(), unreadable).string())) return true;
  }
  return false;
}

}  // namespace

std::string port_owner(std::uint16_t port) {
  std::set<std::string> sockets;
  listening_inodes("/proc/net/tcp", port, sockets);
  listening_inodes("/proc/net/tcp6", port, sockets);
  if (sockets.empty()) return {};
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const auto pid = it->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos || !holds_one_of(it->path(), sockets)) continue;
    std::ifstream file(it->path() / "comm");
    std::string name;
    std::getline(file, name);
    return name + ", process " + pid;
  }
  return {};
}

std::string bind_message(const Settings& settings, const std::error_code& error) {
  const auto where = "port " + std::to_string(settings.port) + " on " + settings.address;
  if (error == std::errc::address_in_use) {
    const auto owner = port_owner(settings.port);
    return where + " is in use by another program" + (owner.empty() ? "" : " (" + owner + ")") +
           "; choose another with -p (-p 0 takes a free one).";
  }
  if (error == std::errc::permission_denied) return where + " may not be used by this user; choose a port above 1023 with -p.";
  return where + " cannot be listened on: " + error.message() + ".";
}

}  // namespace headrace::http
