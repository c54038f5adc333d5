#include <core/ready_steps.hpp>

#include <cassert>

namespace headrace {
namespace {

std::size_t at(int lane) { return static_cast<std::size_t>(lane); }

}  // namespace

void ReadySteps::insert(int lane, int step, int priority) {
  if (at(lane) >= lanes_.size()) lanes_.resize(at(lane) + 1);
  size_ += lanes_[at(lane)].emplace(-priority, step).second ? 1 : 0;
}

void ReadySteps::erase(int lane, int step, int priority) {
  if (at(lane) < lanes_.size()) size_ -= lanes_[at(lane)].erase({-priority, step});
}

void ReadySteps::clear() {
  lanes_.clear();
  size_ = 0;
}

std::size_t ReadySteps::size_of(int lane) const { return at(lane) < lanes_.size() ? lanes_[at(lane)].size() : 0; }

int ReadySteps::best_lane(const std::set<int>& closed) const {
  int best = -1;
  for (int lane = 0; lane < static_cast<int>(lanes_.size()); ++lane) {
    if (lanes_[at(lane)].empty() || closed.contains(lane)) continue;
    if (best < 0 || *lanes_[at(lane)].begin() < *lanes_[at(best)].begin()) best = lane;
  }
  return best;
}

int ReadySteps::head(int lane) const {
  assert(size_of(lane) > 0);
  return lanes_[at(lane)].begin()->second;
}

std::vector<int> ReadySteps::all() const {
  std::vector<int> result;
  for (const auto& lane : lanes_)
    for (const auto& [priority, step] : lane) result.push_back(step);
  return result;
}

}  // namespace headrace
