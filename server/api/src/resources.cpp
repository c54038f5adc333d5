#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

/// The code location in the path, with the definitions that serve, if any.
Result<code_locations::LocationView> location_of(Service& service, const http::Request& request) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  const auto& name = request.parameter("name");
  const auto workspace = service.context.workspace.snapshot();
  const auto* location = workspace->find(name);
  if (!location) return fail(ErrorCode::not_found, "There is no code location “" + name + "”.");
  return *location;
}

Result<http::Response> list_resources(Service& service, const http::Request& request) {
  const auto as_of = service.context.log.last_id();
  const auto location = location_of(service, request);
  if (!location) return tl::unexpected(location.error());
  json items = json::array();
  if (location->definitions)
    for (const auto& resource : location->definitions->resources) items.push_back(resource_json(*location, resource));
  return http::json_response(200, list_json(std::move(items), nullptr, as_of));
}

Result<http::Response> get_resource(Service& service, const http::Request& request) {
  const auto as_of = service.context.log.last_id();
  const auto location = location_of(service, request);
  if (!location) return tl::unexpected(location.error());
  const auto& key = request.parameter("key");
  const auto* resource = location->definitions ? location->definitions->find_resource(key) : nullptr;
  if (!resource)
    return fail(ErrorCode::not_found, "Code location “" + request.parameter("name") + "” has no resource “" + key + "”.");
  auto body = resource_json(*location, *resource);
  body["as_of"] = as_of;
  return http::json_response(200, body);
}

}  // namespace

void add_resource_routes(http::Router& router, const ServicePtr& service) {
  router.add(get("/api/v1/code-locations/{name}/resources",
                 on_loop([service](const http::Request& q) { return list_resources(*service, q); })));
  router.add(get("/api/v1/code-locations/{name}/resources/{key}",
                 on_loop([service](const http::Request& q) { return get_resource(*service, q); })));
}

}  // namespace headrace::api
