#include <api/router.hpp>

#include <core/json.hpp>

#include "render.hpp"
#include "service.hpp"

namespace headrace::api {

http::Router make_router(Context& context) {
  const auto service = std::make_shared<Service>(context);
  http::Router router;
  add_status_routes(router, service);
  add_session_routes(router, service);
  add_metrics_routes(router, service);
  add_code_location_routes(router, service);
  add_resource_routes(router, service);
  add_asset_routes(router, service);
  add_preview_routes(router, service);
  add_source_routes(router, service);
  add_graph_routes(router, service);
  add_run_routes(router, service);
  add_command_routes(router, service);
  add_event_routes(router, service);
  add_log_routes(router, service);
  add_openapi_routes(router, service);
  return router;
}

live::EventStreams::Render event_renderer() {
  auto names = std::make_shared<RunNames>();
  return [names](const Event& event, storage::Reader& reader) {
    return dump_json(event_json(event, names->get(reader, event.run).get()));
  };
}

}  // namespace headrace::api
