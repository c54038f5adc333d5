// Signing in and out: the token is traded for a cookie that no script can read.
#include <http/access_control.hpp>

#include <core/json.hpp>

#include "answer.hpp"
#include "query.hpp"
#include "run_body.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

Result<http::Response> get_session(Service& service, const http::Request& request) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  auto* access = service.context.access;
  const bool needs_token = access && access->needs_token();
  return http::json_response(200, {{"token_needed", needs_token}, {"signed_in", needs_token && access->is_signed_in(request)}});
}

Result<http::Response> sign_in(Service& service, const http::Request& request) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  const auto body = parse_json(request.body, k_most_json_depth);
  const bool has_token =
      body && body->is_object() && body->size() == 1 && body->contains("token") && (*body)["token"].is_string();
  if (!has_token) return fail(ErrorCode::invalid, R"(The request body must be {"token": "…"}.)");
  if (!service.context.access) return fail(ErrorCode::conflict, "This daemon has no token: nobody needs to sign in.");
  return service.context.access->sign_in(request, (*body)["token"].get_ref<const std::string&>());
}

Result<http::Response> sign_out(Service& service, const http::Request& request) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  if (!service.context.access) return http::Response{.status = 204};
  return service.context.access->sign_out(request);
}

}  // namespace

void add_session_routes(http::Router& router, const ServicePtr& service) {
  using http::Access;
  using http::Method;
  const auto add = [&](Method method, Result<http::Response> (*serve)(Service&, const http::Request&)) {
    router.add({method, "/api/v1/session", Access::session,
                on_loop([service, serve](const http::Request& request) { return serve(*service, request); })});
  };
  add(Method::get, get_session);
  add(Method::post, sign_in);
  add(Method::del, sign_out);
}

}  // namespace headrace::api
