// What all handlers share, and the routes' parts: one source for each noun.
#pragma once

#include <api/context.hpp>
#include <http/router.hpp>

#include "asset_statuses.hpp"
#include "graph_cache.hpp"
#include "log_space.hpp"
#include "run_names.hpp"

namespace headrace::api {

struct Service {
  explicit Service(Context& given) : context(given) {}
  Context& context;
  RunNames names;
  AssetStatusCache statuses;
  GraphCache graphs;
  LogSpace log_space;
};
using ServicePtr = std::shared_ptr<Service>;

void add_status_routes(http::Router& router, const ServicePtr& service);         // status.cpp
void add_session_routes(http::Router& router, const ServicePtr& service);        // session.cpp
void add_metrics_routes(http::Router& router, const ServicePtr& service);        // metrics.cpp
void add_code_location_routes(http::Router& router, const ServicePtr& service);  // code_locations.cpp
void add_resource_routes(http::Router& router, const ServicePtr& service);       // resources.cpp
void add_asset_routes(http::Router& router, const ServicePtr& service);          // assets.cpp
void add_preview_routes(http::Router& router, const ServicePtr& service);        // preview.cpp
void add_source_routes(http::Router& router, const ServicePtr& service);         // source.cpp
void add_graph_routes(http::Router& router, const ServicePtr& service);          // graph.cpp
void add_run_routes(http::Router& router, const ServicePtr& service);            // runs.cpp
void add_command_routes(http::Router& router, const ServicePtr& service);        // commands.cpp
void add_event_routes(http::Router& router, const ServicePtr& service);          // events.cpp
void add_log_routes(http::Router& router, const ServicePtr& service);            // logs.cpp
void add_openapi_routes(http::Router& router, const ServicePtr& service);        // openapi.cpp

}  // namespace headrace::api
