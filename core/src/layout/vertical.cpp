#include <algorithm>

#include "layers.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

using Row = std::vector<int>;

/// The order of the rows is given; each row wants to be at the (weighted) mean height of its neighbors. The positions with the
/// least squared distance from all wishes are found exactly, layer by layer, by isotonic regression: rows that would come too
/// close are merged to a block which takes the mean of its wishes ("pool adjacent violators"), linear in the number of rows.
class VerticalPlacement {
 public:
  VerticalPlacement(const Layers& layers, const Rows& rows, float gap)
      : layers_(layers), rows_(rows), gap_(gap), y_(layers.height.size(), 0) {}

  std::vector<float> run() {
    for (const auto& rows : rows_.of_layer) stack(rows);
    constexpr int k_rounds = 8;
    for (int round = 0; round < k_rounds; ++round) {
      const bool rightward = round % 2 == 0;
      const bool look_both_ways = round + 2 >= k_rounds;
      const std::size_t count = rows_.of_layer.size();
      for (std::size_t i = 0; i < count; ++i) {
        place_layer(rows_.of_layer[rightward ? i : count - 1 - i], rightward || look_both_ways, !rightward || look_both_ways);
      }
    }
    return std::move(y_);
  }

 private:
  /// Rows one below the other, the whole centered at 0: a beginning.
  void stack(const std::vector<Row>& rows) {
    float total = -gap_;
    for (const auto& row : rows) total += height(row) + gap_;
    float top = -total / 2;
    for (const auto& row : rows) {
      for (const int node : row) y_[at(node)] = top + height(row) / 2;
      top += height(row) + gap_;
    }
  }

  void place_layer(const std::vector<Row>& rows, bool look_left, bool look_right) {
    blocks_.clear();
    offsets_.clear();
    float offset = 0;  // of the row's center below the first row's, when all stand as close as they may
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i > 0) offset += height(rows[i - 1]) / 2 + gap_ + height(rows[i]) / 2;
      offsets_.push_back(offset);
      const Wish wish = wish_of(rows[i], look_left, look_right);
      push_block({(wish.y - offset) * wish.weight, wish.weight, 1});
    }
    std::size_t row = 0;
    for (const auto& block : blocks_) {
      for (int i = 0; i < block.rows; ++i, ++row) {
        for (const int node : rows[row]) y_[at(node)] = static_cast<float>(block.mean()) + offsets_[row];
      }
    }
  }

  struct Wish {
    double y = 0, weight = 0;
  };
  Wish wish_of(const Row& row, bool look_left, bool look_right) const {
    double sum = 0, weights = 0, own = 0;
    const auto look = [&](int node, const std::vector<int>& neighbors) {
      for (const int neighbor : neighbors) {
        const double weight = weight_of(node) * weight_of(neighbor);
        sum += weight * y_[at(neighbor)];
        weights += weight;
      }
    };
    for (const int node : row) {
      own += weight_of(node);
      if (look_left) look(node, layers_.left[at(node)]);
      if (look_right) look(node, layers_.right[at(node)]);
    }
    constexpr double k_indifference = 0.1;  // who has no neighbors gives way to those who have
    return weights > 0 ? Wish{sum / weights, own} : Wish{y_[at(row.front())], k_indifference};
  }

  struct Block {
    double sum = 0, weight = 0;
    int rows = 0;
    double mean() const { return sum / weight; }
  };
  void push_block(Block block) {
    while (!blocks_.empty() && blocks_.back().mean() >= block.mean()) {
      block = {blocks_.back().sum + block.sum, blocks_.back().weight + block.weight, blocks_.back().rows + block.rows};
      blocks_.pop_back();
    }
    blocks_.push_back(block);
  }

  /// Bends insist more than boxes: long edges become straight.
  double weight_of(int node) const { return layers_.is_box(node) ? 1 : 4; }
  float height(const Row& row) const {
    float tallest = 0;
    for (const int node : row) tallest = std::max(tallest, layers_.height[at(node)]);
    return tallest;
  }

  const Layers& layers_;
  const Rows& rows_;
  const float gap_;
  std::vector<float> y_;
  std::vector<Block> blocks_;
  std::vector<float> offsets_;
};

}  // namespace

std::vector<float> vertical_positions(const Layers& layers, const Rows& rows, float gap) {
  return VerticalPlacement(layers, rows, gap).run();
}

}  // namespace headrace::layout
