// The real loop: one boost::asio::io_context, run by one thread.
#pragma once

#include <async/loop.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <vector>

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
  void run_posted();
  boost::asio::io_context context_{1};
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // not taken up yet; destroyed before the context, whose timers they may own
};

}  // namespace headrace::async
