// Launching, retrying and canceling runs.
#include <core/json.hpp>

#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "run_body.hpp"
#include "service.hpp"

namespace headrace::api {

Result<runs::RunRequest> parse_run_body(const http::Request& request) {
  if (auto query = Query::parse(request, {}); !query) return tl::unexpected(query.error());
  const auto body = parse_json(request.body, k_most_json_depth);
  if (!body) return fail(ErrorCode::invalid, "The request body is not the JSON it has to be: " + body.error().message);
  return runs::parse_run_request(*body);
}

namespace {

http::Response reference(Service& service, int status, const std::string& run_id, std::int64_t number) {
  auto response = http::json_response(status, {{"run_id", run_id}, {"number", number}, {"as_of", service.context.log.last_id()}});
  response.headers.emplace_back("Location", "/api/v1/runs/" + std::to_string(number));
  return response;
}

/// The coordinator writes refusals as it keeps them; the API as its description says.
Error with_rendered_refusals(Error error) {
  if (!error.detail.is_object() || !error.detail.contains("refusals")) return error;
  json refusals = json::array();
  for (const auto& item : error.detail["refusals"]) {
    json refusal;
    for (const char* name : {"code", "message", "asset_key", "resource", "variable", "code_location"})
      refusal[name] = item.contains(name) ? item[name] : json(nullptr);
    if (refusal["asset_key"].is_string()) refusal["asset_key"] = key_or_null(refusal["asset_key"].get<std::string>());
    refusals.push_back(std::move(refusal));
  }
  error.detail = {{"refusals", std::move(refusals)}};
  return error;
}

/// The answer to a launch, and to a retry, which launches too.
std::function<void(Result<runs::LaunchedRun>)> answer_launch(const ServicePtr& service, const http::Respond& respond) {
  return [service, respond](Result<runs::LaunchedRun> run) {
    if (!run) return respond(problem_of(with_rendered_refusals(run.error())));
    respond(reference(*service, run->is_new ? 201 : 200, run->run_id, run->number));
  };
}

void launch_run(const ServicePtr& service, const http::Request& request, const http::Respond& respond) {
  auto wanted = parse_run_body(request);
  if (!wanted) return respond(problem_of(wanted.error()));
  service->context.launcher.launch(std::move(*wanted), answer_launch(service, respond));
}

Result<runs::RetryFrom> parse_retry_body(const http::Request& request) {
  const auto body = parse_json(request.body, k_most_json_depth);
  if (!body) return fail(ErrorCode::invalid, "The request body is not the JSON it has to be: " + body.error().message);
  const bool has_from = body->is_object() && body->size() == 1 && body->contains("from") && (*body)["from"].is_string();
  const std::string from = has_from ? (*body)["from"].get<std::string>() : "";
  if (from != "failure" && from != "start")
    return fail(ErrorCode::invalid, R"(The request body must be {"from": "failure"} or {"from": "start"}.)");
  return from == "start" ? runs::RetryFrom::start : runs::RetryFrom::failure;
}

/// Which run it is, on the pool; the command, on the I/O thread.
void serve_retry(const ServicePtr& service, const http::Request& request, const http::Respond& respond) {
  if (auto query = Query::parse(request, {}); !query) return respond(problem_of(query.error()));
  const auto from = parse_retry_body(request);
  if (!from) return respond(problem_of(from.error()));
  const auto id = request.parameter("id");
  read(service->context, respond, [service, id, from = *from, respond](storage::Reader& reader) {
    const auto number = find_run(reader, id);
    if (!number) return respond(problem_of(number.error()));
    service->context.loop.post([service, number = *number, from, respond] {
      service->context.launcher.retry(number, from, answer_launch(service, respond));
    });
  });
}

void cancel_run(const ServicePtr& service, const std::string& run_id, std::int64_t number, const http::Respond& respond) {
  service->context.launcher.cancel(number, [service, run_id, number, respond](Result<void> done) {
    if (!done) return respond(problem_of(done.error()));
    respond(reference(*service, 202, run_id, number));
  });
}

/// Which run it is, on the pool; the command, on the I/O thread.
void serve_cancel(const ServicePtr& service, const http::Request& request, const http::Respond& respond) {
  if (auto query = Query::parse(request, {}); !query) return respond(problem_of(query.error()));
  if (!request.body.empty() && request.body != "{}")
    return respond(problem_of({ErrorCode::invalid, "Canceling takes no request body."}));
  const auto id = request.parameter("id");
  read(service->context, respond, [service, id, respond](storage::Reader& reader) {
    const auto number = find_run(reader, id);
    if (!number) return respond(problem_of(number.error()));
    const auto run_id = reader.run(*number)->run_id;
    service->context.loop.post([service, run_id, number = *number, respond] { cancel_run(service, run_id, number, respond); });
  });
}

}  // namespace

void add_command_routes(http::Router& router, const ServicePtr& service) {
  router.add(post("/api/v1/runs", [service](http::Request q, http::Respond respond) { launch_run(service, q, respond); }));
  router.add(
      post("/api/v1/runs/{id}/retry", [service](http::Request q, http::Respond respond) { serve_retry(service, q, respond); }));
  router.add(
      post("/api/v1/runs/{id}/cancel", [service](http::Request q, http::Respond respond) { serve_cancel(service, q, respond); }));
}

}  // namespace headrace::api
