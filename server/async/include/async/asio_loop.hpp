// The real loop: one boost::asio::io_context, run by one thread.
#pragma once

#include <async/loop.hpp>
#include <boost/asio/io_context.hpp>

namespace headrace::async {

class AsioLoop final : public Loop {
 public:
  void post(std::function<void()> function) override;
  Handle after(std::chrono::milliseconds delay, std::function<void()> function) override;
  Handle on_readable(int fd, std::function<void()> function) override;
  Handle on_writable(int fd, std::function<void()> function) override;
  std::int64_t now() const override;

  /// Runs until stop(). The calling thread is the I/O thread.
  void run();
  /// Any thread. Pending functions are dropped: the ordered stop happens before this.
  void stop() { context_.stop(); }

  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_{1};
};

}  // namespace headrace::async
