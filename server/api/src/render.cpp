#include "render.hpp"

#include <core/json.hpp>

namespace headrace::api {

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }
json time_or_null(std::int64_t microseconds) { return microseconds == 0 ? json(nullptr) : json(to_rfc3339(microseconds)); }
json number_or_null(std::int64_t number) { return number == 0 ? json(nullptr) : json(number); }

json key_json(const std::string& key_string) {
  const auto key = AssetKey::parse(key_string);
  return key ? key->to_json() : json::array({key_string});
}

json key_or_null(const std::string& key_string) { return key_string.empty() ? json(nullptr) : key_json(key_string); }

json stored_json(const std::string& text, json otherwise) {
  if (text.empty()) return otherwise;
  auto parsed = parse_json(text);
  return parsed && parsed->type() == otherwise.type() ? std::move(*parsed) : std::move(otherwise);
}

json list_json(json items, json next_cursor, std::int64_t as_of) {
  return {{"items", std::move(items)}, {"next_cursor", std::move(next_cursor)}, {"as_of", as_of}};
}

namespace {

/// A field of what came from outside, where it has the type that the API promises.
json text_field(const json& object, const char* name, json otherwise = nullptr) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? *found : otherwise;
}

json integer_field(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? *found : json(nullptr);
}

json error_fields(const json& error) {
  return {{"type", text_field(error, "type", "Error")},
          {"message", text_field(error, "message", "")},
          {"stack", text_field(error, "stack")},
          {"file", text_field(error, "file")},
          {"line", integer_field(error, "line")}};
}

}  // namespace

json load_error_json(const json& error) { return error.is_object() ? error_fields(error) : json(nullptr); }

json step_error_json(const json& error) {
  if (!error.is_object()) return nullptr;
  json rendered = error_fields(error);
  rendered["phase"] = text_field(error, "phase");
  const auto metadata = error.find("metadata");
  rendered["metadata"] = metadata != error.end() && metadata->is_object() ? *metadata : json::object();
  return rendered;
}

json refusal_json(const runs::Refusal& refusal) {
  return {{"code", refusal.code},
          {"message", refusal.message},
          {"asset_key", key_or_null(refusal.asset_key)},
          {"resource", text_or_null(refusal.resource)},
          {"variable", text_or_null(refusal.variable)},
          {"code_location", text_or_null(refusal.code_location)}};
}

json plan_json(const runs::RunPreview& preview, const AssetGraph& graph) {
  json steps = json::array(), missing = json::array(), refusals = json::array();
  for (const auto& step : preview.steps) {
    json upstream = json::array();
    for (const int index : step.upstream) upstream.push_back(preview.steps[static_cast<std::size_t>(index)].step_key);
    steps.push_back(
        {{"step_key", step.step_key}, {"asset_key", graph.node(step.asset).key.to_json()}, {"upstream", std::move(upstream)}});
  }
  for (const auto& key : preview.missing_upstreams) missing.push_back(key_json(key));
  for (const auto& refusal : preview.refusals) refusals.push_back(refusal_json(refusal));
  return {{"steps", std::move(steps)},
          {"missing_upstreams", std::move(missing)},
          {"unset_variables", preview.unset_variables},
          {"refusals", std::move(refusals)}};
}

}  // namespace headrace::api
