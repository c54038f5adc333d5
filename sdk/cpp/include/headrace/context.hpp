// What IO managers, resources and asset functions are told of the step they work for.
#pragma once

#include <memory>

#include <headrace/log.hpp>
#include <headrace/value.hpp>

namespace headrace {
inline namespace sdk {

struct Run {
  std::string run_id;
  std::int64_t number = 0;
  std::map<std::string, std::string> tags;
  json config = json::object();
};

/// What the context of an input and that of an output have in common: enough to find the place of a value.
class IOContext {
 public:
  explicit IOContext(const Log& lines) : log(lines) {}
  IOContext(const IOContext&) = delete;

  const AssetKey& asset_key() const { return asset_key_; }
  bool has_partition_key() const { return partition_.has_value(); }
  const std::string& partition_key() const;
  const Run& run() const { return *run_; }
  /// The definition's metadata: of the asset (output), of the AssetIn (input).
  const Metadata& definition_metadata() const { return definition_metadata_; }
  const Log& log;

 protected:
  friend struct ContextAccess;
  AssetKey asset_key_;
  std::optional<std::string> partition_;
  const Run* run_ = nullptr;
  Metadata definition_metadata_, metadata_;
};

class OutputContext : public IOContext {
 public:
  using IOContext::IOContext;
  const std::string& step_key() const { return step_key_; }
  /// The type of the value.
  const Type& type() const { return *type_; }
  /// What the asset's function said of its output.
  const Metadata& output_metadata() const { return output_metadata_; }
  /// Recorded with the materialization; a label that was there already is replaced.
  void add_output_metadata(const Metadata& metadata);
  bool has_metadata(const std::string& label) const { return metadata_.contains(label); }
  /// Says where and how the value is stored, so that code locations in other languages can load it.
  void set_stored(std::string uri, std::string format, std::optional<std::int64_t> bytes = {}, json schema = nullptr,
                  std::optional<std::string> etag = {});

 private:
  friend struct ContextAccess;
  std::string step_key_;
  const Type* type_ = nullptr;
  Metadata output_metadata_;
  json stored_ = nullptr;
};

class InputContext : public IOContext {
 public:
  using IOContext::IOContext;
  /// The parameter's name.
  const std::string& name() const { return name_; }
  /// The type that the asset's function takes.
  const Type& type() const { return *type_; }
  /// The metadata of the upstream asset's definition.
  const Metadata& upstream_metadata() const { return upstream_metadata_; }
  /// The materialization to read, as the protocol has it; null: never materialized.
  const json& materialization() const { return materialization_; }
  void add_input_metadata(const Metadata& metadata);

 private:
  friend struct ContextAccess;
  std::string name_;
  const Type* type_ = nullptr;
  Metadata upstream_metadata_;
  json materialization_ = nullptr;
};

/// Given to `setup_for_execution` of resources.
struct InitResourceContext {
  const Log& log;
  const Run& run;
};

/// The first parameter of an asset's function that wants to know more, or say more.
class AssetExecutionContext {
 public:
  explicit AssetExecutionContext(const Log& lines) : log(lines) {}
  AssetExecutionContext(const AssetExecutionContext&) = delete;

  const Log& log;
  const AssetKey& asset_key() const { return asset_key_; }
  bool has_partition_key() const { return partition_.has_value(); }
  const std::string& partition_key() const;
  const Run& run() const { return *run_; }
  /// 0 in the first attempt.
  int retry_number() const { return retry_number_; }
  /// Recorded with the materialization.
  void add_output_metadata(const Metadata& metadata);
  void set_data_version(std::string version) { data_version_ = std::move(version); }
  /// Something was seen about an asset (this one, if none is named).
  void observe(const Metadata& metadata, const AssetKey& key = {});
  /// True once the step is canceled or over its time limit. Long computations ask now and then, or call check_canceled().
  bool is_canceled() const;
  /// Throws StepCanceled or StepTimeLimitExceeded when the step shall end.
  void check_canceled() const;

 private:
  friend struct ContextAccess;
  AssetKey asset_key_;
  std::optional<std::string> partition_;
  const Run* run_ = nullptr;
  int retry_number_ = 0;
  Metadata metadata_;
  std::optional<std::string> data_version_;
  std::function<void(const AssetKey&, const Metadata&)> observe_;
};

}  // namespace sdk
}  // namespace headrace
