#include <cstdlib>
#include <execution.hpp>

#include <fmt/format.h>
#include <iostream>
#include <secrets.hpp>

namespace headrace {
inline namespace sdk {

ResourceSession::ResourceSession(std::shared_ptr<const Resolved> resolved)
    : resolved_(std::move(resolved)), log_([this](std::string_view level, const std::string& message) {
        if (reporter_ != nullptr) return reporter_->log(level, message);
        std::cerr << level << " - " << mask(message) << '\n';
      }) {}

ResourceSession::~ResourceSession() {
  try {
    close();
  } catch (...) {
  }
}

void ResourceSession::begin(const Run& run, StepReporter& reporter) {
  reporter_ = &reporter;
  if (run_.run_id == run.run_id) return;
  close();
  run_ = run;
}

detail::LiveResource& ResourceSession::get(const std::string& key) {
  auto& live = live_[key];
  if (!live) {
    auto made = make(key);
    InitResourceContext context{log_, run_};
    made->set_up(context);
    live = std::move(made);
    order_.push_back(key);
  }
  return *live;
}

/// A copy with its fields from the environment, and those of the run's config.
std::unique_ptr<detail::LiveResource> ResourceSession::make(const std::string& key) const {
  const auto& info = resolved_->resource(key);
  auto made = info.make();
  const json none = json::object();
  const auto at = json::json_pointer("/resources/" + key + "/config");
  const json& config = run_.config.contains(at) ? run_.config.at(at) : none;
  for (const auto& field : info.fields) {
    const auto variable = info.env_vars.find(field.name);
    if (config.contains(field.name)) {
      field.set(made->object(), config.at(field.name));
    } else if (variable != info.env_vars.end()) {
      const char* value = std::getenv(variable->second.c_str());
      if (value == nullptr) {
        throw DefinitionError(fmt::format("The environment variable {} is not set: resource \"{}\" needs it for its field {}",
                                          variable->second, key, field.name));
      }
      if (is_secret_name(field.name) || is_secret_name(variable->second)) add_secret(value);
      const auto parsed = field.type == "string" ? json(value) : json::parse(value, nullptr, false);
      if (parsed.is_discarded()) {
        throw DefinitionError(
            fmt::format("The environment variable {} is not of type {}, which the field {} of resource \"{}\" has",
                        variable->second, field.type, field.name, key));
      }
      field.set(made->object(), parsed);
    }
    if (const auto value = is_secret_name(field.name) ? field.get(made->object()) : json(nullptr); value.is_string())
      add_secret(value.get<std::string>());
  }
  return made;
}

void ResourceSession::close() {
  std::exception_ptr last;
  InitResourceContext context{log_, run_};
  for (; !order_.empty(); order_.pop_back()) {
    try {
      live_.at(order_.back())->tear_down(context);
    } catch (...) {
      last = std::current_exception();
    }
  }
  live_.clear();
  if (last) std::rethrow_exception(last);
}

}  // namespace sdk
}  // namespace headrace
