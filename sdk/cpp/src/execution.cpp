#include <execution.hpp>

#include <algorithm>
#include <chrono>

#include <context_access.hpp>
#include <fmt/format.h>
#include <interrupts.hpp>
#include <stored_value.hpp>
#include <user_errors.hpp>

namespace headrace {
inline namespace sdk {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::optional<std::string> text_if(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}
template <class T>
T number_or(const json& object, const char* name, T otherwise) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<T>() : otherwise;
}
json object_or_empty(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : json::object();
}

std::vector<std::string>& written_files() {
  static std::vector<std::string> paths;
  return paths;
}

class Step {
 public:
  Step(const Resolved& resolved, ResourceSession& session, const StepRequest& request, StepReporter& reporter,
       const ResolvedAsset& asset)
      : resolved_(resolved), session_(session), request_(request), reporter_(reporter), asset_(asset) {}

  void run() {
    in_phase("resources", "", [&] {
      session_.begin(request_.run, reporter_);
      for (const auto& key : asset_.required_resources) session_.get(key);
    });
    auto inputs = load_inputs();
    AssetExecutionContext context(session_.log());
    ContextAccess::fill(context, asset_.definition->key, request_.partition, session_.run(), request_.attempt - 1,
                        [this](const AssetKey& key, const Metadata& metadata) {
                          reporter_.observed(key, request_.partition, to_json(metadata));
                        });
    detail::StepArguments arguments{context, std::move(inputs), {}, config()};
    for (const auto& key : asset_.resource_keys) arguments.resources.push_back(session_.get(key).object());
    auto result = in_phase("asset", "DagsterExecutionStepExecutionError", [&] {
      check_interrupted();
      return asset_.definition->function->call(arguments);
    });
    store(context, result);
  }

 private:
  /// What goes wrong inside becomes a StepFailure of this phase.
  template <class Work>
  auto in_phase(const char* phase, const char* framework_type, const Work& work) -> decltype(work()) {
    try {
      return work();
    } catch (...) {
      const auto error = std::current_exception();
      throw StepFailure{error, describe_error(error, {phase, framework_type, asset_.definition->file, asset_.definition->line})};
    }
  }

  json config() {
    json values = asset_.definition->function->config_defaults;
    const auto at = json::json_pointer("/ops/" + asset_.step_key + "/config");
    if (!request_.run.config.contains(at)) return values;
    in_phase("config", "DagsterInvalidConfigError", [&] {
      for (const auto& [name, value] : request_.run.config.at(at).items()) {
        if (!values.contains(name))
          throw DefinitionError(fmt::format("Config of asset \"{}\" has no field \"{}\"", asset_.name(), name));
        values[name] = value;
      }
    });
    return values;
  }

  std::vector<Value> load_inputs() {
    std::vector<Value> values;
    json reports = json::array();
    for (const auto& input : asset_.inputs) {
      const auto start = Clock::now();
      Metadata metadata;
      values.push_back(in_phase("load_input", "DagsterExecutionLoadInputError", [&] { return load(input, metadata); }));
      reports.push_back({{"name", input.name},
                         {"asset_key", input.definition->key.path()},
                         {"metadata", to_json(metadata)},
                         {"seconds", seconds_since(start)}});
    }
    reporter_.inputs_loaded(reports);
    return values;
  }

  Value load(const ResolvedInput& input, Metadata& metadata) {
    check_interrupted();
    static const StepRequest::Input k_not_asked;
    const StepRequest::Input* asked = &k_not_asked;
    for (const auto& each : request_.inputs)
      if (each.name == input.name) asked = &each;
    InputContext context(session_.log());
    ContextAccess::fill(context, input.definition->key, asked->partition, session_.run(), input.definition->metadata);
    const auto* upstream = resolved_.find(input.definition->key);
    ContextAccess::fill(context, input.name, *input.type, upstream ? upstream->definition->options.metadata : Metadata{},
                        asked->materialization);
    try {
      Value value = input.manager_key.empty() ? load_stored(resolved_, session_, context, asked->code_location)
                                              : session_.get(input.manager_key).load_input(context);
      metadata = ContextAccess::metadata(context);
      if (!metadata.empty()) reporter_.observed(input.definition->key, asked->partition, to_json(metadata));
      return value.as(*input.type);
    } catch (const NotFound& error) {
      const auto name = input.definition->key.to_user_string();
      const std::string hint = "materialize \"" + name + "\" first", said = error.what();
      if (said.find(hint) != std::string::npos) throw;
      throw NotFound(said + " (" + hint + ")");
    }
  }

