#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

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
  explicit CrossingReduction(Layers& layers)
      : layers_(layers),
        position_(layers.height.size()),
        wish_(layers.height.size()),
        left_(position_.size()),
        right_(position_.size()) {
    for (const auto& layer : layers_.order) number(layer);
  }

  /// Sweeps right and left in turn while that helps, and keeps the best order seen. Returns the number of its crossings.
  std::uint64_t run(int sweeps, bool exchanges) {
    auto best = layers_.order;
    std::uint64_t fewest = crossings();
    constexpr int k_patience = 4;  // a sweep that helps nothing may still open the way for the next one
    for (int sweep = 0, idle = 0; sweep < sweeps && idle < k_patience && fewest > 0; ++sweep) {
      turn_ties_ = sweep / 2 % 2 == 1;
      if (sweep % 2 == 0)
        sweep_right();
      else
        sweep_left();
      if (exchanges) exchange_neighbors();
      const std::uint64_t now = crossings();
      ++idle;
      if (now >= fewest) continue;
      fewest = now;
      best = layers_.order;
      idle = 0;
    }
    layers_.order = std::move(best);
    return fewest;
  }

  std::uint64_t count() { return crossings(); }

 private:
  // ---- sweeps: each node goes to where its neighbors in the layer before are -------------------------------------------------

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
    if (turn_ties_) std::reverse(layer.begin(), layer.end());
    std::stable_sort(layer.begin(), layer.end(), [&](int a, int b) { return wish_[at(a)] < wish_[at(b)]; });
    number(layer);
  }

  void number(const std::vector<int>& layer) {
    for (std::size_t i = 0; i < layer.size(); ++i) position_[at(layer[i])] = static_cast<int>(i);
  }

  // ---- exchanges: what sweeps leave behind, seen from close ------------------------------------------------------------------

  /// Nodes that stand side by side change places wherever that leaves fewer crossings, and in every other sweep also where it
  /// leaves as many: a way out of orders that no single exchange makes better.
  void exchange_neighbors() {
    constexpr int k_rounds = 8;
    bool helped = true;
    for (int round = 0; round < k_rounds && helped; ++round) {
      helped = false;
      for (auto& layer : layers_.order) helped |= exchange_in(layer);
    }
  }
  bool exchange_in(std::vector<int>& layer) {
    for (const int node : layer) {
      sort_positions(layers_.left[at(node)], left_[at(node)]);
      sort_positions(layers_.right[at(node)], right_[at(node)]);
    }
    bool helped = false;
    for (std::size_t i = 0; i + 1 < layer.size(); ++i) {
      const int upper = layer[i], lower = layer[i + 1];
      const auto now = crossings_of(left_[at(upper)], left_[at(lower)]) + crossings_of(right_[at(upper)], right_[at(lower)]);
      if (now == 0) continue;
      const auto then = crossings_of(left_[at(lower)], left_[at(upper)]) + crossings_of(right_[at(lower)], right_[at(upper)]);
      if (then > now || (then == now && turn_ties_)) continue;
      std::swap(layer[i], layer[i + 1]);
      helped = helped || then < now;
    }
    number(layer);
    return helped;
  }
  void sort_positions(const std::vector<int>& neighbors, std::vector<int>& positions) const {
    positions.clear();
    for (const int neighbor : neighbors) positions.push_back(position_[at(neighbor)]);
    std::sort(positions.begin(), positions.end());
  }
  /// Between the edges of two nodes, given where these end: pairs that end in the other order than they begin.
  static std::uint64_t crossings_of(const std::vector<int>& upper, const std::vector<int>& lower) {
    std::uint64_t total = 0;
    std::size_t above = 0;  // ends of the lower node above the upper node's end
    for (const int end : upper) {
      while (above < lower.size() && lower[above] < end) ++above;
      total += above;
    }
    return total;
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
  std::vector<std::vector<int>> left_, right_;  // of each node, the sorted positions of its neighbors, while it may be exchanged
  bool turn_ties_ = false;                      // equal wishes change their order now and then, else they would keep it for ever
  Counter counter_;
};

