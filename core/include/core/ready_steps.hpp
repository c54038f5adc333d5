// The ready steps of a run, in lanes: steps of a lane are held back by the same things (their code location's workers, their
// pool), so that one look at a lane's head is enough, however many steps wait behind it. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

namespace headrace {

class ReadySteps {
 public:
  void insert(int lane, int step, int priority);
  void erase(int lane, int step, int priority);
  void clear();
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t size_of(int lane) const;

  /// The lane whose head comes first (higher priority, then lower step) among those that are not in `closed`; -1: none.
  int best_lane(const std::set<int>& closed) const;
  /// The first step of a lane that is not empty.
  int head(int lane) const;
  /// All of them, in no particular order.
  std::vector<int> all() const;

 private:
  using Lane = std::set<std::pair<int, int>>;  // (-priority, step)
  std::vector<Lane> lanes_;
  std::size_t size_ = 0;
};

}  // namespace headrace
