// Server-sent events: every browser's tail of the event log, as frames. Knows neither HTTP nor JSON: the frames' data is
// rendered by a function that the API gives.
//
// One tail for all: after a commit one piece of work on the reader pool reads on and renders each event once. A stream
// that is behind the tail (a reconnect, a slow reader) catches up from the database by itself, a bounded batch at a time.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <async/loop.hpp>
#include <live/reader_pool.hpp>
#include <storage/event_log.hpp>

namespace headrace::live {

/// Which events a stream gives; daemon_started always is one of them.
struct Topics {
  bool assets = false;          ///< every event with an asset key
  bool runs = false;            ///< run_created, run_started, run_canceling, run_ended
  bool code_locations = false;  ///< code_location_loaded, code_location_failed
  std::set<std::int64_t> run_numbers;
  bool want(const Event& event) const;
};

struct StreamSettings {
  std::chrono::milliseconds ping{15'000};
  std::size_t tail_frames = 4096;      ///< rendered frames kept for all streams …
  std::size_t tail_bytes = 4 << 20;    ///< … and what they hold: an event can be a megabyte of metadata
  std::int64_t most_behind = 100'000;  ///< events; a stream further behind is reset
  int batch = 500;                     ///< events read at once
};

class EventStreams;

/// One reader's stream. I/O thread only. Destroying it ends it.
class EventStream {
 public:
  ~EventStream();
  EventStream(const EventStream&) = delete;
  /// Moves whole frames to `out`, about `most` bytes; false once the streams are stopped.
  bool take(std::string& out, std::size_t most);
  void set_wake(std::function<void()> wake);
  std::int64_t cursor() const;

  struct State;

 private:
  friend class EventStreams;
  explicit EventStream(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// I/O thread only, but for what is said otherwise.
class EventStreams {
 public:
  /// The event as one line of JSON. Called on the pool's threads, several at once.
  using Render = std::function<std::string(const Event& event, storage::Reader& reader)>;
  EventStreams(async::Loop& loop, storage::EventLog& log, ReaderPool& pool, Render render, StreamSettings settings = {});
  ~EventStreams();
  EventStreams(const EventStreams&) = delete;

  /// `after`: the last id that the reader has; none: from now on.
  std::unique_ptr<EventStream> open(Topics topics, std::optional<std::int64_t> after);
  /// After a commit, with the last id.
  void on_commit(std::int64_t last_id);
  /// Ends all streams.
  void stop();
  std::size_t count() const;
  std::int64_t lag() const;  ///< committed events that the streams' common tail has not read yet

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace headrace::live
