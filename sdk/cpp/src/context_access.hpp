// The SDK's own way into contexts, which users only read and say things to.
#pragma once

#include <headrace/context.hpp>

namespace headrace {
inline namespace sdk {

struct ContextAccess {
  static void fill(IOContext& context, const AssetKey& key, const std::optional<std::string>& partition, const Run& run,
                   const Metadata& definition_metadata) {
    context.asset_key_ = key;
    context.partition_ = partition;
    context.run_ = &run;
    context.definition_metadata_ = definition_metadata;
  }
  static void fill(OutputContext& context, const std::string& step_key, const Type& type, const Metadata& output_metadata) {
    context.step_key_ = step_key;
    context.type_ = &type;
    context.output_metadata_ = output_metadata;
  }
  static void fill(InputContext& context, const std::string& name, const Type& type, const Metadata& upstream,
                   const json& materialization) {
    context.name_ = name;
    context.type_ = &type;
    context.upstream_metadata_ = upstream;
    context.materialization_ = materialization;
  }
  static void fill(AssetExecutionContext& context, const AssetKey& key, const std::optional<std::string>& partition,
                   const Run& run, int retry_number, std::function<void(const AssetKey&, const Metadata&)> observe) {
    context.asset_key_ = key;
    context.partition_ = partition;
    context.run_ = &run;
    context.retry_number_ = retry_number;
    context.observe_ = std::move(observe);
  }
  static const Metadata& metadata(const IOContext& context) { return context.metadata_; }
  static const Metadata& metadata(const AssetExecutionContext& context) { return context.metadata_; }
  static const json& stored(const OutputContext& context) { return context.stored_; }
  static const std::optional<std::string>& data_version(const AssetExecutionContext& context) { return context.data_version_; }
};

}  // namespace sdk
}  // namespace headrace
