// One code location: the host that serves, the one that is being loaded beside it, and the older versions that runs still need.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <code_locations/host.hpp>
#include <code_locations/workspace.hpp>

namespace headrace::code_locations {

/// How to start a code location's processes.
struct LocationSpec {
  std::string name;
  std::vector<std::string> argv;  ///< the same for host and worker; HEADRACE_ROLE tells them apart
  std::string working_directory;  ///< absolute
  std::string build;              ///< a command for sh that each load begins with; empty: none
};

/// What a code location's processes are started with.
struct ProcessEnvironment {
  std::vector<std::string> items;     ///< "NAME=value", less HEADRACE_ROLE
  std::vector<std::string> warnings;  ///< e.g. lines of .env that were left out
  DotenvNames dotenv;
};

/// What a code location needs from around it. Outlives it.
struct LocationServices {
  async::Loop& loop;
  Reaper& reaper;
  std::string home;
  /// Reads .env anew each time. An error (.env cannot be read) fails the load.
  std::function<Result<ProcessEnvironment>(const LocationSpec&)> environment;
  std::chrono::milliseconds first_restart_delay{200}, longest_restart_delay{30'000};
  std::chrono::milliseconds record_retry{1'000};  ///< before the outcome of a load is given again to a log that did not take it
  std::chrono::milliseconds host_close_limit{2'000};  ///< from the end of a host's control socket to its end
};

/// I/O thread only.
class CodeLocation final : public Location {
 public:
  struct Callbacks {
    /// Candidate definitions arrived: validate them against the other locations; an error fails the load.
    std::function<Result<void>(std::shared_ptr<const Definitions>)> accept;
    /// The view changed. `loaded`: a load just succeeded (with the definitions' JSON); `failed`: it just failed.
    std::function<void()> on_change;
    std::function<void(const protocol::DefinitionsAnswer&)> on_loaded;
    std::function<void(const nlohmann::json& error)> on_failed;
  };
  CodeLocation(LocationServices& services, LocationSpec spec, Callbacks callbacks);
  ~CodeLocation() override;

  const LocationView& view() const override { return view_; }
  const LocationSpec& spec() const { return spec_; }

  /// The first load, or a reload beside what serves. While one is under way another is started after it.
  void load();

  /// Whether the event log has the definitions that serve.
  void set_recorded(bool is_recorded);

  /// The pid of the host that serves; 0: none.
  int host_pid() const;

  void pin(const std::string& hash) override;
  void unpin(const std::string& hash) override;
  bool serves(const std::string& hash) const override;
  void start_worker(const std::string& hash, std::int64_t worker_id, bool must_spawn, WorkerFiles files,
                    WorkerStarted done) override;
  void fall_back_to_spawn(const std::string& reason) override;

 private:
  void begin_load();
  void start_build();
  void on_built(ExitStatus status);
  void start_host();
  void on_definitions(protocol::DefinitionsAnswer answer);
  void on_load_failed(nlohmann::json error);
  void on_killed_while_loading(nlohmann::json error);
  void start_again_later(nlohmann::json error);
  void on_host_exit(const Host* host, ExitStatus status);
  void finish_load(const std::function<void()>& record);
  void restart();
  void retire_unneeded();
  void spawn_worker(const std::string& hash, std::int64_t worker_id, WorkerFiles files, WorkerStarted done);

  LocationServices& services_;
  LocationSpec spec_;
  Callbacks callbacks_;
  LocationView view_;
  ProcessEnvironment environment_;  // of the load under way; so are these two:
  std::int64_t load_began_ = 0, program_written_ = 0;
  std::shared_ptr<Host> candidate_;
  std::map<std::string, std::shared_ptr<Host>> hosts_;  ///< by definitions hash; the current one included
  std::map<std::string, int> pins_;
  std::chrono::milliseconds restart_delay_{0};
  bool load_again_ = false;
  int build_pid_ = 0;        // 0: nothing is being built
  bool is_restart_ = false;  // the load under way was asked for by nobody: its host had died
  async::Handle restart_;
};

}  // namespace headrace::code_locations
