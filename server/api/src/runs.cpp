// Reading runs, and the plan of one.
#include <core/json.hpp>

#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "run_body.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

Result<http::Response> list_runs(const http::Request& request, storage::Reader& reader) {
  const auto query = Query::parse(request, {"status", "asset", "limit", "cursor"});
  if (!query) return tl::unexpected(query.error());
  const auto limit = query->integer("limit", 50, 1, 1000);
  const auto before = query->integer("cursor", 0, 1, std::numeric_limits<std::int64_t>::max());
  if (!limit) return tl::unexpected(limit.error());
  if (!before) return tl::unexpected(before.error());
  storage::Reader::RunFilter filter;
  if (const auto name = query->text("status")) {
    const auto status = run_status_from(*name);
    if (!status) return tl::unexpected(status.error());
    filter.status = *status;
  }
  if (const auto text = query->text("asset")) {
    const auto key = AssetKey::parse(*text);
    if (!key) return tl::unexpected(key.error());
    filter.asset_key = key->to_string();
  }
  filter.before = *before;
  filter.limit = static_cast<int>(*limit) + 1;

  const storage::Reader::Snapshot snapshot(reader);
  const auto as_of = reader.as_of();
  auto runs = reader.runs(filter);
  json next = nullptr;
  if (static_cast<std::int64_t>(runs.size()) > *limit) {
    runs.pop_back();
    next = std::to_string(runs.back().number);
  }
  json items = json::array();
  for (const auto& run : runs) items.push_back(run_json(run));
  return http::json_response(200, list_json(std::move(items), std::move(next), as_of));
}

struct RunDetail {
  json body;
  std::int64_t number = 0;
  std::vector<int> open;  ///< indices of waiting and ready steps: the coordinator may know for whom they wait
};

Result<RunDetail> read_run(const http::Request& request, storage::Reader& reader) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  const storage::Reader::Snapshot snapshot(reader);
  const auto as_of = reader.as_of();
  const auto number = find_run(reader, request.parameter("id"));
  if (!number) return tl::unexpected(number.error());
  const auto run = reader.run(*number);
  if (!run) return fail(ErrorCode::not_found, "Run " + std::to_string(*number) + " is gone.");
  RunDetail detail;
  detail.number = *number;
  detail.body = run_json(*run);
  detail.body["held_by"] = nullptr;
  detail.body["as_of"] = as_of;
  detail.body["steps"] = json::array();
  for (const auto& step : reader.steps(*number)) {
    detail.body["steps"].push_back(step_json(step));
    if (step.status == StepStatus::waiting || step.status == StepStatus::ready) detail.open.push_back(step.index);
  }
  if (is_final(run->status)) detail.open.clear();
  return detail;
}

/// For whom or what the run and its steps wait, as the coordinator knows it now. I/O thread.
void add_holds(const runs::RunLauncher& launcher, RunDetail& detail) {
  detail.body["held_by"] = text_or_null(launcher.held_by(detail.number, -1));
  for (const int step : detail.open) {
    auto& body = detail.body["steps"][static_cast<std::size_t>(step)];
    body["waits_for"] = number_or_null(launcher.waits_for(detail.number, step));
    body["held_by"] = text_or_null(launcher.held_by(detail.number, step));
  }
}

/// The database on the pool, then the coordinator on the I/O thread.
void get_run(const ServicePtr& service, http::Request request, http::Respond respond) {
  auto shared = std::make_shared<http::Request>(std::move(request));
  read(service->context, respond, [service, shared, respond](storage::Reader& reader) {
    auto detail = read_run(*shared, reader);
    if (!detail) return respond(problem_of(detail.error()));
    if (detail->open.empty()) return respond(http::json_response(200, detail->body));
    auto kept = std::make_shared<RunDetail>(std::move(*detail));
    service->context.loop.post([service, kept, respond] {
      add_holds(service->context.launcher, *kept);
      respond(http::json_response(200, kept->body));
    });
  });
}

Result<http::Response> plan_run(Service& service, const http::Request& request, storage::Reader& reader) {
  const auto wanted = parse_run_body(request);
  if (!wanted) return tl::unexpected(wanted.error());
  const auto workspace = service.context.workspace.snapshot();
  const storage::Reader::Snapshot snapshot(reader);
  const auto as_of = reader.as_of();
  const auto preview = runs::preview_run(*workspace, reader, *wanted);
  if (!preview) return tl::unexpected(preview.error());
  auto body = plan_json(*preview, *workspace->graph);
  body["as_of"] = as_of;
  return http::json_response(200, body);
}

Result<http::Response> list_run_events(Service& service, const http::Request& request, storage::Reader& reader) {
  const auto query = Query::parse(request, {"after", "limit"});
  if (!query) return tl::unexpected(query.error());
  const auto after = query->integer("after", 0, 0, std::numeric_limits<std::int64_t>::max());
  const auto limit = query->integer("limit", 1000, 1, 5000);
  if (!after) return tl::unexpected(after.error());
  if (!limit) return tl::unexpected(limit.error());
  const storage::Reader::Snapshot snapshot(reader);
  const auto as_of = reader.as_of();
  const auto number = find_run(reader, request.parameter("id"));
  if (!number) return tl::unexpected(number.error());
  const auto name = service.names.get(reader, *number);
  json items = json::array();
  for (const auto& event : reader.run_events(*number, *after, static_cast<int>(*limit)))
    items.push_back(event_json(event, name.get()));
  return http::json_response(200, {{"items", std::move(items)}, {"as_of", as_of}});
}

}  // namespace

void add_run_routes(http::Router& router, const ServicePtr& service) {
  auto& context = service->context;
  router.add(get("/api/v1/runs", on_reader(context, list_runs)));
  router.add(get("/api/v1/runs/{id}",
                 [service](http::Request q, http::Respond respond) { get_run(service, std::move(q), std::move(respond)); }));
  router.add(get("/api/v1/runs/{id}/events", on_reader(context, [service](const http::Request& q, storage::Reader& r) {
                   return list_run_events(*service, q, r);
                 })));
  router.add(post("/api/v1/runs/plan", on_reader(context, [service](const http::Request& q, storage::Reader& r) {
                    return plan_run(*service, q, r);
                  })));
}

}  // namespace headrace::api
