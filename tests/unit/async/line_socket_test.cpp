#include <async/line_socket.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <vector>

#include <async/asio_loop.hpp>

namespace headrace::async {
namespace {

/// Both ends of a socket: the line socket, which the test reads by hand, and the other side's bare descriptor.
class LineSocketTest : public testing::Test {
 protected:
  void open(std::size_t longest_line) {
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    other.reset(fds[1]);
    socket = std::make_unique<LineSocket>(
        loop, UniqueFd(fds[0]), longest_line,
        LineSocket::Callbacks{[this](std::string_view line) { lines.emplace_back(line); }, [this] { ++closed; }});
  }
  /// As much of `text` as the socket takes now.
  std::size_t write(const std::string& text) {
    const auto sent = ::send(other.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }

  AsioLoop loop;
  UniqueFd other;
  std::unique_ptr<LineSocket> socket;
  std::vector<std::string> lines;
  int closed = 0;
};

TEST_F(LineSocketTest, GivesWholeLinesHoweverTheyCome) {
  open(100);
  write("one\ntw");
  socket->read();
  EXPECT_EQ(lines, (std::vector<std::string>{"one"}));
  write("o\n\nthree\n");
  socket->read();
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "", "three"}));
  EXPECT_EQ(closed, 0);
}

TEST_F(LineSocketTest, SaysOnceThatTheOtherSideIsGone) {
  open(100);
  write("last words\nhalf a li");
  other.reset();
  socket->read();
  socket->read();
  EXPECT_EQ(lines, (std::vector<std::string>{"last words"}));
  EXPECT_EQ(closed, 1);
}

TEST_F(LineSocketTest, AnEndlessLineClosesIt) {
  open(100'000);
  std::size_t sent = 0;
  while (closed == 0 && sent < 10'000'000) {
    sent += write(std::string(50'000, 'x'));
    socket->read();
  }
  EXPECT_EQ(closed, 1);
  EXPECT_LT(sent, 500'000u);
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(write("is anybody there"), 0u) << "the descriptor should be closed";
}

TEST_F(LineSocketTest, OneThatAlwaysWritesDoesNotKeepTheThread) {
  open(100'000);
  // The other side refills the socket whenever a line is read from it, so that there is always more.
  std::size_t bytes = 0;
  const std::string line(999, 'x');
  socket = nullptr;
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  other.reset(fds[1]);
  socket = std::make_unique<LineSocket>(loop, UniqueFd(fds[0]), 100'000,
                                        LineSocket::Callbacks{[&](std::string_view got) {
                                                                bytes += got.size() + 1;
                                                                if (bytes < 100'000'000) write(line + "\n");
                                                              },
                                                              nullptr});
  for (int i = 0; i < 50; ++i) write(line + "\n");
  socket->read();
  EXPECT_GT(bytes, 1'000'000u);
  EXPECT_LT(bytes, 2'000'000u);
}

}  // namespace
}  // namespace headrace::async
