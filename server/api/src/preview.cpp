// The first rows of an asset's stored value.
#include <core/json.hpp>
#include <http/target.hpp>

#include <array>
#include <utility>

#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

bool has_preview(const json& stored) {
  const auto format = stored.is_object() ? stored.value("format", "") : "";
  return format == "csv" || format == "parquet" || format == "arrow_ipc" || format == "json";
}

/// How a value is stored of which only the path is known, by the name of its file; null where that does not say the format.
/// A relative path is the code location's, whose worker reads it.
json stored_at_path(const json& metadata) {
  const auto path = metadata.is_object() ? metadata.value("path", json()) : json();
  if (!path.is_object() || path.value("type", "") != "path" || !path.value("value", json()).is_string()) return nullptr;
  static constexpr std::array<std::pair<std::string_view, const char*>, 6> k_formats{{{".csv", "csv"},
                                                                                      {".parquet", "parquet"},
                                                                                      {".arrow", "arrow_ipc"},
                                                                                      {".feather", "arrow_ipc"},
                                                                                      {".ipc", "arrow_ipc"},
                                                                                      {".json", "json"}}};
  const auto text = path["value"].get<std::string>();
  for (const auto& [ending, format] : k_formats) {
    if (text.size() <= ending.size() || text.compare(text.size() - ending.size(), ending.size(), ending) != 0) continue;
    return {{"uri", "file:" + http::percent_encode(text)},
            {"format", format},
            {"schema", nullptr},
            {"bytes", nullptr},
            {"etag", nullptr}};
  }
  return nullptr;
}

json body_of(const Event& event, const json& stored, std::int64_t as_of) {
  json body{{"materialization", event.id}, {"stored", stored}, {"reason", nullptr}, {"as_of", as_of}};
  for (const char* name : {"columns", "rows", "total_rows", "text"}) body[name] = nullptr;
  return body;
}

std::string reason_of(const json& stored) {
  if (stored.is_null()) return "Its IO manager does not say how it is stored.";
  const auto format = stored.value("format", "");
  return format == "pickle" ? "It is stored as a pickle, which only its own code opens."
                            : "There is no preview of the format \"" + format + "\".";
}

/// The asset's own code location, whose credentials are those that stored the value, if it makes previews; else one that does.
std::string reader_of(const code_locations::WorkspaceSnapshot& workspace, const std::string& own) {
  const auto makes_previews = [](const code_locations::LocationView* location) {
    return location && location->definitions && (location->language == "python" || location->language == "cpp");
  };
  if (makes_previews(workspace.find(own))) return own;
  for (const auto& each : workspace.locations)
    if (makes_previews(&each)) return each.name;
  return own;
}

/// What is stored, on the pool; its first rows, from a worker.
void serve_preview(const ServicePtr& service, const http::Request& request, const http::Respond& respond) {
  const auto query = Query::parse(request, {"partition"});
  if (!query) return respond(problem_of(query.error()));
  const auto key = AssetKey::parse(request.parameter("key"));
  if (!key) return respond(problem_of(key.error()));
  read(service->context, respond,
       [service, key = key->to_string(), partition = query->text("partition"), respond](storage::Reader& reader) {
         const auto workspace = service->context.workspace.snapshot();
         const int index = workspace->graph->find(key);
         const auto newest = reader.materializations(key, partition, 0, 1);
         if (newest.empty())
           return respond(problem_of({ErrorCode::not_found, "“" + key + "” was never materialized: nothing is stored."}));
         const auto payload = parse_json(newest.front().payload, k_max_json_depth);
         const json stored = payload ? payload->value("stored", json(nullptr)) : json(nullptr);
         auto body = body_of(newest.front(), stored, reader.as_of());
         const auto* node_definitions = index < 0 ? nullptr : workspace->graph->node(index).definitions;
         const json value = stored.is_null() && payload ? stored_at_path(payload->value("metadata", json())) : stored;
         if (!has_preview(value) || !node_definitions || !service->context.preview) {
           body["reason"] = !node_definitions ? "No code location defines the asset now." : reason_of(stored);
           return respond(http::json_response(200, body));
         }
         service->context.loop.post(
             [service, body, value, location = reader_of(*workspace, node_definitions->code_location), respond] {
               service->context.preview(location, value, [body, respond](Result<json> found) mutable {
                 if (!found) {
                   body["reason"] = found.error().message;
                 } else {
                   for (const char* name : {"columns", "rows", "total_rows", "text"})
                     body[name] = found->value(name, json(nullptr));
                 }
                 respond(http::json_response(200, body));
               });
             });
       });
}

}  // namespace

void add_preview_routes(http::Router& router, const ServicePtr& service) {
  router.add(get("/api/v1/assets/{key}/preview",
                 [service](http::Request q, http::Respond respond) { serve_preview(service, q, respond); }));
}

}  // namespace headrace::api
