#include "order.hpp"

#include <algorithm>
#include <utility>

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Between the edges of two nodes, given where these end: pairs that end in the other order than they begin.
int crossings_between(std::span<const int> upper, std::span<const int> lower) {
  int total = 0;
  std::size_t above = 0;  // ends of the lower node above the upper node's end
  for (const int end : upper) {
    while (above < lower.size() && lower[above] < end) ++above;
    total += static_cast<int>(above);
  }
  return total;
}

/// For a node with edges to `ends` in a layer of so many positions: to each position, the number of its ends above less those
/// below. So many crossings does an edge to there bring when its node passes from below this one to above.
void gains_of(std::span<const int> ends, std::size_t positions, std::vector<int>& gains) {
  gains.resize(positions);
  int above = 0;
  const int count = static_cast<int>(ends.size());
  for (std::size_t position = 0, next = 0; position < positions; ++position) {
    int level = 0;
    for (; next < ends.size() && at(ends[next]) == position; ++next) ++level;
    gains[position] = 2 * above + level - count;
    above += level;
  }
}

}  // namespace

Order::Side::Side(const std::vector<std::vector<int>>& neighbors) {
  for (const auto& each : neighbors) {
    first.push_back(nodes.size());
    nodes.insert(nodes.end(), each.begin(), each.end());
  }
  first.push_back(nodes.size());
  positions.resize(nodes.size());
}

void Order::Side::look_up(int node, const std::vector<int>& position) {
  const auto begin = first[at(node)], end = first[at(node) + 1];
  for (auto i = begin; i < end; ++i) positions[i] = position[at(nodes[i])];
  if (end - begin > 1)
    std::sort(positions.begin() + static_cast<std::ptrdiff_t>(begin), positions.begin() + static_cast<std::ptrdiff_t>(end));
}

Order::Order(Layers& layers)
    : layers_(layers), left_(layers.left), right_(layers.right), position_(layers.height.size()), wish_(layers.height.size()) {
  for (const auto& layer : layers_.order) number(layer);
}

void Order::number(const std::vector<int>& layer) {
  for (std::size_t i = 0; i < layer.size(); ++i) position_[at(layer[i])] = static_cast<int>(i);
}
void Order::look_up(const std::vector<int>& layer) {
  for (const int node : layer) {
    left_.look_up(node, position_);
    right_.look_up(node, position_);
  }
}

/// Two edges between the same layers cross when their ends are in different order: counted by going down the left layer, with the
/// ends seen so far in a Fenwick tree.
std::uint64_t Order::crossings() {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i + 1 < layers_.order.size(); ++i) {
    counts_.assign(layers_.order[i + 1].size() + 1, 0);
    int seen = 0;
    for (const int node : layers_.order[i]) {
      const auto targets = right_.nodes_of(node);
      for (const int target : targets) {
        int at_or_above = 0;
        for (int k = position_[at(target)] + 1; k > 0; k -= k & -k) at_or_above += counts_[at(k)];
        total += static_cast<std::uint64_t>(seen - at_or_above);
      }
      for (const int target : targets)
        for (int k = position_[at(target)] + 1; at(k) < counts_.size(); k += k & -k) ++counts_[at(k)];
      seen += static_cast<int>(targets.size());
    }
  }
  return total;
}

// ---- sweeps ------------------------------------------------------------------------------------------------------------------

void Order::sweep(bool rightward) {
  const std::size_t count = layers_.order.size();
  for (std::size_t i = 1; i < count; ++i)
    sort_by_neighbors(layers_.order[rightward ? i : count - 1 - i], rightward ? left_ : right_);
}

/// One without neighbors stays where it is.
void Order::sort_by_neighbors(std::vector<int>& layer, const Side& side) {
  for (const int node : layer) {
    const auto around = side.nodes_of(node);
    float sum = 0;
    for (const int neighbor : around) sum += static_cast<float>(position_[at(neighbor)]);
    wish_[at(node)] = around.empty() ? static_cast<float>(position_[at(node)]) : sum / static_cast<float>(around.size());
  }
  if (turn_ties) std::reverse(layer.begin(), layer.end());
  std::stable_sort(layer.begin(), layer.end(), [&](int a, int b) { return wish_[at(a)] < wish_[at(b)]; });
  number(layer);
}

