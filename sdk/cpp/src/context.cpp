#include <headrace/context.hpp>

#include <interrupts.hpp>

namespace headrace {
inline namespace sdk {
namespace {

const std::string& partition_of(const std::optional<std::string>& partition, const AssetKey& key) {
  if (!partition) throw std::logic_error("asset \"" + key.to_user_string() + "\" is not partitioned in this run");
  return *partition;
}

void merge(Metadata& into, const Metadata& more) {
  for (const auto& [label, value] : more) into.insert_or_assign(label, value);
}

}  // namespace

const std::string& IOContext::partition_key() const { return partition_of(partition_, asset_key_); }
const std::string& AssetExecutionContext::partition_key() const { return partition_of(partition_, asset_key_); }

void OutputContext::add_output_metadata(const Metadata& metadata) { merge(metadata_, metadata); }
void InputContext::add_input_metadata(const Metadata& metadata) { merge(metadata_, metadata); }
void AssetExecutionContext::add_output_metadata(const Metadata& metadata) { merge(metadata_, metadata); }

void OutputContext::set_stored(std::string uri, std::string format, std::optional<std::int64_t> bytes, json schema,
                               std::optional<std::string> etag) {
  stored_ = {{"uri", std::move(uri)},
             {"format", std::move(format)},
             {"schema", std::move(schema)},
             {"bytes", nullptr},
             {"etag", nullptr}};
  if (bytes) stored_["bytes"] = *bytes;
  if (etag) stored_["etag"] = *etag;
}

void AssetExecutionContext::observe(const Metadata& metadata, const AssetKey& key) {
  observe_(key.empty() ? asset_key_ : key, metadata);
}

bool AssetExecutionContext::is_canceled() const { return is_interrupted(); }
void AssetExecutionContext::check_canceled() const { check_interrupted(); }

}  // namespace sdk
}  // namespace headrace
