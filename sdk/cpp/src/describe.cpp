// Definitions as the daemon and the page are told of them (core/protocol/README.md, 6).
#include <cstdlib>
#include <filesystem>
#include <set>

#include <resolved.hpp>
#include <secrets.hpp>
#include <stack.hpp>

namespace headrace {
inline namespace sdk {
namespace {

template <class T>
json or_null(const T& value) {
  return value.empty() ? json(nullptr) : json(value);
}
template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json retry_policy(const std::optional<RetryPolicy>& policy) {
  if (!policy) return nullptr;
  static constexpr const char* k_backoff[] = {nullptr, "linear", "exponential"};
  static constexpr const char* k_jitter[] = {nullptr, "full", "plus_minus"};
  const auto* backoff = k_backoff[static_cast<int>(policy->backoff)];
  const auto* jitter = k_jitter[static_cast<int>(policy->jitter)];
  return {{"max_retries", policy->max_retries},
          {"delay", policy->delay > 0 ? json(policy->delay) : json(nullptr)},
          {"backoff", backoff ? json(backoff) : json(nullptr)},
          {"jitter", jitter ? json(jitter) : json(nullptr)}};
}

json field_entry(const detail::Field& field, const json& value, bool is_default, const std::string& env_var) {
  const bool is_secret = is_secret_name(field.name) || (!env_var.empty() && is_secret_name(env_var));
  const bool hidden = is_secret || !env_var.empty();
  return {{"name", field.name},
          {"type", field.type},
          {"description", nullptr},
          {"source", !env_var.empty() ? "env_var"
                     : is_default     ? "default"
                                      : "value"},
          {"value", hidden ? json(nullptr) : json(value.dump(-1, ' ', false, json::error_handler_t::replace))},
          {"env_var", or_null(env_var)},
          {"is_set", env_var.empty() || std::getenv(env_var.c_str()) != nullptr},
          {"is_secret", is_secret},
          {"is_required", false}};
}

/// The compiler was given a source's path from where it worked, mostly a folder above the program (CMake's build folder): there
/// it is looked for, if not in the working directory. One that is nowhere stays as it is.
std::string find_source(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::path(file).is_absolute() || fs::exists(file, error)) return file;
  for (auto folder = fs::read_symlink("/proc/self/exe", error).parent_path(); !folder.empty(); folder = folder.parent_path()) {
    const auto path = (folder / file).lexically_normal();
    if (fs::is_regular_file(path, error)) return path.string();
    if (folder == folder.root_path()) break;
  }
  return file;
}

json describe_asset(const ResolvedAsset& asset, const Resolved& resolved) {
  const auto& definition = *asset.definition;
  const auto& options = definition.options;
  json deps = json::array(), config = json::array();
  for (std::size_t i = 0; i < asset.inputs.size(); ++i) {
    deps.push_back({{"key", options.inputs[i].key.path()},
                    {"input", asset.inputs[i].name},
                    {"input_manager_key", or_null(options.inputs[i].input_manager_key)}});
  }
  for (const auto& key : options.deps) deps.push_back({{"key", key.path()}, {"input", nullptr}, {"input_manager_key", nullptr}});
  if (definition.function)
    for (const auto& field : definition.function->config)
      config.push_back(field_entry(field, definition.function->config_defaults.at(field.name), true, ""));
  std::set<std::string> kinds(options.kinds.begin(), options.kinds.end());
  return {{"key", definition.key.path()},
          {"step_key", asset.step_key},
          {"group", options.group},
          {"description", or_null(options.description)},
          {"kinds", kinds},
          {"tags", options.tags},
          {"owners", options.owners},
          {"code_version", or_null(options.code_version)},
          {"metadata", to_json(options.metadata)},
          {"is_external", asset.is_external()},
          {"deps", deps},
          {"io_manager_key", resolved.has_resource(options.io_manager_key) ? options.io_manager_key : k_default_io_manager},
          {"stores_output", asset.stores_output()},
          {"required_resources", asset.required_resources},
          {"config", config},
          {"partitions", nullptr},
          {"source", {{"file", relative_path(find_source(definition.file))}, {"line", definition.line}}},
          {"retry_policy", retry_policy(options.retry_policy)},
          {"pool", or_null(options.pool)},
          {"priority", options.priority},
          {"time_limit", or_null(options.time_limit)},
          {"memory_limit", or_null(options.memory_limit)}};
}

json describe_resource(const std::string& key, const detail::ResourceInfo& info, json& env_vars) {
  json config = json::array();
  for (const auto& field : info.fields) {
    const auto found = info.env_vars.find(field.name);
    const std::string variable = found == info.env_vars.end() ? "" : found->second;
    if (!variable.empty()) env_vars.push_back(variable);
    const auto& value = info.given.at(field.name);
    const bool is_default = info.defaults.contains(field.name) && info.defaults.at(field.name) == value;
    if (is_secret_name(field.name) && variable.empty() && value.is_string()) add_secret(value.get<std::string>());
    config.push_back(field_entry(field, value, is_default, variable));
  }
  return {{"key", key},
          {"type", info.type},
          {"description", or_null(info.description)},
          {"is_io_manager", info.is_io_manager},
          {"in_memory", info.in_memory},
          {"format", or_null(info.stored_format)},
          {"nested", json::array()},
          {"config", std::move(config)}};
}

json execution(const Execution& how) {
  static constexpr const char* k_isolation[] = {"worker", "step", "in_process"};
  static constexpr const char* k_start[] = {nullptr, "fork", "spawn"};
  const auto* start = k_start[static_cast<int>(how.start)];
  return {{"isolation", k_isolation[static_cast<int>(how.isolation)]},
          {"start", start ? json(start) : json(nullptr)},
          {"max_workers", how.max_workers > 0 ? json(how.max_workers) : json(nullptr)},
          {"max_rss", how.max_rss > 0 ? json(how.max_rss) : json(nullptr)}};
}

/// Without secrets, where text of the user's is: an asset may say anything about itself.
void mask_asset(json& asset) {
  for (const auto* name : {"description", "metadata", "tags", "config"}) asset[name] = mask_json(asset[name]);
}

}  // namespace

json describe(const Resolved& resolved) {
  std::set<std::string> used;
  json assets = json::array(), resources = json::array(), env_vars = json::array();
  for (const auto& asset : resolved.assets()) {
    assets.push_back(describe_asset(asset, resolved));
    used.insert(assets.back()["io_manager_key"].get<std::string>());
  }
  for (const auto& [key, resource] : resolved.definitions().resources) {
    const bool is_unused_default = key == k_default_io_manager && !used.contains(key);
    if (!is_unused_default) resources.push_back(mask_json(describe_resource(key, resource.info(), env_vars)));
  }
  for (auto& asset : assets) mask_asset(asset);
  std::set<std::string> names(env_vars.begin(), env_vars.end());
  return {{"assets", assets},
          {"resources", resources},
          {"env_vars", names},
          {"execution", execution(resolved.definitions().execution)}};
}

}  // namespace sdk
}  // namespace headrace
