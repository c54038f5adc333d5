#include <algorithm>

#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return result;
}

json latest_json(Service& service, storage::Reader& reader, const storage::AssetRow& row) {
  if (row.materialization == 0) return nullptr;
  const auto event = reader.event(row.materialization);
  return event ? materialization_json(*event, service.names.get(reader, event->run).get()) : json(nullptr);
}

struct AssetFilter {
  std::optional<std::string> group, code_location, part;
  bool takes(const AssetNode& node) const {
    const std::string node_group = node.definition ? node.definition->group : "default";
    const std::string location = node.definitions ? node.definitions->code_location : "";
    return (!group || *group == node_group) && (!code_location || *code_location == location) &&
           (!part || lower(node.key_string).find(*part) != std::string::npos);
  }
};

/// Assets are sorted by key: a page begins behind the key that the cursor holds.
Result<int> first_after(const AssetGraph& graph, const std::optional<std::string>& cursor) {
  if (!cursor) return 0;
  const auto key = AssetKey::parse(*cursor);
  if (!key) return fail(ErrorCode::invalid, "The cursor is not one that this list gave.");
  const auto nodes = graph.nodes();
  const auto found =
      std::upper_bound(nodes.begin(), nodes.end(), *key, [](const AssetKey& a, const AssetNode& b) { return a < b.key; });
  return static_cast<int>(found - nodes.begin());
}

Result<http::Response> list_assets(Service& service, const http::Request& request, storage::Reader& reader) {
  const auto query = Query::parse(request, {"group", "code_location", "q", "limit", "cursor"});
  if (!query) return tl::unexpected(query.error());
  const auto limit = query->integer("limit", 100, 1, 1000);
  if (!limit) return tl::unexpected(limit.error());
  AssetFilter filter{query->text("group"), query->text("code_location"), query->text("q")};
  if (filter.part) filter.part = lower(*filter.part);

  const storage::Reader::Snapshot snapshot(reader);
  const auto workspace = service.context.workspace.snapshot();
  const auto& graph = *workspace->graph;
  auto index = first_after(graph, query->text("cursor"));
  if (!index) return tl::unexpected(index.error());
  const auto statuses = service.statuses.get(*workspace, reader);
  json items = json::array(), next = nullptr;
  for (std::string last; *index < graph.size(); ++*index) {
    const auto& node = graph.node(*index);
    if (!filter.takes(node)) continue;
    if (static_cast<std::int64_t>(items.size()) == *limit) {
      next = last;
      break;
    }
    const auto at = static_cast<std::size_t>(*index);
    items.push_back(asset_json(graph, node, statuses->status[at], latest_json(service, reader, statuses->row[at])));
    last = node.key_string;
  }
  return http::json_response(200, list_json(std::move(items), std::move(next), statuses->as_of));
}

/// The key in the path as text. It may name an asset that only the log knows.
Result<std::string> key_in_path(const http::Request& request) {
  const auto key = AssetKey::parse(request.parameter("key"));
  if (!key) return tl::unexpected(key.error());
  return key->to_string();
}

tl::unexpected<Error> no_such_asset(const AssetGraph& graph, const std::string& key) {
  const auto near = graph.did_you_mean(key);
  return fail(ErrorCode::not_found,
              "There is no asset “" + key + "”." + (near.empty() ? "" : " Did you mean “" + near.front() + "”?"));
}

Result<http::Response> get_asset(Service& service, const http::Request& request, storage::Reader& reader) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  const auto key = key_in_path(request);
  if (!key) return tl::unexpected(key.error());
  const storage::Reader::Snapshot snapshot(reader);
  const auto workspace = service.context.workspace.snapshot();
  const auto& graph = *workspace->graph;
  const int index = graph.find(*key);
  if (index < 0) return no_such_asset(graph, *key);

  const auto statuses = service.statuses.get(*workspace, reader);
  const auto at = static_cast<std::size_t>(index);
  const auto& node = graph.node(index);
  auto body = asset_json(graph, node, statuses->status[at], latest_json(service, reader, statuses->row[at]));
  body["metadata"] = node.definition ? node.definition->metadata : json::object();
  body["config"] =
      node.definition ? config_json(node.definition->config, workspace->find(node.definitions->code_location)) : json::array();
  body["last_run"] = number_or_null(statuses->row[at].last_run);
  body["as_of"] = statuses->as_of;
  return http::json_response(200, body);
}

Result<http::Response> list_materializations(Service& service, const http::Request& request, storage::Reader& reader) {
  const auto query = Query::parse(request, {"partition", "limit", "cursor"});
  if (!query) return tl::unexpected(query.error());
  const auto limit = query->integer("limit", 50, 1, 1000);
  const auto before = query->integer("cursor", 0, 1, std::numeric_limits<std::int64_t>::max());
  const auto key = key_in_path(request);
  if (!limit) return tl::unexpected(limit.error());
  if (!before) return tl::unexpected(before.error());
  if (!key) return tl::unexpected(key.error());

  const storage::Reader::Snapshot snapshot(reader);
  const auto as_of = reader.as_of();
  const auto workspace = service.context.workspace.snapshot();
  auto events = reader.materializations(*key, query->text("partition"), *before, static_cast<int>(*limit) + 1);
  if (events.empty() && workspace->graph->find(*key) < 0 && !reader.asset(*key)) return no_such_asset(*workspace->graph, *key);
  json next = nullptr;
  if (static_cast<std::int64_t>(events.size()) > *limit) {
    events.pop_back();
    next = std::to_string(events.back().id);
  }
  json items = json::array();
  for (const auto& event : events) items.push_back(materialization_json(event, service.names.get(reader, event.run).get()));
  return http::json_response(200, list_json(std::move(items), std::move(next), as_of));
}

}  // namespace

void add_asset_routes(http::Router& router, const ServicePtr& service) {
  auto& context = service->context;
  router.add(get("/api/v1/assets", on_reader(context, [service](const http::Request& q, storage::Reader& r) {
                   return list_assets(*service, q, r);
                 })));
  router.add(get("/api/v1/assets/{key}", on_reader(context, [service](const http::Request& q, storage::Reader& r) {
                   return get_asset(*service, q, r);
                 })));
  router.add(
      get("/api/v1/assets/{key}/materializations", on_reader(context, [service](const http::Request& q, storage::Reader& r) {
            return list_materializations(*service, q, r);
          })));
}

}  // namespace headrace::api
