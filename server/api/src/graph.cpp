#include <core/selection.hpp>

#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

struct Chosen {
  std::shared_ptr<const AssetStatuses> statuses;
  std::shared_ptr<const DrawnGraph> drawn;
};

/// Names between commas.
std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    if (end > 0) names.emplace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

/// The graph that the query's selection asks for. Call it inside a snapshot.
Result<Chosen> choose(Service& service, const http::Request& request, storage::Reader& reader) {
  const auto query = Query::parse(request, {"selection", "closed"});
  if (!query) return tl::unexpected(query.error());
  const auto selection = Selection::parse(query->text("selection").value_or("*"));
  if (!selection) return tl::unexpected(selection.error());
  const auto workspace = service.context.workspace.snapshot();
  Chosen chosen;
  chosen.statuses = service.statuses.get(*workspace, reader);
  const auto status_of = [&](int asset) {
    return std::string(to_string(chosen.statuses->status[static_cast<std::size_t>(asset)]));
  };
  auto assets = selection->resolve(*workspace->graph, status_of);
  if (!assets) return tl::unexpected(assets.error());
  chosen.drawn = service.graphs.get(*workspace, std::move(*assets), names_in(query->text("closed").value_or("")));
  return chosen;
}

std::string status_column(const Chosen& chosen) {
  std::string column = "[";
  for (const int asset : chosen.drawn->assets) {
    if (column.size() > 1) column.push_back(',');
    column.push_back(static_cast<char>('0' + static_cast<int>(chosen.statuses->status[static_cast<std::size_t>(asset)])));
  }
  return column + "]";
}

http::Response with_body(std::string body) {
  http::Response response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

Result<http::Response> get_graph(Service& service, const http::Request& request, storage::Reader& reader) {
  const storage::Reader::Snapshot snapshot(reader);
  const auto chosen = choose(service, request, reader);
  if (!chosen) return tl::unexpected(chosen.error());
  http::Response response;
  if (request.header("if-none-match").find(chosen->drawn->etag) != std::string_view::npos) {
    response.status = 304;
  } else {
    response = with_body("{\"as_of\":" + std::to_string(chosen->statuses->as_of) + ",\"status\":" + status_column(*chosen) + "," +
                         chosen->drawn->columns + "}");
  }
  response.cache_control = "private, no-cache";
  response.headers.emplace_back("ETag", chosen->drawn->etag);
  return response;
}

Result<http::Response> get_graph_status(Service& service, const http::Request& request, storage::Reader& reader) {
  const storage::Reader::Snapshot snapshot(reader);
  const auto chosen = choose(service, request, reader);
  if (!chosen) return tl::unexpected(chosen.error());
  return with_body("{\"as_of\":" + std::to_string(chosen->statuses->as_of) + ",\"etag\":" + json(chosen->drawn->etag).dump() +
                   ",\"status\":" + status_column(*chosen) + "}");
}

}  // namespace

void add_graph_routes(http::Router& router, const ServicePtr& service) {
  auto& context = service->context;
  router.add(get("/api/v1/graph", on_reader(context, [service](const http::Request& q, storage::Reader& r) {
                   return get_graph(*service, q, r);
                 })));
  router.add(get("/api/v1/graph/status", on_reader(context, [service](const http::Request& q, storage::Reader& r) {
                   return get_graph_status(*service, q, r);
                 })));
}

}  // namespace headrace::api
