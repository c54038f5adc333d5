// Which edges are turned round so that no cycle remains. Finding the fewest is a hard problem; the rule of Eades, Lin and Smyth
// ("A fast and effective heuristic for the feedback arc set problem") is linear but for the choice of a node on a cycle: nodes
// that nothing leads to come first, nodes that lead nowhere last, and where there is neither the node with the most edges out
// over those in comes first. What then leads back is turned round; without cycles that is nothing.
#include <algorithm>
#include <deque>

#include "adjacency.hpp"
#include "layered.hpp"

namespace headrace::layout {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

class Ordering {
 public:
  Ordering(int count, const std::vector<Edge>& edges) : graph_(count, edges), is_taken_(at(count), false), place_(at(count), 0) {
    for (int node = 0; node < count; ++node) {
      in_.push_back(static_cast<int>(graph_.before[at(node)].size()));
      out_.push_back(static_cast<int>(graph_.after[at(node)].size()));
      remaining_.push_back(node);
    }
  }

  /// The place of each node in an order that most edges follow.
  std::vector<int> run() {
    for (const int node : remaining_) note_end(node);
    while (true) {
      take_ends();
      std::erase_if(remaining_, [&](int node) { return is_taken_[at(node)]; });
      if (remaining_.empty()) return std::move(place_);
      take_first(*std::max_element(remaining_.begin(), remaining_.end(),
                                   [&](int a, int b) { return out_[at(a)] - in_[at(a)] < out_[at(b)] - in_[at(b)]; }));
    }
  }

 private:
  void note_end(int node) {
    if (in_[at(node)] == 0 || out_[at(node)] == 0) ends_.push_back(node);
  }
  void take_ends() {
    for (; !ends_.empty(); ends_.pop_front()) {
      const int node = ends_.front();
      if (is_taken_[at(node)]) continue;
      if (in_[at(node)] == 0)
        take_first(node);
      else
        take(node, --last_);
    }
  }
  void take_first(int node) { take(node, first_++); }
  void take(int node, int place) {
    is_taken_[at(node)] = true;
    place_[at(node)] = place;
    for (const int other : graph_.after[at(node)]) {
      --in_[at(other)];
      note_end(other);
    }
    for (const int other : graph_.before[at(node)]) {
      --out_[at(other)];
      note_end(other);
    }
  }

  const Adjacency graph_;
  std::vector<bool> is_taken_;
  std::vector<int> place_, in_, out_;  // edges from and to nodes that are not taken yet
  std::vector<int> remaining_;
  std::deque<int> ends_;
  int first_ = 0, last_ = 0;  // the next place from the front, the last one given from the back
};

}  // namespace

std::vector<Edge> without_cycles(int box_count, const std::vector<Edge>& edges) {
  std::vector<Edge> result;
  std::copy_if(edges.begin(), edges.end(), std::back_inserter(result),
               [](const Edge& edge) { return edge.first != edge.second; });
  auto place = Ordering(box_count, result).run();
  // Places from the back are negative: behind all from the front.
  for (int& each : place) each = each < 0 ? each + box_count : each;
  for (auto& [from, to] : result)
    if (place[at(from)] > place[at(to)]) std::swap(from, to);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace headrace::layout
