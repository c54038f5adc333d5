// Where an asset is defined: the lines of its source file around the definition, as they are now.
#include <code_locations/code_origin.hpp>

#include <algorithm>

#include "answer.hpp"
#include "query.hpp"
#include "render.hpp"
#include "service.hpp"
#include "source_file.hpp"

namespace headrace::api {
namespace {

constexpr std::int64_t k_most_lines = 1'000'000;
constexpr int k_context = 3, k_context_of_a_line = 20;  // the latter where only the first line of the definition is known

/// Without carriage returns; each line with its end.
std::vector<std::string_view> split_lines(std::string& text) {
  std::erase(text, '\r');
  std::vector<std::string_view> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return lines;
}

/// When the file was changed after the code that runs was made of it; 0: it was not.
std::int64_t time_changed(const SourceFile& file, const code_locations::CodeOrigin& origin) {
  if (file.changed > origin.load_began) return file.changed;
  return origin.program_written != 0 && file.written > origin.program_written ? file.written : 0;
}

void add_text(json& body, SourceFile file, const AssetDefinition& definition, const code_locations::CodeOrigin& origin,
              std::optional<int> asked_context) {
  config::mask_literals(file.text);
  file.text = origin.redactor.redact(file.text);
  const auto lines = split_lines(file.text);
  const int total = static_cast<int>(lines.size()), line = std::max(1, definition.source_line);
  const bool is_end_known = definition.source_last_line > line;  // of a docstring alone the compiler notes nothing
  const int context = asked_context.value_or(is_end_known ? k_context : k_context_of_a_line);
  body["total_lines"] = total;
  body["changed_at"] = time_or_null(time_changed(file, origin));
  if (line > total) {
    body["reason"] = definition.source_file + " has " + std::to_string(total) + " lines now, and the definition was in line " +
                     std::to_string(line) + ".";
    return;
  }
  const int first = std::max(1, line - context), last = std::min(total, std::max(line, definition.source_last_line) + context);
  std::string text;
  for (int i = first; i <= last; ++i) text += lines[static_cast<std::size_t>(i - 1)];
  body["first_line"] = first;
  body["text"] = std::move(text);
}

Result<http::Response> get_source(Service& service, const http::Request& request) {
  const auto query = Query::parse(request, {"context"});
  if (!query) return tl::unexpected(query.error());
  const auto context = query->integer("context", -1, 0, k_most_lines);
  const auto key = AssetKey::parse(request.parameter("key"));
  if (!context) return tl::unexpected(context.error());
  if (!key) return tl::unexpected(key.error());
  const auto workspace = service.context.workspace.snapshot();
  const int index = workspace->graph->find(key->to_string());
  if (index < 0) return fail(ErrorCode::not_found, "There is no asset “" + key->to_string() + "”.");

  json body;
  for (const char* name : {"file", "line", "last_line", "first_line", "total_lines", "text", "changed_at", "reason"})
    body[name] = nullptr;
  const auto& node = workspace->graph->node(index);
  const auto* location = node.definitions ? workspace->find(node.definitions->code_location) : nullptr;
  if (!node.definition || !location || !location->origin) {
    body["reason"] = "No code location defines the asset.";
    return http::json_response(200, body);
  }
  const auto& definition = *node.definition;
  if (definition.source_file.empty()) {
    body["reason"] = "Its code location does not say where the asset is defined.";
    return http::json_response(200, body);
  }
  body["file"] = definition.source_file;
  body["line"] = number_or_null(definition.source_line);
  body["last_line"] = number_or_null(definition.source_last_line);
  const auto path = std::filesystem::path(location->origin->working_directory) / definition.source_file;
  auto file = read_source_file(path);
  if (!file && file.error().code == ErrorCode::not_found) {
    body["reason"] =
        "There is no file " + path.string() + " on this machine" +
        (location->origin->program_written != 0 ? ": the program was compiled from it elsewhere, or it was removed." : ".");
  } else if (!file) {
    body["reason"] = file.error().message;
  } else {
    add_text(body, std::move(*file), definition, *location->origin,
             *context < 0 ? std::nullopt : std::optional(static_cast<int>(*context)));
  }
  return http::json_response(200, body);
}

}  // namespace

void add_source_routes(http::Router& router, const ServicePtr& service) {
  router.add(get("/api/v1/assets/{key}/source", on_reader(service->context, [service](const http::Request& q, storage::Reader&) {
                   return get_source(*service, q);
                 })));
}

}  // namespace headrace::api
