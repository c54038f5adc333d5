#include <live/event_streams.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>

#include "frame.hpp"

namespace headrace::live {
namespace {

/// What the tail keeps of an event: enough to tell who wants it.
struct TailFrame {
  Event event;                              // without its payload
  std::shared_ptr<const std::string> text;  // null: nobody wanted it when it was read

  std::size_t bytes() const { return text ? text->size() : 0; }
};

constexpr std::size_t k_catch_up_bytes = 256 * 1024;

}  // namespace

bool Topics::want(const Event& event) const {
  switch (event.kind) {
    case EventKind::daemon_started:
      return true;
    case EventKind::code_location_loaded:
    case EventKind::code_location_failed:
      return code_locations;
    case EventKind::run_created:
    case EventKind::run_started:
    case EventKind::run_canceling:
    case EventKind::run_ended:
      if (runs) return true;
      break;
    default:
      break;
  }
  return (assets && !event.asset_key.empty()) || (event.run != 0 && run_numbers.contains(event.run));
}

struct EventStream::State {
  std::weak_ptr<EventStreams::Impl> streams;
  Topics topics;
  std::int64_t cursor = 0;
  std::function<void()> wake;
  std::string ready;               // complete frames to go out before anything else
  bool catching_up = false;        // a piece of work reads for this stream
  bool was_written = true;         // since the last ping
  std::atomic<bool> left = false;  // nobody reads it any more; said to threads of the pool
  void wake_up() const {
    if (wake) wake();
  }
};
using StatePtr = std::shared_ptr<EventStream::State>;

struct EventStreams::Impl : std::enable_shared_from_this<EventStreams::Impl> {
  Impl(async::Loop& l, storage::EventLog& g, ReaderPool& p, Render r, StreamSettings s)
      : loop(l), log(g), pool(p), render(std::move(r)), settings(s) {}

  async::Loop& loop;
  storage::EventLog& log;
  ReaderPool& pool;
  Render render;
  StreamSettings settings;
  std::vector<StatePtr> streams;
  std::deque<TailFrame> tail;
  std::size_t tail_bytes = 0;   // in the frames of the tail
  std::int64_t tail_begin = 0;  // the tail holds what comes after this id …
  std::int64_t tail_end = 0;    // … up to this one
  std::int64_t last_id = 0;
  bool reading = false;
  bool stopped = false;
  async::Handle ping;

  // ---- on the I/O thread ----
  void add(const StatePtr& stream);
  void remove(const EventStream::State* stream);
  void read_on();
  void append(std::vector<TailFrame> frames, std::int64_t end);
  void clear_tail();
  void reset(EventStream::State& stream);
  void catch_up(const StatePtr& stream);
  void arm_ping();
  bool take(const StatePtr& stream, std::string& out, std::size_t most);
  Topics wanted_by_anyone() const;

  // ---- on a thread of the pool ----
  std::vector<Event> read(storage::Reader& reader, std::int64_t after);
  std::string render_frame(const Event& event, storage::Reader& reader) const;
};

namespace {

/// Calls a function when the last copy goes: also when the pool drops the work.
class AtEnd {
 public:
  explicit AtEnd(std::function<void()> function) : function_(std::move(function)) {}
  ~AtEnd() { function_(); }
  AtEnd(const AtEnd&) = delete;

