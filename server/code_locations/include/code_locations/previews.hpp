// The first rows of stored values, read by a worker of the asset's code location: the daemon opens no value itself.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <async/line_socket.hpp>
#include <code_locations/location.hpp>
#include <code_locations/processes.hpp>

namespace headrace::code_locations {

struct PreviewLimits {
  int rows = 20;
  std::int64_t memory = 512 << 20;         ///< bytes that a worker may allocate for it
  std::chrono::milliseconds time{10'000};  ///< then the worker is killed
  std::size_t at_once = 2;                 ///< more are told to come again
  std::size_t answer = 4 * 1024 * 1024;    ///< bytes
};

/// I/O thread only.
class Previews {
 public:
  /// `columns`, `rows`, `total_rows`, `text` (core/protocol/README.md, section 3), or why there is none.
  using Done = std::function<void(Result<nlohmann::json>)>;

  Previews(async::Loop& loop, Locations& locations, Processes& processes, PreviewLimits limits = {})
      : loop_(loop), locations_(locations), processes_(processes), limits_(limits) {}
  ~Previews() { *alive_ = false; }

  /// `stored` as in a materialization. `done` is called once, later.
  void preview(const std::string& code_location, const nlohmann::json& stored, Done done);

 private:
  struct Preview {
    std::int64_t worker_id = 0;
    Done done;
    async::UniqueFd journal;
    std::unique_ptr<async::LineSocket> socket;
    WorkerProcess process;
    async::Handle death, limit;
    bool is_late = false;  ///< its worker is to be killed, as soon as there is one
  };
  void on_started(std::int64_t id, Result<WorkerProcess> process);
  void look(std::int64_t id);
  void answer(std::int64_t id, Result<nlohmann::json> result);
  void gone(std::int64_t id, ExitStatus status);

  async::Loop& loop_;
  Locations& locations_;
  Processes& processes_;
  PreviewLimits limits_;
  std::int64_t last_id_ = std::int64_t{1} << 40;  // apart from the workers of runs
  std::map<std::int64_t, std::shared_ptr<Preview>> previews_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace headrace::code_locations
