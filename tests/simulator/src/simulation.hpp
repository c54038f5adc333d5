// One seed from its first event to the rest after its last, with the checks that are left to the end.
#pragma once

#include <filesystem>
#include <memory>

#include <runs/run_coordinator.hpp>

#include "scenario.hpp"
#include "simulated_locations.hpp"
#include "simulated_log.hpp"
#include "virtual_loop.hpp"

namespace headrace::simulator {

/// One life of the daemon. Destroying it is what kill -9 is to the real one.
struct Daemon {
  Daemon(Machine& machine, const std::filesystem::path& home, Scenario& scenario);
  ~Daemon() { log.crash(); }

  VirtualLoop loop;
  SimulatedLog log;
  SimulatedProcesses processes;
  SimulatedLocations locations;
  runs::RunCoordinator coordinator;
};

class Simulation {
 public:
  /// What chance did in this seed, for the report.
  struct Outcome {
    std::int64_t events = 0, runs = 0, lives = 0, turns = 0, virtual_time = 0;
    std::uint64_t hash = 0;  ///< over the whole log
  };

  Simulation(std::uint64_t seed, bool is_verbose, std::filesystem::path home);
  /// Throws Violation.
  Outcome run();

 private:
  struct Request;  // of a client, until it is answered
  void plan();
  void plan_some(int count, void (Simulation::*what)());
  void live();
  void start_daemon();
  void end_life();
  // what happens
  void launch();
  void send(const std::shared_ptr<Request>& request);
  void cancel();
  void retry();
  void reload();
  void crash();
  void stop();
  void reboot();
  void lose_power();
  void kill_host();
  void kill_worker();
  void fill_disk();
  void change_clock();
  std::int64_t some_run();
  // at the end
  void check_log();
  void check_derived();
  void check_rest();
  std::uint64_t hash_of_log() const;

  World world_;
  Scenario scenario_;
  Witness witness_;
  Machine machine_;
  std::filesystem::path home_;
  std::unique_ptr<Daemon> daemon_;
  std::int64_t busy_until_ = 0;
  std::vector<std::shared_ptr<Request>> requests_;
  Outcome outcome_;
};

}  // namespace headrace::simulator
