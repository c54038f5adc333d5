// Fewer crossings by many beginnings: where a search ends depends on where it begins, much more than on how long it takes.
#include <algorithm>
#include <utility>

#include "order.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

using LayerOrder = std::vector<std::vector<int>>;

struct Attempt {
  std::uint64_t crossings = 0;
  LayerOrder order;
};

/// How to begin, and what to do between sweeps.
struct Way {
  bool rightward_first = true;
  bool exchanges = false;  ///< slower, and for graphs of some hundred nodes often better
};

/// Sweeps in turn from both sides while that helps, and keeps the best order seen.
Attempt sweep(Layers& layers, const LayerOrder& beginning, const Way& way) {
  constexpr int k_sweeps = 24, k_patience = 4;  // a sweep that helps nothing may still open the way for the next one
  layers.order = beginning;
  Order order(layers);
  Attempt best{order.crossings(), layers.order};
  for (int round = 0, idle = 0; round < k_sweeps && idle < k_patience && best.crossings > 0; ++round, ++idle) {
    order.turn_ties = round / 2 % 2 == 1;
    order.sweep((round % 2 == 0) == way.rightward_first);
    if (way.exchanges) order.exchange();
    const auto now = order.crossings();
    if (now >= best.crossings) continue;
    best = {now, layers.order};
    idle = -1;
  }
  return best;
}

/// Sifts from both sides in turn while that helps. Orders with as many crossings are taken too: they lead out of local minima.
Attempt sift(Layers& layers, Attempt best, int rounds) {
  constexpr int k_patience = 4;
  layers.order = best.order;
  Order order(layers);
  for (int round = 0, idle = 0; round < rounds && idle < k_patience && best.crossings > 0; ++round, ++idle) {
    order.turn_ties = round % 2 == 1;
    order.sift(round / 2 % 2 == 0);
    const auto now = order.crossings();
    if (now < best.crossings) idle = -1;
    if (now <= best.crossings) best = {now, layers.order};
  }
  return best;
}

/// Goes through all nodes breadth first, component by component; each begins at the first of its nodes in `starts`.
template <typename Visit, typename Finish>
void go_breadth_first(const Layers& layers, const std::vector<int>& starts, Visit visit, Finish finish) {
  std::vector<bool> seen(layers.height.size(), false);
  std::vector<int> open;
  for (const int start : starts) {
    if (seen[at(start)]) continue;
    seen[at(start)] = true;
    open.assign(1, start);
    for (std::size_t next = 0; next < open.size(); ++next) {
      const int node = open[next];
      visit(node);
      for (const auto* neighbors : {&layers.left[at(node)], &layers.right[at(node)]}) {
        for (const int other : *neighbors) {
          if (seen[at(other)]) continue;
          seen[at(other)] = true;
          open.push_back(other);
        }
      }
    }
    finish(open.back());
  }
}

/// Two orders to begin with: of each component breadth first from one of its far ends, and from the other. Along its length what
/// belongs together lies together, which sweeps alone hardly find once it does not.
std::vector<LayerOrder> beginnings(const Layers& layers, std::size_t count) {
  std::vector<int> starts;
  for (const auto& layer : layers.order) starts.insert(starts.end(), layer.begin(), layer.end());
  std::vector<LayerOrder> result;
  while (result.size() < count) {
    std::vector<int> ends;
    go_breadth_first(
        layers, starts, [](int) {}, [&](int last) { ends.push_back(last); });
    LayerOrder order(layers.order.size());
    go_breadth_first(
        layers, ends, [&](int node) { order[at(layers.layer[at(node)])].push_back(node); }, [](int) {});
    result.push_back(std::move(order));
    starts = std::move(ends);
  }
  return result;
}

/// Of some hundred nodes every crossing is seen, and all ways together take some milliseconds.
std::vector<Way> ways_for(std::size_t nodes) {
  constexpr std::size_t k_small = 700;
  if (nodes > k_small) return {{true, false}, {false, false}};
  return {{true, false}, {false, false}, {true, true}, {false, true}};
}

/// Of a drawing and its mirror image, which have as many crossings, the one where more boxes stand in the order of their names.
void turn_as_named(Layers& layers) {
  int ascending = 0;
  for (const auto& layer : layers.order) {
    int last = -1;
    for (const int node : layer) {
      if (!layers.is_box(node)) continue;
      if (last >= 0) ascending += node > last ? 1 : -1;
      last = node;
    }
  }
  if (ascending >= 0) return;
  for (auto& layer : layers.order) std::reverse(layer.begin(), layer.end());
}

void search(Layers& layers, bool thorough) {
  const auto begin = beginnings(layers, thorough ? 2 : 1);
  constexpr std::size_t k_most_for_thorough = 6000;
  if (!thorough || layers.height.size() > k_most_for_thorough) {
    layers.order = sweep(layers, begin.front(), {}).order;
    return;
  }
  std::vector<Attempt> attempts;
  for (const auto& beginning : begin)
    for (const auto& way : ways_for(layers.height.size())) attempts.push_back(sift(layers, sweep(layers, beginning, way), 1));
  std::stable_sort(attempts.begin(), attempts.end(),
                   [](const Attempt& a, const Attempt& b) { return a.crossings < b.crossings; });
  constexpr std::size_t k_most_promising = 3;
  constexpr int k_rounds = 12;
  Attempt best = attempts.front();
  for (std::size_t i = 0; i < std::min(attempts.size(), k_most_promising); ++i) {
    auto attempt = sift(layers, std::move(attempts[i]), k_rounds);
    if (attempt.crossings < best.crossings || i == 0) best = std::move(attempt);
  }
  layers.order = std::move(best.order);
}

}  // namespace

void reduce_crossings(Layers& layers, bool thorough) {
  if (layers.order.size() < 2) return;
  search(layers, thorough);
  turn_as_named(layers);
}

}  // namespace headrace::layout
