// The daemon itself: status and health.
#include <unistd.h>

#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

using code_locations::LocationState;

json storage_json(Service& service, storage::Reader& reader) {
  const auto& home = service.context.home;
  std::error_code error;
  const auto disk = std::filesystem::space(home, error);
  return {{"database_bytes", reader.used_bytes()},
          {"log_bytes", service.log_space.bytes(home)},
          {"available_bytes", error ? 0 : disk.available},
          {"disk_bytes", error ? 0 : disk.capacity}};
}

Result<http::Response> get_status(Service& service, const http::Request& request, std::size_t workers, const std::string& trouble,
                                  storage::Reader& reader) {
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
                                   {"workers", workers},
                                   {"trouble", text_or_null(trouble)},
                                   {"storage", storage_json(service, reader)},
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

}  // namespace

void add_status_routes(http::Router& router, const ServicePtr& service) {
  router.add(get("/api/v1/status", [service](http::Request q, http::Respond respond) {
    // The coordinator's, so on the I/O thread.
    const auto workers = service->context.launcher.living_workers();
    const auto trouble = service->context.launcher.trouble();
    auto shared = std::make_shared<http::Request>(std::move(q));
    read(service->context, respond, [service, workers, trouble, shared, respond](storage::Reader& reader) {
      auto response = get_status(*service, *shared, workers, trouble, reader);
      respond(response ? std::move(*response) : problem_of(response.error()));
    });
  }));
  router.add(get("/healthz", on_loop(get_health), http::Access::open));
  router.add(
      get("/readyz", on_loop([service](const http::Request& q) { return get_readiness(*service, q); }), http::Access::open));
}

}  // namespace headrace::api
