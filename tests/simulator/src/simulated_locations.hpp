// Code locations without hosts: loading takes virtual time, a host may die, and workers are processes of the simulated machine.
#pragma once

#include <map>
#include <set>

#include <async/loop.hpp>
#include <storage/event_log.hpp>

#include "code.hpp"
#include "machine.hpp"

namespace headrace::simulator {

class SimulatedLocations;

class SimulatedLocation final : public code_locations::Location {
 public:
  SimulatedLocation(SimulatedLocations& all, LocationCode& code);

  const code_locations::LocationView& view() const override { return view_; }
  void pin(const std::string& hash) override { ++pins_[hash]; }
  void unpin(const std::string& hash) override;
  bool serves(const std::string& hash) const override { return hosts_.contains(hash); }
  void start_worker(const std::string& hash, std::int64_t worker_id, bool must_spawn, code_locations::WorkerFiles files,
                    code_locations::WorkerStarted done) override;
  void fall_back_to_spawn(const std::string& reason) override;

  void load();
  void kill_host();
  const std::map<std::string, int>& pins() const { return pins_; }

 private:
  struct Host {  ///< of one version; its workers' ends are known as long as it lives
    std::set<std::int64_t> starting;
    bool is_alive = true;
  };
  void loaded();
  void record(storage::Batch batch);
  void retire_unneeded();

  SimulatedLocations& all_;
  LocationCode& code_;
  code_locations::LocationView view_;
  std::map<std::string, std::shared_ptr<Host>> hosts_;
  std::map<std::string, int> pins_;
  bool is_loading_ = false, load_again_ = false;
};

class SimulatedLocations final : public code_locations::Locations {
 public:
  SimulatedLocations(Machine& machine, async::Loop& loop, storage::EventLog& log, std::vector<LocationCode>& code);
  ~SimulatedLocations() override { *alive = false; }

  std::shared_ptr<const code_locations::WorkspaceSnapshot> snapshot() const override { return snapshot_; }
  Result<void> reload(const std::string& name) override;
  SimulatedLocation* find(std::string_view name) override;
  void set_change_listener(std::function<void()> listener) { on_change_ = std::move(listener); }
  void load_all();
  void publish();

  Machine& machine;
  async::Loop& loop;
  storage::EventLog& log;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

 private:
  std::vector<std::unique_ptr<SimulatedLocation>> locations_;
  std::shared_ptr<const code_locations::WorkspaceSnapshot> snapshot_;
  std::function<void()> on_change_;
};

}  // namespace headrace::simulator
