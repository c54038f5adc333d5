#include <algorithm>
#include <cmath>
#include <limits>

#include "order.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Heights of all nodes as they would have been: bends lie on the straight line between their edge's ends, what is new beside its
/// neighbors. NaN: nothing is known.
class EarlierWishes {
 public:
  EarlierWishes(const Layers& layers, const std::vector<float>& heights)
      : wish_(layers.height.size(), std::numeric_limits<float>::quiet_NaN()) {
    std::copy(heights.begin(), heights.end(), wish_.begin());
    for (const auto& [edge, bends] : layers.bends) {
      const float from = heights[at(edge.first)], to = heights[at(edge.second)];
      for (std::size_t i = 0; i < bends.size(); ++i)
        wish_[at(bends[i])] = from + (to - from) * static_cast<float>(i + 1) / static_cast<float>(bends.size() + 1);
    }
    for (const auto& [port, bends] : layers.port_bends)
      for (const int bend : bends) wish_[at(bend)] = heights[at(port.first)];
    for (const auto& layer : layers.order) fill(layer, layers.left);
    for (auto layer = layers.order.rbegin(); layer != layers.order.rend(); ++layer) fill(*layer, layers.right);
  }

  void sort(std::vector<int>& layer) const {
    std::stable_sort(layer.begin(), layer.end(), [&](int a, int b) {
      const float upper = wish_[at(a)], lower = wish_[at(b)];
      return std::isnan(lower) ? !std::isnan(upper) : upper < lower;  // what is nowhere stands last
    });
  }

 private:
  void fill(const std::vector<int>& layer, const std::vector<std::vector<int>>& neighbors) {
    for (const int node : layer)
      if (std::isnan(wish_[at(node)])) wish_[at(node)] = mean_of(neighbors[at(node)]);
  }
  float mean_of(const std::vector<int>& neighbors) const {
    float sum = 0;
    int count = 0;
    for (const int neighbor : neighbors) {
      if (std::isnan(wish_[at(neighbor)])) continue;
      sum += wish_[at(neighbor)];
      ++count;
    }
    return count ? sum / static_cast<float>(count) : std::numeric_limits<float>::quiet_NaN();
  }

  std::vector<float> wish_;
};

}  // namespace

void prefer_earlier_order(Layers& layers, const std::vector<float>& heights) {
  if (heights.empty()) return;
  const auto fewest = Order(layers).crossings();
  auto best = layers.order;
  const EarlierWishes wishes(layers, heights);
  for (auto& layer : layers.order) wishes.sort(layer);
  // Nobody knows where bends lay, and new boxes lay nowhere: they go where they cross least.
  std::vector<bool> is_new(layers.height.size(), true);
  for (std::size_t box = 0; box < heights.size(); ++box) is_new[box] = std::isnan(heights[box]);
  Order order(layers);
  constexpr int k_rounds = 6;
  for (int round = 0; round < k_rounds && order.sift(round % 2 == 0, is_new); ++round) continue;
  if (order.crossings() > fewest + fewest / 8 + 2) layers.order = std::move(best);
}

}  // namespace headrace::layout
