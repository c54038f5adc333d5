// How many runs and steps may be under way at once, and who holds back whom. Pure; names become ints once, at the edge.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include <core/result.hpp>

namespace headrace {

/// The limits of one daemon. 0 stands for no limit.
struct ConcurrencyLimits {
  struct Tag {
    std::string key;
    std::string value;  ///< empty: every value of its own
    int limit = 0;
  };
  int runs = 0;             ///< runs under way
  int steps = 0;            ///< steps under way, over all runs
  int workers_per_run = 0;  ///< 0: one a core
  int default_pool = 0;     ///< of a pool that `pools` does not name
  std::map<std::string, int> code_locations, pools;
  std::vector<Tag> run_tags;  ///< runs with such a tag under way
};

/// Counts what is under way against the limits.
class Concurrency {
 public:
  /// Indices of the counters that something needs, ascending; only limited ones are counted.
  using Counters = std::vector<int>;

  explicit Concurrency(ConcurrencyLimits limits) : limits_(std::move(limits)) {}

  Counters of_run(const nlohmann::json& tags);
  Counters of_step(const std::string& code_location, const std::string& pool);

  bool is_free(const Counters& counters) const;
  void take(const Counters& counters);
  void release(const Counters& counters);
  /// The first full one, for people: `pool "db" (limit 2)`; "" when all are free.
  std::string full(const Counters& counters) const;
  const ConcurrencyLimits& limits() const { return limits_; }

 private:
  struct Counter {
    std::string name;
    int limit = 0, taken = 0;
  };
  void add(Counters& counters, const std::string& name, int limit);

  ConcurrencyLimits limits_;
  std::vector<Counter> counters_;
  std::unordered_map<std::string, int> by_name_;
};

}  // namespace headrace
