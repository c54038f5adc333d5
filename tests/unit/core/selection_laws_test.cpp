// The selection language against an evaluator that is as naive as possible: sets of keys, and paths searched one by one.
#include <set>

#include <core/selection.hpp>
#include <gtest/gtest.h>

#include "graphs.hpp"

namespace headrace {
namespace {

using testing::Random;
using Set = std::set<int>;

Set all_of(const AssetGraph& graph) {
  Set result;
  for (int i = 0; i < graph.size(); ++i) result.insert(i);
  return result;
}
Set intersection(const Set& a, const Set& b) {
  Set result;
  for (const int x : a) {
    if (b.contains(x)) result.insert(x);
  }
  return result;
}
Set difference(const Set& a, const Set& b) {
  Set result;
  for (const int x : a) {
    if (!b.contains(x)) result.insert(x);
  }
  return result;
}
Set united(Set a, const Set& b) {
  a.insert(b.begin(), b.end());
  return a;
}

/// At most `levels` steps up or down, one step at a time.
Set around(const AssetGraph& graph, Set from, int levels, bool up) {
  for (int level = 0; level < levels; ++level) {
    Set next = from;
    for (const int x : from) {
      for (const int y : up ? graph.node(x).upstream : graph.node(x).downstream) next.insert(y);
    }
    from = next;
  }
  return from;
}

Set ends(const AssetGraph& graph, const Set& members, bool roots) {
  Set result;
  for (const int x : members) {
    const Set beyond = around(graph, {x}, graph.size(), roots);
    if (intersection(beyond, members).size() == 1) result.insert(x);  // nobody but itself
  }
  return result;
}

/// A random selection as text and, evaluated naively, as a set.
struct Written {
  std::string text;
  Set members;
};

class Writer {
 public:
  Writer(const AssetGraph& graph, Random& random) : graph_(graph), random_(random) {}

  Written write(int depth) {
    if (depth == 0) return leaf();
    switch (random_.below(8)) {
      case 0:
        return binary(depth, " or ", united);
      case 1:
        return binary(depth, ",", united);
      case 2:
        return binary(depth, " and ", intersection);
      case 3: {
        const auto inner = write(depth - 1);
        return {"not (" + inner.text + ")", difference(all_of(graph_), inner.members)};
      }
      case 4:
        return levels(depth);
      case 5:
        return ends_of(depth, true);
      case 6:
        return ends_of(depth, false);
      default:
        return leaf();
    }
  }

 private:
  Written leaf() {
    const int node = random_.below(graph_.size());
    switch (random_.below(5)) {
      case 0:
        return {"*", all_of(graph_)};
      case 1:
        return {"group:group_1", where([](const AssetNode& n) { return n.group() == "group_1"; })};
      case 2:
        return {"tag:team=a", where([](const AssetNode& n) { return n.definition->tags.value("team", "") == "a"; })};
      case 3:
        return {"key:\"raw/*\"", where([](const AssetNode& n) { return n.key_string.rfind("raw/", 0) == 0; })};
      default:
        return {graph_.node(node).key_string, {node}};
    }
  }
  template <class Predicate>
  Set where(Predicate predicate) {
    Set result;
    for (int i = 0; i < graph_.size(); ++i) {
      if (predicate(graph_.node(i))) result.insert(i);
    }
    return result;
  }
  template <class Combine>
  Written binary(int depth, const std::string& sign, Combine combine) {
    const auto a = write(depth - 1), b = write(depth - 1);
    return {"(" + a.text + sign + b.text + ")", combine(a.members, b.members)};
  }
  Written levels(int depth) {
    const auto inner = write(depth - 1);
    const int up = random_.below(4), down = random_.below(4);  // 3: all
    const std::string before = up == 0   ? ""
                               : up == 3 ? "+"
                                         : std::to_string(up) + "+",
                      after = down == 0   ? ""
                              : down == 3 ? "+"
                                          : "+" + std::to_string(down);
    const Set above = around(graph_, inner.members, up == 3 ? graph_.size() : up, true),
              below = around(graph_, inner.members, down == 3 ? graph_.size() : down, false);
    return {before + "(" + inner.text + ")" + after, united(above, below)};
  }
  Written ends_of(int depth, bool roots) {
    const auto inner = write(depth - 1);
    return {(roots ? "roots(" : "sinks(") + inner.text + ")", ends(graph_, inner.members, roots)};
  }

  const AssetGraph& graph_;
  Random& random_;
};

Set selected(const AssetGraph& graph, const std::string& text) {
  const auto assets = Selection::parse(text).value().resolve(graph).value();
  EXPECT_TRUE(std::is_sorted(assets.begin(), assets.end()));
  Set result(assets.begin(), assets.end());
  EXPECT_EQ(result.size(), assets.size());
  return result;
}

TEST(SelectionLaws, EqualsTheNaiveEvaluator) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const auto graph = testing::graph_of(testing::random_assets(random, 1 + random.below(25)));
    Writer writer(graph, random);
    for (int i = 0; i < 10; ++i) {
      const auto written = writer.write(random.below(5));
      ASSERT_EQ(selected(graph, written.text), written.members) << "seed " << seed << ": " << written.text;
    }
  }
}

TEST(SelectionLaws, HoldForRandomExpressions) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto graph = testing::graph_of(testing::random_assets(random, 1 + random.below(25)));
    Writer writer(graph, random);
    const std::string a = "(" + writer.write(2).text + ")", b = "(" + writer.write(2).text + ")",
                      c = "(" + writer.write(1).text + ")";
    const auto equal = [&](const std::string& left, const std::string& right) {
      EXPECT_EQ(selected(graph, left), selected(graph, right)) << "seed " << seed << ": " << left << "   and   " << right;
    };
    equal("not (" + a + " or " + b + ")", "not " + a + " and not " + b);
    equal("not (" + a + " and " + b + ")", "not " + a + " or not " + b);
    equal("not not " + a, a);
    equal(a + " and (" + b + " or " + c + ")", "(" + a + " and " + b + ") or (" + a + " and " + c + ")");
    equal(a + " or " + b, b + " , " + a);
    equal(a + " and not " + a, "not *");
    equal("+" + a + " or +" + b, "+(" + a + " or " + b + ")");
    equal("+(+" + a + ")", "+" + a);
    equal("1+(1+" + a + ")", "2+" + a);
    equal("*" + a, "+" + a);
    equal(a + "*", a + "+");
    equal("roots(roots(" + a + "))", "roots(" + a + ")");
    equal("+" + a + " and roots(*)", "roots(+" + a + ")");
    equal(a + "+ and sinks(*)", "sinks(" + a + "+)");
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace headrace
