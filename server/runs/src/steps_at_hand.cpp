// Worker: the steps it was given. The first is open, the others wait at hand, and can be taken back as long as they do.
#include <runs/worker.hpp>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

namespace headrace::runs {
namespace {

constexpr std::size_t k_most_at_hand = 16;
constexpr std::chrono::milliseconds k_longest_look{256};

}  // namespace

bool Worker::has_room() const { return is_ready() && claims_steps_ && is_quick_ && given_.size() < k_most_at_hand; }

bool Worker::has_at_hand(int step) const {
  return std::any_of(given_.begin(), given_.end(), [step](const GivenStep& given) { return given.step == step; });
}

void Worker::give(int step, int attempt, protocol::RunStep message, std::vector<int> after) {
  if (claims_steps_) unsent_claims_.push_back(message.claim = ++last_claim_);
  given_.push_back({.step = step, .attempt = attempt, .claim = message.claim, .after = std::move(after)});
  if (!unsent_.empty()) unsent_ += '\n';
  unsent_ += protocol::run_step(message);
  if (given_.size() == 1) look_soon();
}

void Worker::send_given() {
  if (unsent_.empty()) return;
  // The claims first: what is not there when the worker looks for it has been taken back.
  const auto claims = std::exchange(unsent_claims_, {});
  const auto bytes = claims.size() * sizeof(std::int64_t);
  if (bytes > 0 && ::write(claims_in_.get(), claims.data(), bytes) != static_cast<ssize_t>(bytes))
    spdlog::error("worker {}: its claims cannot be written: {}", row_.worker_id, std::strerror(errno));
  socket_->send(std::exchange(unsent_, {}));
}

// The worker may read at the same time: it then misses a claim that was read here, and has one that comes later. So each claim
// tells of its own step alone.
std::vector<int> Worker::take_back() {
  send_given();
  std::set<std::int64_t> claims;
  std::int64_t claim = 0;
  while (claims_out_ && ::read(claims_out_.get(), &claim, sizeof claim) == sizeof claim) claims.insert(claim);
  return take_out(given_, [&claims](const GivenStep& given) { return claims.contains(given.claim); });
}

void Worker::hand_back() {
  if (const auto steps = take_back(); !steps.empty()) callbacks_.on_taken_back(steps);
}

// What the worker did not wake anybody for: the step's start, and what followed at once. A step that is not begun yet (the worker
// is slow, or stopped) is looked after ever more seldom. For one that goes on, no other step waits. Most steps are over by then:
// one timer serves them all, so the look comes within twice the time.
void Worker::look_soon() {
  if (!look_ || look_delay_ > services_.look) look_after(services_.look);
}

void Worker::look_after(std::chrono::milliseconds delay) {
  look_delay_ = delay;
  look_ = services_.loop.after(delay, [this, delay, step = open_step()] {
    look_.reset();
    if (given_.empty() || dead_) return;
    if (open_step() != step) return look_after(services_.look);
    if (!given_.front().begun || delay == services_.look) look_after(std::min(2 * delay, k_longest_look));
    read_journal();
    if (open_step() != step || !given_.front().begun) return;
    is_quick_ = false;
    hand_back();
  });
}

/// What an adopted worker has, only its journal says.
void Worker::step_started(int step, int attempt, std::int64_t time) {
  if (adopted_) given_ = {{.step = step, .attempt = attempt}};
  if (given_.empty() || given_.front().step != step) return;
  given_.front().begun = true;
  given_.front().begun_at = time;
}

void Worker::step_ended(int step, std::int64_t time, bool succeeded) {
  if (given_.empty() || given_.front().step != step) return;
  is_quick_ = std::chrono::microseconds(time - given_.front().begun_at) < services_.look;
  given_.pop_front();
  if (!succeeded) drop_what_follows(step);
  if (!given_.empty()) look_soon();
}

/// The worker passes over them by itself, and leaves their claims to be read with later ones.
void Worker::drop_what_follows(int step) {
  const auto follows = [step](const GivenStep& given) {
    return std::find(given.after.begin(), given.after.end(), step) != given.after.end();
  };
  if (const auto dropped = take_out(given_, follows); !dropped.empty()) callbacks_.on_dropped(dropped);
}

}  // namespace headrace::runs
