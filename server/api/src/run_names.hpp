// Names of runs and steps, which events hold as numbers only. They never change once a run was created.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <storage/event_log.hpp>

namespace headrace::api {

struct RunName {
  std::int64_t number = 0;
  std::string run_id;
  std::vector<std::string> step_keys;  ///< by the step's index
};

/// Keeps the runs asked for last, as many as have about `most_steps` steps together. Any thread.
class RunNames {
 public:
  explicit RunNames(std::size_t most_steps = 32'768) : most_steps_(most_steps) {}
  /// Null: no such run. Run 0 is none.
  std::shared_ptr<const RunName> get(storage::Reader& reader, std::int64_t number);

 private:
  static constexpr std::size_t k_most_runs = 256;
  using Entry = std::shared_ptr<const RunName>;
  void drop_oldest();

  const std::size_t most_steps_;
  std::mutex mutex_;
  std::list<Entry> recent_;  // the latest used first; that one stays, however long it is
  std::size_t steps_ = 0;    // of all of them
  std::unordered_map<std::int64_t, std::list<Entry>::iterator> index_;
};

/// The run that an URL names by number or UUID. Errors: not_found.
Result<std::int64_t> find_run(storage::Reader& reader, const std::string& number_or_id);

}  // namespace headrace::api
