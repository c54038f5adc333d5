// Definitions, checked and bound together: what host, worker and materialize() work with.
#pragma once

#include <headrace/definitions.hpp>

namespace headrace {
inline namespace sdk {

struct ResolvedInput {
  std::string name;
  const AssetIn* definition = nullptr;
  const Type* type = nullptr;
  std::string manager_key;  ///< empty: the asset is made in another code location, and the input names no manager
};

struct ResolvedAsset {
  const Asset* definition = nullptr;
  std::string step_key;
  std::vector<ResolvedInput> inputs;
  std::vector<std::string> resource_keys;       ///< of the function's resource parameters, in their order
  std::vector<std::string> required_resources;  ///< all that its step needs, sorted
  bool is_external() const { return definition->function == nullptr; }
  bool stores_output() const { return definition->function != nullptr && definition->function->output != nullptr; }
  std::string name() const { return definition->key.to_user_string(); }
};

class Resolved {
 public:
  /// Throws DefinitionError.
  static std::shared_ptr<const Resolved> make(Definitions definitions);

  const Definitions& definitions() const { return definitions_; }
  const std::vector<ResolvedAsset>& assets() const { return assets_; }
  const ResolvedAsset* find(const AssetKey& key) const;
  const detail::ResourceInfo& resource(const std::string& key) const { return definitions_.resources.at(key).info(); }
  bool has_resource(const std::string& key) const { return definitions_.resources.contains(key); }

  /// Section 6 of the protocol.
  const json& description() const { return description_; }
  const std::string& hash() const { return hash_; }
  /// The step keys that a selection means, in an order in which they can run.
  std::vector<std::string> plan(const std::string& selection) const;

 private:
  explicit Resolved(Definitions definitions);
  void add_asset(const Asset& asset);
  void bind(ResolvedAsset& asset);
  void bind_resources(ResolvedAsset& asset);
  void check_manager(const ResolvedAsset& asset, const std::string& key) const;

  Definitions definitions_;
  std::vector<ResolvedAsset> assets_;
  std::map<AssetKey, std::size_t> by_key_;
  json description_;
  std::string hash_;
};

/// What is told of definitions; masked.
json describe(const Resolved& resolved);
/// The default of `default_io_manager`.
inline const std::string k_default_io_manager = "io_manager";

}  // namespace sdk
}  // namespace headrace