  void store(AssetExecutionContext& context, detail::AssetResult& result) {
    Metadata metadata = result.options.metadata;
    json stored = nullptr;
    std::string observed;
    for (const auto& [label, value] : ContextAccess::metadata(context)) metadata.insert_or_assign(label, value);
    if (!result.value.empty()) {
      in_phase("handle_output", "DagsterExecutionHandleOutputError", [&] {
        check_interrupted();
        OutputContext output(session_.log());
        ContextAccess::fill(output, asset_.definition->key, request_.partition, session_.run(),
                            asset_.definition->options.metadata);
        ContextAccess::fill(output, asset_.step_key, result.value.type(), metadata);
        written_files().clear();
        session_.get(asset_.definition->options.io_manager_key).handle_output(output, result.value);
        for (const auto& [label, value] : ContextAccess::metadata(output)) metadata.insert_or_assign(label, value);
        stored = ContextAccess::stored(output);
        if (!metadata.contains("path") && written_files().size() == 1) observed = written_files().front();
      });
    }
    const auto version =
        ContextAccess::data_version(context) ? ContextAccess::data_version(context) : result.options.data_version;
    auto tags = result.options.tags;
    if (version) {
      tags["dagster/data_version"] = *version;
      tags["dagster/data_version_is_user_provided"] = "true";
    }
    if (const auto& code = asset_.definition->options.code_version; !code.empty()) tags["dagster/code_version"] = code;
    reporter_.materialized({asset_.definition->key, request_.partition, metadata, stored, version, tags, result.value, observed});
  }

  const Resolved& resolved_;
  ResourceSession& session_;
  const StepRequest& request_;
  StepReporter& reporter_;
  const ResolvedAsset& asset_;
};

}  // namespace

void note_written_file(const std::string& path) {
  auto& paths = written_files();
  if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
}

StepRequest StepRequest::from_message(const json& message) {
  StepRequest request;
  request.run = {message.at("run_id").get<std::string>(),
                 number_or<std::int64_t>(message, "run_number", 0),
                 {},
                 object_or_empty(message, "run_config")};
  const auto tags = object_or_empty(message, "tags");
  for (const auto& [name, value] : tags.items())
    request.run.tags[name] = value.is_string() ? value.get<std::string>() : value.dump();
  request.step_key = message.at("step_key").get<std::string>();
  request.asset_key = AssetKey(message.at("asset_key").get<std::vector<std::string>>());
  request.attempt = number_or(message, "attempt", 1);
  request.partition = text_if(message, "partition");
  if (const auto inputs = message.find("inputs"); inputs != message.end() && inputs->is_array()) {
    for (const auto& input : *inputs) {
      const auto made = input.find("materialization");
      request.inputs.push_back({text_if(input, "name").value_or(""), text_if(input, "code_location").value_or(""),
                                AssetKey(input.at("asset_key").get<std::vector<std::string>>()), text_if(input, "partition"),
                                input.contains("in_run") && input.at("in_run") == true,
                                made == input.end() ? json(nullptr) : *made});
    }
  }
  request.time_limit_ms = number_or<std::int64_t>(message, "time_limit_ms", 0);
  request.memory_limit = number_or<std::int64_t>(message, "memory_limit", 0);
  request.claim = number_or<std::int64_t>(message, "claim", 0);
  request.after = message.value("after", request.after);
  return request;
}

void execute_step(const Resolved& resolved, ResourceSession& session, const StepRequest& request, StepReporter& reporter) {
  const auto* asset = resolved.find(request.asset_key);
  if (asset == nullptr || asset->is_external()) {
    const auto error = std::make_exception_ptr(
        DefinitionError("asset \"" + request.asset_key.to_user_string() + "\" has no function in this code location"));
    throw StepFailure{error, describe_error(error, {"asset", "", "", 0})};
  }
  Step(resolved, session, request, reporter, *asset).run();
}

}  // namespace sdk
}  // namespace headrace
