// The event stream: topics and cursor from the request, everything else is live's.
#include "answer.hpp"
#include "query.hpp"
#include "run_names.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

class LiveStream final : public http::Stream {
 public:
  explicit LiveStream(std::unique_ptr<live::EventStream> stream) : stream_(std::move(stream)) {}
  bool take(std::string& out, std::size_t most) override { return stream_->take(out, most); }
  void set_wake(std::function<void()> wake) override { stream_->set_wake(std::move(wake)); }

 private:
  std::unique_ptr<live::EventStream> stream_;
};

struct Wanted {
  live::Topics topics;
  std::vector<std::string> runs;  ///< as named
  std::optional<std::int64_t> after;
};

constexpr std::size_t k_most_runs = 64;

Result<void> add_topic(Wanted& wanted, const std::string& topic) {
  if (topic == "assets")
    wanted.topics.assets = true;
  else if (topic == "runs")
    wanted.topics.runs = true;
  else if (topic == "code-locations")
    wanted.topics.code_locations = true;
  else if (topic.starts_with("run:") && topic.size() > 4)
    wanted.runs.push_back(topic.substr(4));
  else
    return fail(ErrorCode::invalid, "There is no topic “" + topic + "”; there are run:ID, assets, runs and code-locations.");
  if (wanted.runs.size() > k_most_runs)
    return fail(ErrorCode::invalid,
                "A stream follows at most " + std::to_string(k_most_runs) + " runs by name; the topic “runs” has all.");
  return {};
}

Result<Wanted> parse_wanted(const http::Request& request) {
  const auto query = Query::parse(request, {"topics", "after"});
  if (!query) return tl::unexpected(query.error());
  Wanted wanted;
  std::string_view topics;
  const auto text = query->text("topics").value_or("");
  for (topics = text; !topics.empty();) {
    const auto end = std::min(topics.find(','), topics.size());
    if (auto added = add_topic(wanted, std::string(topics.substr(0, end))); !added) return tl::unexpected(added.error());
    topics.remove_prefix(std::min(end + 1, topics.size()));
  }
  if (text.empty())
    return fail(ErrorCode::invalid, "Say which topics: e.g. ?topics=runs,assets,code-locations or ?topics=run:42.");
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  if (query->text("after")) {
    const auto after = query->integer("after", 0, 0, most);
    if (!after) return tl::unexpected(after.error());
    wanted.after = *after;
  }
  if (const auto last = request.header("last-event-id"); !last.empty()) {
    const auto id = parse_integer("Last-Event-ID", last, 0, most);
    if (!id) return tl::unexpected(id.error());
    wanted.after = *id;
  }
  return wanted;
}

void open_stream(const ServicePtr& service, const Wanted& wanted, const http::Respond& respond) {
  http::Response response;
  response.content_type = "text/event-stream";
  response.stream = std::make_unique<LiveStream>(service->context.streams.open(wanted.topics, wanted.after));
  respond(std::move(response));
}

void stream_events(const ServicePtr& service, const http::Request& request, const http::Respond& respond) {
  auto wanted = parse_wanted(request);
  if (!wanted) return respond(problem_of(wanted.error()));
  if (wanted->runs.empty()) return open_stream(service, *wanted, respond);
  auto kept = std::make_shared<Wanted>(std::move(*wanted));
  read(service->context, respond, [service, kept, respond](storage::Reader& reader) {
    for (const auto& name : kept->runs) {
      const auto number = find_run(reader, name);
      if (!number) return respond(problem_of(number.error()));
      kept->topics.run_numbers.insert(*number);
    }
    service->context.loop.post([service, kept, respond] { open_stream(service, *kept, respond); });
  });
}

}  // namespace

void add_event_routes(http::Router& router, const ServicePtr& service) {
  router.add(get("/api/v1/events", [service](http::Request q, http::Respond respond) { stream_events(service, q, respond); }));
}

}  // namespace headrace::api
