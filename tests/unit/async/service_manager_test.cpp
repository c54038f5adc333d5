#include <async/service_manager.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <async/asio_loop.hpp>

namespace headrace::async {
namespace {

/// An abstract socket at which the test listens as systemd does.
class ServiceManagerTest : public testing::Test {
 protected:
  void SetUp() override {
    sockaddr_un own{};
    own.sun_family = AF_UNIX;
    socket.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&own), sizeof own.sun_family), 0);  // the kernel finds a name
    socklen_t size = sizeof own;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &size);
    name = "@" + std::string(own.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
  }
  std::string next() {
    char text[200];
    const auto size = ::recv(socket.get(), text, sizeof text, 0);
    return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
  }
  void run_for_a_moment() {
    const auto end = loop.after(std::chrono::milliseconds(20), [this] { loop.stop(); });
    loop.run();
    loop.context().restart();
  }

  AsioLoop loop;
  UniqueFd socket;
  std::string name;
};

TEST_F(ServiceManagerTest, SaysEachThingAsSystemdWantsIt) {
  ServiceManager manager(loop, {name});
  EXPECT_TRUE(manager.is_there());
  manager.ready();
  EXPECT_EQ(next(), "READY=1");
  manager.status("one");
  manager.status("one");
  manager.status("two");
  EXPECT_EQ(next(), "STATUS=one");
  EXPECT_EQ(next(), "STATUS=two");
  manager.reloading();
  EXPECT_TRUE(next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  manager.stopping();
  EXPECT_EQ(next(), "STOPPING=1");
  EXPECT_EQ(next(), "");
}

TEST_F(ServiceManagerTest, GivesNoSignOfLifeUntilTheRestOfTheDaemonHasAnswered) {
  ServiceManager manager(loop, {name, std::chrono::milliseconds(2)});
  std::vector<std::function<void()>> asked;
  manager.watch([&](std::function<void()> alive) { asked.push_back(std::move(alive)); });
  run_for_a_moment();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(next(), "");  // however long it takes
  asked[0]();
  run_for_a_moment();
  EXPECT_EQ(next(), "WATCHDOG=1");
  EXPECT_EQ(next(), "");
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(ServiceManagerTest, WithoutAWatchdogNobodyIsAsked) {
  ServiceManager manager(loop, {name});
  manager.watch([](const std::function<void()>&) { FAIL(); });
  run_for_a_moment();
}

TEST_F(ServiceManagerTest, WithoutAServiceManagerNothingHappens) {
  for (const std::string& nowhere :
       {std::string(), std::string("@nobody-listens-here"), std::string("relative"), "/" + std::string(200, 'x')}) {
    ServiceManager manager(loop, {nowhere, std::chrono::milliseconds(2)});
    EXPECT_FALSE(manager.is_there()) << nowhere;
    manager.ready();
    manager.watch([](const std::function<void()>&) { FAIL(); });
  }
}

}  // namespace
}  // namespace headrace::async
