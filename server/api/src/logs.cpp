// What an attempt of a step printed: a range of one of its worker's files, found by ids of the database, masked by pattern.
#include <config/redaction.hpp>

#include "answer.hpp"
#include "file_range.hpp"
#include "query.hpp"
#include "run_names.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

constexpr std::int64_t k_most_bytes = 1024 * 1024;
constexpr std::int64_t k_usual_bytes = 256 * 1024;

struct LogPlace {
  std::string path;        ///< below home
  std::int64_t begin = 0;  ///< of the attempt, in the file
  std::int64_t end = -1;   ///< -1: the attempt goes on
  std::string_view stream;
};

Result<LogPlace> find_log(Service& service, const http::Request& request, storage::Reader& reader) {
  static constexpr std::string_view k_streams[] = {"stdout", "stderr", "log"};
  const auto& stream = request.parameter("stream");
  const auto found = std::find(std::begin(k_streams), std::end(k_streams), stream);
  if (found == std::end(k_streams))
    return fail(ErrorCode::not_found, "There is no log “" + stream + "”; there are stdout, stderr and log.");
  const auto number = find_run(reader, request.parameter("id"));
  if (!number) return tl::unexpected(number.error());
  const auto attempt = parse_integer("The attempt", request.parameter("n"), 1, 1'000'000);
  if (!attempt) return tl::unexpected(attempt.error());
  const auto name = service.names.get(reader, *number);
  const auto& key = request.parameter("step");
  const auto& keys = name->step_keys;
  const auto step = std::find(keys.begin(), keys.end(), key);
  if (step == keys.end()) return fail(ErrorCode::not_found, "Run " + std::to_string(*number) + " has no step “" + key + "”.");
  const auto row = reader.attempt(*number, static_cast<int>(step - keys.begin()), static_cast<int>(*attempt));
  if (!row)
    return fail(ErrorCode::not_found,
                "Step “" + key + "” of run " + std::to_string(*number) + " had no attempt " + std::to_string(*attempt) + ".");
  const auto index = static_cast<std::size_t>(found - std::begin(k_streams));
  LogPlace place;
  place.path = "runs/" + std::to_string(*number) + "/" + std::to_string(row->worker_id) + "/" + std::string(*found);
  place.begin = row->begin[index];
  place.end = row->end[index];
  place.stream = *found;
  return place;
}

/// Cuts the end back to whole lines, so that no credential is cut in two; a single line longer than the answer goes out as it is.
void cut_to_lines(std::string& bytes, bool more_follows) {
  if (!more_follows) return;
  const auto last = bytes.rfind('\n');
  if (last != std::string::npos) bytes.resize(last + 1);
}

Result<http::Response> get_log(Service& service, const http::Request& request, storage::Reader& reader) {
  const auto query = Query::parse(request, {"offset", "limit"});
  if (!query) return tl::unexpected(query.error());
  const auto offset = query->integer("offset", 0, 0, std::int64_t{1} << 50);
  const auto limit = query->integer("limit", k_usual_bytes, 1, k_most_bytes);
  if (!offset) return tl::unexpected(offset.error());
  if (!limit) return tl::unexpected(limit.error());
  const auto place = find_log(service, request, reader);
  if (!place) return tl::unexpected(place.error());

  const bool ended = place->end >= 0;
  const auto left = ended ? std::max<std::int64_t>(0, place->end - place->begin - *offset) : k_most_bytes;
  auto range = read_file_range(service.context.home, place->path, place->begin + *offset, std::min(*limit, left));
  if (!range) return tl::unexpected(range.error());
  const auto whole = ended ? std::min(place->end, range->size) : range->size;
  cut_to_lines(range->bytes, place->begin + *offset + static_cast<std::int64_t>(range->bytes.size()) < whole);
  const auto next = *offset + static_cast<std::int64_t>(range->bytes.size());
  config::mask_credentials(range->bytes);

  http::Response response;
  response.content_type = place->stream == "log" ? "application/x-ndjson; charset=utf-8" : "text/plain; charset=utf-8";
  response.body = std::move(range->bytes);
  response.headers = {{"Headrace-Log-Offset", std::to_string(*offset)},
                      {"Headrace-Log-Next", std::to_string(next)},
                      {"Headrace-Log-Complete", ended && place->begin + next >= whole ? "true" : "false"}};
  return response;
}

}  // namespace

void add_log_routes(http::Router& router, const ServicePtr& service) {
  router.add(get(
      "/api/v1/runs/{id}/steps/{step}/attempts/{n}/logs/{stream}",
      on_reader(service->context, [service](const http::Request& q, storage::Reader& r) { return get_log(*service, q, r); })));
}

}  // namespace headrace::api
