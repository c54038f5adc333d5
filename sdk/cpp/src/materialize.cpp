#include <headrace/materialize.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <execution.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <headrace/filesystem_io_manager.hpp>
#include <set>

namespace headrace {
inline namespace sdk {
namespace {

class Recorder final : public StepReporter {
 public:
  explicit Recorder(MaterializeRun& run) : run_(run) {}
  void inputs_loaded(const json&) override {}
  void observed(const AssetKey&, const std::optional<std::string>&, const json&) override {}
  void materialized(const Materialization& made) override {
    run_.values[made.key] = made.value;
    run_.materializations[made.key] = made.metadata;
    run_.stored[made.key] = made.stored;
  }
  void log(std::string_view level, const std::string& message) override {
    std::string name(level);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    run_.log.push_back(name + " - " + message);
  }

 private:
  MaterializeRun& run_;
};

/// A storage folder for the time of one run, where the daemon gave none.
class TemporaryStorage {
 public:
  TemporaryStorage() {
    if (std::getenv("HEADRACE_STORAGE") != nullptr) return;
    std::string pattern = (std::filesystem::temp_directory_path() / "headrace-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder in " + pattern);
    folder_ = pattern;
    ::setenv("HEADRACE_STORAGE", (pattern + "/storage").c_str(), 1);
  }
  ~TemporaryStorage() {
    if (folder_.empty()) return;
    ::unsetenv("HEADRACE_STORAGE");
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

 private:
  std::string folder_;
};

template <class T>
const T& find(const std::map<AssetKey, T>& all, const AssetKey& key) {
  const auto found = all.find(key);
  if (found == all.end()) throw std::out_of_range("this run made no asset \"" + key.to_user_string() + "\"");
  return found->second;
}

StepRequest request_for(const ResolvedAsset& asset, const MaterializeOptions& options, const MaterializeRun& run) {
  StepRequest request;
  request.run = {"materialize", 1, options.tags, options.run_config};
  request.step_key = asset.step_key;
  request.asset_key = asset.definition->key;
  if (!options.partition.empty()) request.partition = options.partition;
  for (const auto& input : asset.inputs) {
    StepRequest::Input asked{.name = input.name, .partition = request.partition};
    const auto stored = run.stored.find(input.definition->key);
    if (stored != run.stored.end()) asked.materialization = {{"stored", stored->second}};
    request.inputs.push_back(std::move(asked));
  }
  return request;
}

}  // namespace

const Value& MaterializeRun::value_of(const AssetKey& key) const { return find(values, key); }
const Metadata& MaterializeRun::metadata(const AssetKey& key) const { return find(materializations, key); }

MaterializeRun materialize(const Definitions& definitions, const MaterializeOptions& options) {
  Definitions all = definitions;
  for (const auto& [key, resource] : options.resources) all.resources.insert_or_assign(key, resource);
  const auto resolved = Resolved::make(std::move(all));
  const TemporaryStorage storage;
  MaterializeRun run;
  Recorder recorder(run);
  ResourceSession session(resolved);
  std::set<AssetKey> failed;
  for (const auto& step : resolved->plan(options.selection)) {
    const auto& asset = *std::find_if(resolved->assets().begin(), resolved->assets().end(),
                                      [&](const ResolvedAsset& each) { return each.step_key == step; });
    const bool is_skipped = std::any_of(asset.inputs.begin(), asset.inputs.end(),
                                        [&](const ResolvedInput& input) { return failed.contains(input.definition->key); });
    if (is_skipped) {
      failed.insert(asset.definition->key);
      continue;
    }
    try {
      execute_step(*resolved, session, request_for(asset, options, run), recorder);
    } catch (StepFailure& failure) {
      if (options.raise_on_error) std::rethrow_exception(failure.error);
      failed.insert(asset.definition->key);
      run.errors[asset.definition->key] = std::move(failure.described);
    }
  }
  session.close();
  return run;
}

}  // namespace sdk
}  // namespace headrace