// ---- exchanges ---------------------------------------------------------------------------------------------------------------

/// Round by round, in layers that something has changed for.
void Order::exchange() {
  constexpr int k_rounds = 8;
  const std::size_t count = layers_.order.size();
  std::vector<bool> changed(count + 2, true);  // layer i at i + 1
  for (int round = 0; round < k_rounds; ++round) {
    bool helped = false;
    const auto before = std::exchange(changed, std::vector<bool>(count + 2, false));
    for (std::size_t i = 0; i < count; ++i) {
      if (!before[i] && !before[i + 1] && !before[i + 2] && !changed[i]) continue;
      changed[i + 1] = exchange_in(layers_.order[i]);
      helped = helped || changed[i + 1];
    }
    if (!helped) return;
  }
}

bool Order::exchange_in(std::vector<int>& layer) {
  look_up(layer);
  bool helped = false;
  for (std::size_t i = 0; i + 1 < layer.size(); ++i) {
    const auto left_upper = left_.positions_of(layer[i]), left_lower = left_.positions_of(layer[i + 1]);
    const auto right_upper = right_.positions_of(layer[i]), right_lower = right_.positions_of(layer[i + 1]);
    const int now = crossings_between(left_upper, left_lower) + crossings_between(right_upper, right_lower);
    if (now == 0) continue;
    const int then = crossings_between(left_lower, left_upper) + crossings_between(right_lower, right_upper);
    if (then > now || (then == now && turn_ties)) continue;
    std::swap(layer[i], layer[i + 1]);
    helped = helped || then < now;
  }
  number(layer);
  return helped;
}

// ---- sifting -----------------------------------------------------------------------------------------------------------------

bool Order::sift(bool rightward, const std::vector<bool>& may_move) {
  const std::size_t count = layers_.order.size();
  bool helped = false;
  for (std::size_t i = 0; i < count; ++i) helped |= sift_in(rightward ? i : count - 1 - i, may_move);
  return helped;
}

bool Order::sift_in(std::size_t index, const std::vector<bool>& may_move) {
  constexpr std::size_t k_reach = 20;  // looking farther takes longer and finds hardly more
  auto& layer = layers_.order[index];
  if (layer.size() < 2) return false;
  look_up(layer);
  nodes_ = layer;
  bool helped = false;
  for (const int node : nodes_) {
    if (!may_move.empty() && !may_move[at(node)]) continue;
    gains_of(left_.positions_of(node), index > 0 ? layers_.order[index - 1].size() : 0, left_gain_);
    gains_of(right_.positions_of(node), index + 1 < layers_.order.size() ? layers_.order[index + 1].size() : 0, right_gain_);
    const auto here = at(position_[at(node)]);
    std::size_t best = here;
    int fewest = 0, change = 0;
    for (std::size_t i = here + 1; i < std::min(layer.size(), here + k_reach); ++i) {
      change += gain_of_passing(layer[i]);
      if (change < fewest || (change == fewest && turn_ties)) fewest = change, best = i;
    }
    change = 0;
    for (std::size_t i = here; i-- > (here > k_reach ? here - k_reach : 0);) {
      change -= gain_of_passing(layer[i]);
      if (change < fewest) fewest = change, best = i;
    }
    if (best != here) move(layer, here, best);
    helped = helped || fewest < 0;
  }
  return helped;
}

/// The crossings that it brings when the other node passes from below the sifted one to above.
int Order::gain_of_passing(int other) const {
  int sum = 0;
  for (const int end : left_.positions_of(other)) sum += left_gain_[at(end)];
  for (const int end : right_.positions_of(other)) sum += right_gain_[at(end)];
  return sum;
}

void Order::move(std::vector<int>& layer, std::size_t from, std::size_t to) {
  const auto begin = layer.begin() + static_cast<std::ptrdiff_t>(from), end = layer.begin() + static_cast<std::ptrdiff_t>(to);
  if (from < to)
    std::rotate(begin, begin + 1, end + 1);
  else
    std::rotate(end, begin, begin + 1);
  for (std::size_t i = std::min(from, to); i <= std::max(from, to); ++i) position_[at(layer[i])] = static_cast<int>(i);
}

}  // namespace headrace::layout
