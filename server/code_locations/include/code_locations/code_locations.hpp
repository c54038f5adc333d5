// All code locations of the daemon: starts them, keeps the one asset graph over them, publishes snapshots and events.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include <code_locations/code_location.hpp>
#include <storage/event_log.hpp>

namespace headrace::code_locations {

/// I/O thread only, except snapshot().
class CodeLocations final : public Locations {
 public:
  CodeLocations(LocationServices services, storage::EventLog& log);
  ~CodeLocations() override { *alive_ = false; }

  /// Starts loading. Names are unique (the caller has checked).
  void add(LocationSpec spec);

  std::shared_ptr<const WorkspaceSnapshot> snapshot() const override { return std::atomic_load(&snapshot_); }
  Result<void> reload(const std::string& name) override;

  CodeLocation* find(std::string_view name) override;
  /// Called after every change of the snapshot.
  void set_change_listener(std::function<void()> listener) { on_change_ = std::move(listener); }

 private:
  Result<void> accept(const std::string& name, const std::shared_ptr<const Definitions>& candidate) const;
  Result<AssetGraph> build_graph(const std::string& name, const std::shared_ptr<const Definitions>& candidate) const;
  void record_loaded(const CodeLocation& location, const protocol::DefinitionsAnswer& answer);
  void write_outcome(const std::string& name, storage::Batch batch);
  void record_failed(const std::string& name, const nlohmann::json& error);
  void publish();

  LocationServices services_;
  storage::EventLog& log_;
  std::vector<std::unique_ptr<CodeLocation>> locations_;
  std::shared_ptr<const WorkspaceSnapshot> snapshot_;
  std::function<void()> on_change_;
  std::map<std::string, async::Handle> unwritten_loads_, unwritten_failures_;  // by code location: given to the log again
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace headrace::code_locations
