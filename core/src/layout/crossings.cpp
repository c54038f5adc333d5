#include <algorithm>
#include <cstdint>

#include "layers.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Counts how many numbers at or below a given one were added (a Fenwick tree).
class Counter {
 public:
  void reset(std::size_t size) { counts_.assign(size + 1, 0); }
  void add(int value) {
    for (int i = value + 1; at(i) < counts_.size(); i += i & -i) ++counts_[at(i)];
  }
  int at_or_below(int value) const {
    int sum = 0;
    for (int i = value + 1; i > 0; i -= i & -i) sum += counts_[at(i)];
    return sum;
  }

 private:
  std::vector<int> counts_;
};

class CrossingReduction {
 public:
  explicit CrossingReduction(Layers& layers) : layers_(layers), position_(layers.height.size()), wish_(layers.height.size()) {
    for (const auto& layer : layers_.order) number(layer);
  }

  /// Sweeps right and left in turn while that helps, and keeps the best order seen.
  void run(int sweeps) {
    auto best = layers_.order;
    std::uint64_t fewest = crossings();
    constexpr int k_patience = 4;  // a sweep that helps nothing may still open the way for the next one
    for (int sweep = 0, idle = 0; sweep < sweeps && idle < k_patience && fewest > 0; ++sweep) {
      if (sweep % 2 == 0)
        sweep_right();
      else
        sweep_left();
      const std::uint64_t now = crossings();
      ++idle;
      if (now >= fewest) continue;
      fewest = now;
      best = layers_.order;
      idle = 0;
    }
    layers_.order = std::move(best);
  }

 private:
  void sweep_right() {
    for (std::size_t i = 1; i < layers_.order.size(); ++i) sort_by_neighbors(layers_.order[i], layers_.left);
  }
  void sweep_left() {
    for (std::size_t i = layers_.order.size() - 1; i-- > 0;) sort_by_neighbors(layers_.order[i], layers_.right);
  }

  /// Each node wants to stand at the mean position of its neighbors; one without neighbors stays where it is.
  void sort_by_neighbors(std::vector<int>& layer, const std::vector<std::vector<int>>& neighbors) {
    for (const int node : layer) {
      const auto& around = neighbors[at(node)];
      float sum = 0;
      for (const int neighbor : around) sum += static_cast<float>(position_[at(neighbor)]);
      wish_[at(node)] = around.empty() ? static_cast<float>(position_[at(node)]) : sum / static_cast<float>(around.size());
    }
    std::stable_sort(layer.begin(), layer.end(), [&](int a, int b) { return wish_[at(a)] < wish_[at(b)]; });
    number(layer);
  }

  void number(const std::vector<int>& layer) {
    for (std::size_t i = 0; i < layer.size(); ++i) position_[at(layer[i])] = static_cast<int>(i);
  }

  /// Two edges between the same layers cross when their ends are in different order: counted by going down the left layer.
  std::uint64_t crossings() {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i + 1 < layers_.order.size(); ++i) {
      counter_.reset(layers_.order[i + 1].size());
      int seen = 0;
      for (const int node : layers_.order[i]) {
        const auto& targets = layers_.right[at(node)];
        for (const int target : targets) total += static_cast<std::uint64_t>(seen - counter_.at_or_below(position_[at(target)]));
        for (const int target : targets) counter_.add(position_[at(target)]);
        seen += static_cast<int>(targets.size());
      }
    }
    return total;
  }

  Layers& layers_;
  std::vector<int> position_;  // of each node in its layer
  std::vector<float> wish_;
  Counter counter_;
};

}  // namespace

void reduce_crossings(Layers& layers, int sweeps) {
  if (layers.order.size() > 1) CrossingReduction(layers).run(sweeps);
}

}  // namespace headrace::layout
