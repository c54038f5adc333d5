// The IO manager of assets that name none: values as JSON files, which every language can read.
#pragma once

#include <headrace/resource.hpp>

namespace headrace {
inline namespace sdk {

/// `<base_dir>/<asset key>.json`; for a partition `<base_dir>/<asset key>/<partition>.json`. Without `base_dir` it is the
/// daemon's storage folder. A file is replaced as a whole: whoever reads finds the old value or the new one.
struct FilesystemIOManager : ConfigurableIOManager {
  std::string base_dir;
  static constexpr const char* description = "Keeps values as JSON files.";
  static constexpr const char* stored_format = "json";
  static bool stores(const Type& type) { return type.is_any || type.to_json != nullptr; }
  void handle_output(OutputContext& context, const Value& value);
  Value load_input(InputContext& context);
};
BOOST_DESCRIBE_STRUCT(FilesystemIOManager, (), (base_dir))
using JSONIOManager = FilesystemIOManager;

/// The daemon's storage folder (HEADRACE_STORAGE), else that of materialize().
std::string storage_folder();
/// Where IO managers keep an asset's file: `<base_dir>/<asset key>[/<partition>]<extension>`.
std::string value_path(const IOContext& context, const std::string& base_dir, const std::string& extension);

/// Keeps values in memory, for unit tests and runs in one process.
struct InMemoryIOManager : ConfigurableIOManager {
  static constexpr bool in_memory = true;
  std::shared_ptr<std::map<std::string, Value>> values = std::make_shared<std::map<std::string, Value>>();
  void handle_output(OutputContext& context, const Value& value);
  Value load_input(InputContext& context);
};

}  // namespace sdk
}  // namespace headrace
