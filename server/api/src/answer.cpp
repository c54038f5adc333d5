#include "answer.hpp"

#include <spdlog/spdlog.h>

namespace headrace::api {
namespace {

struct Row {
  ErrorCode code;
  int status;
  std::string_view name;
};
constexpr Row k_table[] = {
    {ErrorCode::invalid, 400, "invalid"},     {ErrorCode::not_found, 404, "not_found"},
    {ErrorCode::conflict, 409, "conflict"},   {ErrorCode::refused, 422, "refused"},
    {ErrorCode::forbidden, 403, "forbidden"}, {ErrorCode::unavailable, 503, "unavailable"},
    {ErrorCode::internal, 500, "internal"},
};

const Row& row(ErrorCode code) {
  for (const auto& candidate : k_table)
    if (candidate.code == code) return candidate;
  return k_table[std::size(k_table) - 1];
}

/// Runs `work` and answers for its exceptions.
template <class Work>
void guarded(const http::Respond& respond, const Work& work) {
  try {
    work();
  } catch (const storage::StorageError& error) {
    spdlog::error("api: {}", error.what());
    respond(problem_of({ErrorCode::unavailable, error.what()}));
  } catch (const std::exception& error) {
    spdlog::error("api: {}", error.what());
    respond(problem_of({ErrorCode::internal, "The request failed inside Headrace; the daemon's log says more."}));
  }
}

void answer(const http::Respond& respond, Result<http::Response> result) {
  respond(result ? std::move(*result) : problem_of(result.error()));
}

}  // namespace

int status_of(ErrorCode code) { return row(code).status; }
std::string_view name_of(ErrorCode code) { return row(code).name; }

http::Response problem_of(const Error& error) {
  auto more = nlohmann::json::object();
  for (const char* name : {"refusals", "column"})
    if (error.detail.is_object() && error.detail.contains(name)) more[name] = error.detail[name];
  return http::problem(status_of(error.code), name_of(error.code), error.message, more);
}

void read(Context& context, http::Respond respond, std::function<void(storage::Reader&)> work) {
  context.readers.post([respond = std::move(respond), work = std::move(work)](storage::Reader& reader) {
    guarded(respond, [&] { work(reader); });
  });
}

http::Handler on_reader(Context& context, ReaderHandler handler) {
  return [&context, handler = std::move(handler)](http::Request request, http::Respond respond) {
    auto shared = std::make_shared<http::Request>(std::move(request));
    read(context, respond, [handler, shared, respond](storage::Reader& reader) { answer(respond, handler(*shared, reader)); });
  };
}

http::Handler on_loop(LoopHandler handler) {
  return [handler = std::move(handler)](http::Request request, http::Respond respond) {
    guarded(respond, [&] { answer(respond, handler(request)); });
  };
}

}  // namespace headrace::api
