// The order of the nodes within their layers while it is improved: the moves, and the count that tells whether they helped.
// Private to core.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "layers.hpp"

namespace headrace::layout {

class Order {
 public:
  /// Works on `layers.order`.
  explicit Order(Layers& layers);

  std::uint64_t crossings();

  /// Each node goes to the mean position of its neighbors in the layer before, layer by layer from left to right, or the other
  /// way round: quick, and what brings together what belongs together.
  void sweep(bool rightward);
  /// Nodes that stand side by side change places wherever that leaves fewer crossings.
  void exchange();
  /// Each node goes to the place nearby where it has the fewest crossings. `may_move`: one a node; empty: all may. Returns
  /// whether that helped.
  bool sift(bool rightward, const std::vector<bool>& may_move = {});

  /// Where several places are equal, moves take another than the present one: a way out of orders that no single move makes
  /// better.
  bool turn_ties = false;

 private:
  /// The neighbors on one side of each node, one behind the other in memory.
  struct Side {
    std::vector<std::size_t> first;     // of each node's, in the other two
    std::vector<int> nodes, positions;  // the latter as of the last look_up(), ascending
    explicit Side(const std::vector<std::vector<int>>& neighbors);
    std::span<const int> nodes_of(int node) const { return part(nodes, node); }
    std::span<const int> positions_of(int node) const { return part(positions, node); }
    std::span<const int> part(const std::vector<int>& all, int node) const {
      const auto begin = first[static_cast<std::size_t>(node)];
      return {all.data() + begin, first[static_cast<std::size_t>(node) + 1] - begin};
    }
    void look_up(int node, const std::vector<int>& position);
  };

  void number(const std::vector<int>& layer);
  void look_up(const std::vector<int>& layer);
  void sort_by_neighbors(std::vector<int>& layer, const Side& side);
  bool exchange_in(std::vector<int>& layer);
  bool sift_in(std::size_t index, const std::vector<bool>& may_move);
  int gain_of_passing(int other) const;
  void move(std::vector<int>& layer, std::size_t from, std::size_t to);

  Layers& layers_;
  Side left_, right_;
  std::vector<int> position_;  // of each node in its layer
  std::vector<float> wish_;
  std::vector<int> left_gain_, right_gain_;  // of the node that is sifted, by the position of another one's neighbor
  std::vector<int> counts_, nodes_;
};

}  // namespace headrace::layout
