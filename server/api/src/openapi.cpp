// The API's own description, embedded by openapi_json.S.
#include "answer.hpp"
#include "query.hpp"
#include "service.hpp"

extern "C" {
extern const char headrace_openapi_begin[];
extern const char headrace_openapi_end[];
}

namespace headrace::api {

void add_openapi_routes(http::Router& router, const ServicePtr&) {
  router.add(
      get("/api/openapi.json", on_loop([](const http::Request& request) -> Result<http::Response> {
            if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
            http::Response response;
            response.content_type = "application/json";
            response.fixed = {headrace_openapi_begin, static_cast<std::size_t>(headrace_openapi_end - headrace_openapi_begin)};
            response.cache_control = "no-cache";
            return response;
          })));
}

}  // namespace headrace::api
