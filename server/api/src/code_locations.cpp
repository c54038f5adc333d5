#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

Result<http::Response> list_code_locations(Service& service, const http::Request& request) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  const auto as_of = service.context.log.last_id();  // before the snapshot: what is newer comes by the stream once more
  json items = json::array();
  for (const auto& location : service.context.workspace.snapshot()->locations) items.push_back(location_json(location));
  return http::json_response(200, list_json(std::move(items), nullptr, as_of));
}

Result<http::Response> code_location_answer(Service& service, const std::string& name, int status) {
  const auto as_of = service.context.log.last_id();
  const auto workspace = service.context.workspace.snapshot();
  const auto* location = workspace->find(name);
  if (!location) return fail(ErrorCode::not_found, "There is no code location “" + name + "”.");
  auto body = location_json(*location);
  body["as_of"] = as_of;
  return http::json_response(status, body);
}

Result<http::Response> reload(Service& service, const http::Request& request) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  if (!request.body.empty() && request.body != "{}") return fail(ErrorCode::invalid, "A reload takes no request body.");
  const auto& name = request.parameter("name");
  if (auto begun = service.context.workspace.reload(name); !begun) return tl::unexpected(begun.error());
  return code_location_answer(service, name, 202);
}

}  // namespace

void add_code_location_routes(http::Router& router, const ServicePtr& service) {
  router.add(
      get("/api/v1/code-locations", on_loop([service](const http::Request& q) { return list_code_locations(*service, q); })));
  router.add(get("/api/v1/code-locations/{name}", on_loop([service](const http::Request& q) -> Result<http::Response> {
                   if (auto query = Query::parse(q, {}); !query) return tl::unexpected(query.error());
                   return code_location_answer(*service, q.parameter("name"), 200);
                 })));
  router.add(
      post("/api/v1/code-locations/{name}/reload", on_loop([service](const http::Request& q) { return reload(*service, q); })));
}

}  // namespace headrace::api