 private:
  std::function<void()> function_;
};

}  // namespace

// ---- the tail -----------------------------------------------------------------------------------------------------------

void EventStreams::Impl::add(const StatePtr& stream) {
  if (streams.empty()) {
    clear_tail();
    tail_begin = tail_end = last_id;
  }
  streams.push_back(stream);
  if (!ping) arm_ping();
}

void EventStreams::Impl::remove(const EventStream::State* stream) {
  std::erase_if(streams, [&](const StatePtr& other) { return other.get() == stream; });
  if (!streams.empty()) return;
  ping.reset();
  clear_tail();
}

void EventStreams::Impl::clear_tail() {
  tail.clear();
  tail_bytes = 0;
}

Topics EventStreams::Impl::wanted_by_anyone() const {
  Topics all;
  for (const auto& stream : streams) {
    all.assets |= stream->topics.assets;
    all.runs |= stream->topics.runs;
    all.code_locations |= stream->topics.code_locations;
    all.run_numbers.insert(stream->topics.run_numbers.begin(), stream->topics.run_numbers.end());
  }
  return all;
}

std::vector<Event> EventStreams::Impl::read(storage::Reader& reader, std::int64_t after) {
  if (auto recent = log.recent_after(after, settings.batch)) return std::move(*recent);
  return reader.read_after(after, settings.batch);
}

std::string EventStreams::Impl::render_frame(const Event& event, storage::Reader& reader) const {
  try {
    return frame(event.id, to_string(event.kind), render(event, reader));
  } catch (const std::exception& exception) {  // what cannot be shown is missing, and the reader has to know
    spdlog::error("event {} cannot be rendered: {}", event.id, exception.what());
    return position_frame(event.id, "reset");
  }
}

void EventStreams::Impl::read_on() {
  if (reading || streams.empty() || tail_end >= last_id) return;
  reading = true;
  auto self = shared_from_this();
  auto frames = std::make_shared<std::vector<TailFrame>>();
  auto end = std::make_shared<std::int64_t>(tail_end);
  auto done = std::make_shared<AtEnd>(
      [self, frames, end] { self->loop.post([self, frames, end] { self->append(std::move(*frames), *end); }); });
  pool.post([self, frames, end, done, after = tail_end, topics = wanted_by_anyone()](storage::Reader& reader) {
    for (auto& event : self->read(reader, after)) {
      TailFrame one;
      if (topics.want(event)) one.text = std::make_shared<const std::string>(self->render_frame(event, reader));
      event.payload.clear();
      *end = event.id;
      one.event = std::move(event);
      frames->push_back(std::move(one));
    }
  });
}

void EventStreams::Impl::append(std::vector<TailFrame> frames, std::int64_t end) {
  reading = false;
  if (stopped || streams.empty() || frames.empty()) return;
  const auto before = tail_end;
  if (frames.front().event.id <= before) return read_on();  // read for a tail that was begun anew meanwhile
  tail_end = end;
  std::vector<StatePtr> to_wake;
  for (const auto& stream : streams) {
    const bool wants =
        std::any_of(frames.begin(), frames.end(), [&](const TailFrame& one) { return stream->topics.want(one.event); });
    if (!wants && stream->cursor == before && !stream->catching_up)
      stream->cursor = end;  // nothing to say about it
    else
      to_wake.push_back(stream);
  }
  for (auto& one : frames) {
    tail_bytes += one.bytes();
    tail.push_back(std::move(one));
  }
  while (tail.size() > settings.tail_frames || tail_bytes > settings.tail_bytes) {
    tail_begin = tail.front().event.id;
    tail_bytes -= tail.front().bytes();
    tail.pop_front();
  }
  for (const auto& stream : to_wake) stream->wake_up();
  read_on();
}

// ---- one stream ---------------------------------------------------------------------------------------------------------

void EventStreams::Impl::reset(EventStream::State& stream) {
  stream.cursor = last_id;
  stream.ready += position_frame(stream.cursor, "reset");
}

bool EventStreams::Impl::take(const StatePtr& stream, std::string& out, std::size_t most) {
  if (stopped) return false;
  out += std::exchange(stream->ready, {});
  if (stream->catching_up) return true;
  if (stream->cursor < tail_begin) {
    catch_up(stream);
    return true;
  }
  auto next = std::upper_bound(tail.begin(), tail.end(), stream->cursor,
                               [](std::int64_t id, const TailFrame& one) { return id < one.event.id; });
  for (; next != tail.end() && out.size() < most; ++next) {
    if (stream->topics.want(next->event)) {
      if (!next->text) {  // it was read before this stream came
        catch_up(stream);
        break;
      }
      out += *next->text;
    }
    stream->cursor = next->event.id;
  }
  if (!out.empty()) stream->was_written = true;
  return true;
}

void EventStreams::Impl::catch_up(const StatePtr& stream) {
  if (last_id - stream->cursor > settings.most_behind || stream->cursor < log.pruned_through()) {
    reset(*stream);
    stream->wake_up();
    return;
  }
  stream->catching_up = true;
  struct Caught {
    std::string bytes;
    std::int64_t cursor;
    bool whole = false;
  };
  auto self = shared_from_this();
  auto caught = std::make_shared<Caught>(Caught{{}, stream->cursor});
  auto done = std::make_shared<AtEnd>([self, stream, caught] {
    self->loop.post([self, stream, caught] {
      stream->catching_up = false;
      if (!caught->whole) {
        self->reset(*stream);
      } else {  // nothing between the cursor and the tail: what was there is gone
        stream->cursor = caught->cursor == stream->cursor ? std::max(stream->cursor, self->tail_begin) : caught->cursor;
        stream->ready += caught->bytes;
      }
      stream->wake_up();
    });
  });
  pool.post([self, stream, caught, done, topics = stream->topics](storage::Reader& reader) {
    if (stream->left) return;  // else readers who come and go would keep the pool from all others
    for (const auto& event : self->read(reader, caught->cursor)) {
      if (topics.want(event)) caught->bytes += self->render_frame(event, reader);
      caught->cursor = event.id;
      if (caught->bytes.size() > k_catch_up_bytes) break;
    }
    caught->whole = true;
  });
}

void EventStreams::Impl::arm_ping() {
  ping = loop.after(settings.ping, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self || self->stopped || self->streams.empty()) return;
    for (const auto& stream : std::vector(self->streams))
      if (!std::exchange(stream->was_written, false)) {
        stream->ready += position_frame(stream->cursor, "ping");
        stream->wake_up();
      }
    self->arm_ping();
  });
}