/// Another order to begin with: breadth first from the nodes of the first layers, or from those of the last ones.
std::vector<std::vector<int>> breadth_first_order(const Layers& layers, bool from_left) {
  std::vector<int> layer_of(layers.height.size()), starts, open;
  for (std::size_t i = 0; i < layers.order.size(); ++i) {
    for (const int node : layers.order[i]) {
      layer_of[at(node)] = static_cast<int>(i);
      starts.push_back(node);
    }
  }
  if (!from_left) std::reverse(starts.begin(), starts.end());
  std::vector<std::vector<int>> order(layers.order.size());
  std::vector<bool> seen(layers.height.size(), false);
  for (const int start : starts) {
    if (seen[at(start)]) continue;
    seen[at(start)] = true;
    open.assign(1, start);
    for (std::size_t next = 0; next < open.size(); ++next) {
      const int node = open[next];
      order[at(layer_of[at(node)])].push_back(node);
      for (const auto* neighbors : {&layers.left[at(node)], &layers.right[at(node)]}) {
        for (const int other : *neighbors) {
          if (seen[at(other)]) continue;
          seen[at(other)] = true;
          open.push_back(other);
        }
      }
    }
  }
  return order;
}

}  // namespace

std::vector<std::vector<int>> order_as_earlier(const Layers& layers, const std::vector<float>& heights) {
  if (heights.empty()) return {};
  std::vector<float> wish(layers.height.size(), std::numeric_limits<float>::quiet_NaN());
  std::copy(heights.begin(), heights.end(), wish.begin());
  const auto mean_of = [&](const std::vector<int>& neighbors) {
    float sum = 0;
    int count = 0;
    for (const int neighbor : neighbors) {
      if (std::isnan(wish[at(neighbor)])) continue;
      sum += wish[at(neighbor)];
      ++count;
    }
    return count ? sum / static_cast<float>(count) : std::numeric_limits<float>::quiet_NaN();
  };
  const auto fill = [&](const std::vector<int>& layer, const std::vector<std::vector<int>>& neighbors) {
    for (const int node : layer)
      if (std::isnan(wish[at(node)])) wish[at(node)] = mean_of(neighbors[at(node)]);
  };
  for (const auto& layer : layers.order) fill(layer, layers.left);
  for (auto layer = layers.order.rbegin(); layer != layers.order.rend(); ++layer) fill(*layer, layers.right);

  auto order = layers.order;
  for (auto& layer : order) {
    std::stable_sort(layer.begin(), layer.end(), [&](int a, int b) {
      const float upper = wish[at(a)], lower = wish[at(b)];
      return std::isnan(lower) ? !std::isnan(upper) : upper < lower;  // what is nowhere stands last
    });
  }
  return order;
}

void prefer_order(Layers& layers, const std::vector<std::vector<int>>& order) {
  if (order.empty()) return;
  const auto fewest = CrossingReduction(layers).count();
  auto best = std::exchange(layers.order, order);
  const auto crossings = CrossingReduction(layers).count();
  if (crossings > fewest + fewest / 8 + 2) layers.order = std::move(best);
}

void reduce_crossings(Layers& layers, int sweeps, bool thorough) {
  if (layers.order.size() < 2) return;
  // Where sweeps end depends on where they begin, so that small graphs are worth three beginnings.
  constexpr std::size_t k_most_for_exchanges = 5000, k_most_for_beginnings = 1200;
  const bool exchanges = thorough && layers.height.size() <= k_most_for_exchanges;
  std::vector<std::vector<std::vector<int>>> beginnings;
  if (thorough && layers.height.size() <= k_most_for_beginnings) {
    for (const bool from_left : {true, false}) beginnings.push_back(breadth_first_order(layers, from_left));
  }
  std::uint64_t fewest = CrossingReduction(layers).run(sweeps, exchanges);
  for (auto& beginning : beginnings) {
    auto best = std::exchange(layers.order, std::move(beginning));
    const std::uint64_t crossings = CrossingReduction(layers).run(sweeps, exchanges);
    if (crossings >= fewest) layers.order = std::move(best);
    fewest = std::min(fewest, crossings);
  }
}

}  // namespace headrace::layout
