// Runs assets in this process, without a daemon: for unit tests.
//
//   auto run = headrace::materialize(definitions, {.selection = "setosa"});
//   EXPECT_EQ(run.value<int>("setosa"), 50);
#pragma once

#include <exception>

#include <headrace/definitions.hpp>

namespace headrace {
inline namespace sdk {

struct MaterializeOptions {
  std::string selection = "*";
  std::string partition = {};
  json run_config = json::object();
  std::map<std::string, std::string> tags = {};
  std::map<std::string, Resource> resources = {};  ///< instead of those of the definitions
  bool raise_on_error = true;                      ///< the first error of a step is thrown as it was
};

class MaterializeRun {
 public:
  bool success() const { return errors.empty(); }
  /// What the asset's function returned.
  template <class T>
  const T& value(const AssetKey& key) const {
    return value_of(key).get<T>();
  }
  const Value& value_of(const AssetKey& key) const;
  const Metadata& metadata(const AssetKey& key) const;

  std::map<AssetKey, Value> values;
  std::map<AssetKey, Metadata> materializations;
  std::map<AssetKey, json> stored;
  std::map<AssetKey, json> errors;  ///< as the protocol writes them
  std::vector<std::string> log;     ///< "INFO - read 150 rows"
};

/// Values are stored by the assets' IO managers; the default one uses a temporary folder where HEADRACE_STORAGE is not set.
MaterializeRun materialize(const Definitions& definitions, const MaterializeOptions& options = {});

}  // namespace sdk
}  // namespace headrace