EventStream::EventStream(std::shared_ptr<State> state) : state_(std::move(state)) {}
EventStream::~EventStream() {
  state_->left = true;
  state_->wake = nullptr;
  if (auto streams = state_->streams.lock()) streams->remove(state_.get());
}
bool EventStream::take(std::string& out, std::size_t most) {
  auto streams = state_->streams.lock();
  return streams && streams->take(state_, out, most);
}
void EventStream::set_wake(std::function<void()> wake) { state_->wake = std::move(wake); }
std::int64_t EventStream::cursor() const { return state_->cursor; }

// ---- all of them --------------------------------------------------------------------------------------------------------

EventStreams::EventStreams(async::Loop& loop, storage::EventLog& log, ReaderPool& pool, Render render, StreamSettings settings)
    : impl_(std::make_shared<Impl>(loop, log, pool, std::move(render), settings)) {
  impl_->last_id = log.last_id();
}

EventStreams::~EventStreams() { stop(); }

std::unique_ptr<EventStream> EventStreams::open(Topics topics, std::optional<std::int64_t> after) {
  auto state = std::make_shared<EventStream::State>();
  state->streams = impl_;
  state->topics = std::move(topics);
  state->ready = "retry: 1000\n\n";
  impl_->last_id = std::max(impl_->last_id, impl_->log.last_id());
  state->cursor = after.value_or(impl_->last_id);
  impl_->add(state);
  if (state->cursor > impl_->last_id) impl_->reset(*state);  // the cursor of another log
  impl_->read_on();
  return std::unique_ptr<EventStream>(new EventStream(std::move(state)));
}

void EventStreams::on_commit(std::int64_t last_id) {
  impl_->last_id = std::max(impl_->last_id, last_id);
  impl_->read_on();
}

void EventStreams::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  impl_->ping.reset();
  for (const auto& stream : std::vector(impl_->streams)) stream->wake_up();
}

std::int64_t EventStreams::lag() const { return impl_->streams.empty() ? 0 : impl_->last_id - impl_->tail_end; }
std::size_t EventStreams::count() const { return impl_->streams.size(); }

}  // namespace headrace::live
