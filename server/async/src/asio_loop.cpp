#include <async/asio_loop.hpp>
#include <async/unique_fd.hpp>

#include <fcntl.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <system_error>

namespace headrace::async {
namespace asio = boost::asio;
namespace {

class PendingTimer final : public Pending {
 public:
  PendingTimer(asio::io_context& context, std::chrono::milliseconds delay, std::function<void()> function)
      : state_(std::make_shared<State>(State{asio::steady_timer(context, delay), std::move(function)})) {
    state_->timer.async_wait([state = state_](const boost::system::error_code& error) {
      if (error || !state->function) return;
      std::exchange(state->function, nullptr)();
    });
  }
  ~PendingTimer() override {
    state_->function = nullptr;
    state_->timer.cancel();
  }

 private:
  struct State {
    asio::steady_timer timer;
    std::function<void()> function;
  };
  std::shared_ptr<State> state_;
};

// Watches a duplicate of the caller's descriptor: readiness is the open file's, and reading and writing may be watched at once.
class PendingWatch final : public Pending {
 public:
  PendingWatch(asio::io_context& context, int fd, asio::posix::descriptor_base::wait_type wait, std::function<void()> function)
      : state_(std::make_shared<State>(State{asio::posix::stream_descriptor(context), wait, std::move(function)})) {
    const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (own < 0) throw std::system_error(errno, std::generic_category(), "watching a descriptor");
    state_->descriptor.assign(own);
    arm(state_);
  }
  ~PendingWatch() override {
    state_->alive = false;
    boost::system::error_code ignored;
    state_->descriptor.close(ignored);
  }

 private:
  struct State {
    asio::posix::stream_descriptor descriptor;
    asio::posix::descriptor_base::wait_type wait;
    std::function<void()> function;
    bool alive = true;
  };
  static void arm(const std::shared_ptr<State>& state) {
    state->descriptor.async_wait(state->wait, [state](const boost::system::error_code& error) {
      if (error || !state->alive) return;
      state->function();  // may destroy the watch: `state` keeps the function alive meanwhile
      if (state->alive) arm(state);
    });
  }
  std::shared_ptr<State> state_;
};

}  // namespace

void AsioLoop::post(std::function<void()> function) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(function));
    if (posted_.size() > 1) return;  // whoever came first has woken the I/O thread
  }
  asio::post(context_, [this] { run_posted(); });
}

void AsioLoop::run_posted() {
  std::vector<std::function<void()>> functions;
  {
    const std::lock_guard lock(mutex_);
    functions.swap(posted_);
  }
  for (auto& function : functions) std::exchange(function, nullptr)();
}

Handle AsioLoop::after(std::chrono::milliseconds delay, std::function<void()> function) {
  return std::make_unique<PendingTimer>(context_, delay, std::move(function));
}

Handle AsioLoop::on_readable(int fd, std::function<void()> function) {
  return std::make_unique<PendingWatch>(context_, fd, asio::posix::descriptor_base::wait_read, std::move(function));
}

Handle AsioLoop::on_writable(int fd, std::function<void()> function) {
  return std::make_unique<PendingWatch>(context_, fd, asio::posix::descriptor_base::wait_write, std::move(function));
}

std::int64_t AsioLoop::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void AsioLoop::run() {
  auto work = asio::make_work_guard(context_);
  context_.run();
}

}  // namespace headrace::async
