// The daemon itself: status, health, metrics.
#include <unistd.h>

#include <array>

#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

using code_locations::LocationState;

Result<http::Response> get_status(Service& service, const http::Request& request, storage::Reader& reader) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  auto& context = service.context;
  const storage::Reader::Snapshot snapshot(reader);
  const auto as_of = reader.as_of();
  const auto workspace = context.workspace.snapshot();
  return http::json_response(200, {{"version", context.version},
                                   {"pid", ::getpid()},
                                   {"home", context.home.string()},
                                   {"started_at", to_rfc3339(context.started_at)},
                                   {"code_locations", workspace->locations.size()},
                                   {"assets", workspace->graph->size()},
                                   {"unfinished_runs", reader.unfinished_runs().size()},
                                   {"as_of", as_of}});
}

Result<http::Response> get_health(const http::Request&) { return http::json_response(200, {{"status", "ok"}}); }

Result<http::Response> get_readiness(Service& service, const http::Request&) {
  json loading = json::array();
  for (const auto& location : service.context.workspace.snapshot()->locations)
    if (location.state == LocationState::loading) loading.push_back(location.name);
  const bool ready = loading.empty();
  return http::json_response(ready ? 200 : 503, {{"ready", ready}, {"loading", std::move(loading)}});
}

class Metrics {
 public:
  void add(std::string_view name, std::string_view type, std::string_view help, std::int64_t value,
           std::string_view labels = {}) {
    if (name != last_) {
      text_.append("# HELP ")
          .append(name)
          .append(" ")
          .append(help)
          .append("\n# TYPE ")
          .append(name)
          .append(" ")
          .append(type)
          .append("\n");
      last_ = name;
    }
    text_.append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_, last_;
};

Result<http::Response> get_metrics(Service& service, const http::Request&, const http::ServerCounts& counts,
                                   storage::Reader& reader) {
  auto& context = service.context;
  const auto workspace = context.workspace.snapshot();
  std::array<std::int64_t, 3> states{};
  for (const auto& location : workspace->locations) ++states[static_cast<std::size_t>(location.state)];
  Metrics metrics;
  metrics.add("headrace_start_time_seconds", "gauge", "When the daemon started, seconds since 1970.",
              context.started_at / 1'000'000);
  metrics.add("headrace_last_event_id", "counter", "The last event of the log.", reader.as_of());
  metrics.add("headrace_unfinished_runs", "gauge", "Runs that have not ended.",
              static_cast<std::int64_t>(reader.unfinished_runs().size()));
  metrics.add("headrace_assets", "gauge", "Assets in the graph.", workspace->graph->size());
  metrics.add("headrace_code_locations", "gauge", "Code locations by state.", states[0], "{state=\"loading\"}");
  metrics.add("headrace_code_locations", "gauge", "", states[1], "{state=\"loaded\"}");
  metrics.add("headrace_code_locations", "gauge", "", states[2], "{state=\"failed\"}");
  metrics.add("headrace_http_connections", "gauge", "Open connections.", static_cast<std::int64_t>(counts.connections));
  metrics.add("headrace_http_streams", "gauge", "Open event streams.", static_cast<std::int64_t>(counts.streams));
  metrics.add("headrace_http_requests_total", "counter", "Requests since the start.", static_cast<std::int64_t>(counts.requests));
  metrics.add("headrace_http_refused_total", "counter", "Requests refused before a handler saw them.",
              static_cast<std::int64_t>(counts.refused));
  http::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metrics.take();
  return response;
}

/// The server's counts are read on the I/O thread, everything else on the pool.
void serve_metrics(const ServicePtr& service, http::Request request, http::Respond respond) {
  const auto counts = service->context.server_counts ? service->context.server_counts() : http::ServerCounts{};
  auto shared = std::make_shared<http::Request>(std::move(request));
  read(service->context, respond,
       [service, counts, shared, respond](storage::Reader& reader) { respond(*get_metrics(*service, *shared, counts, reader)); });
}

}  // namespace

void add_status_routes(http::Router& router, const ServicePtr& service) {
  router.add(get("/api/v1/status", on_reader(service->context, [service](const http::Request& q, storage::Reader& r) {
                   return get_status(*service, q, r);
                 })));
  router.add(get("/healthz", on_loop(get_health), http::Access::open));
  router.add(
      get("/readyz", on_loop([service](const http::Request& q) { return get_readiness(*service, q); }), http::Access::open));
  router.add(get("/metrics", [service](http::Request q, http::Respond respond) {
    serve_metrics(service, std::move(q), std::move(respond));
  }));
}

}  // namespace headrace::api
