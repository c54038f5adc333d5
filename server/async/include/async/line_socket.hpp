// A stream socket that carries one message a line, both ways, without ever blocking the I/O thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <async/loop.hpp>
#include <async/unique_fd.hpp>

namespace headrace::async {

/// I/O thread only. The callbacks may destroy the LineSocket.
class LineSocket {
 public:
  struct Callbacks {
    std::function<void(std::string_view line)> on_line;  ///< without the line break
    std::function<void()> on_closed;                     ///< once: the other side is gone, or it sent too long a line
  };
  /// A line longer than `longest_line` closes the socket: what never ends must not fill the memory.
  LineSocket(Loop& loop, UniqueFd socket, std::size_t longest_line, Callbacks callbacks);
  ~LineSocket();

  /// Adds the line break. What cannot be sent at once waits in memory; after a close it is dropped.
  void send(std::string_view line);
  /// The other side reads the end of the stream once everything sent has arrived.
  void finish_sending();
  /// Reads what has arrived now, without waiting for the loop (used when the other side's death was learned otherwise). At most a
  /// mebibyte, which is more than a socket holds: one that keeps writing does not keep the I/O thread.
  void read();

 private:
  void flush();
  void close();

  Loop& loop_;
  UniqueFd socket_;
  std::size_t longest_line_;
  Callbacks callbacks_;
  std::string incoming_, outgoing_;
  bool finishing_ = false;
  Handle readable_, writable_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace headrace::async
