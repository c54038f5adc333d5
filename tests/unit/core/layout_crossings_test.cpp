// Graphviz's `dot` as an oracle: drawings have about as few crossings as its own, which are the yardstick of layered drawings.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "drawings.hpp"

namespace headrace {
namespace {

using testing::asset;
using testing::Random;

struct Point {
  double x = 0, y = 0;
};
struct Line {
  int from = 0, to = 0;
  std::vector<Point> points;
};

/// 1.5 edges an asset: most of them within up to fifty parts, from layer to layer; some lead on to a later part. What people
/// write looks like this before they sort it into groups.
std::vector<std::pair<int, int>> random_edges(Random& random, int size) {
  const int parts = std::min(50, std::max(2, size / 4)), part_size = (size + parts - 1) / parts;
  const int layers = std::max(3, static_cast<int>(std::round(std::sqrt(part_size))));
  const int column = static_cast<int>(std::ceil(std::sqrt(parts)));
  const auto part_of = [&](int i) { return i / part_size; };
  const auto layer_of = [&](int i) { return i % part_size * layers / part_size; };
  std::set<std::pair<int, int>> edges;
  while (static_cast<int>(edges.size()) < size * 3 / 2) {
    const int from = random.below(size), to = random.below(size);
    const int passed = part_of(to) / column - part_of(from) / column;
    const int wanted = layer_of(from) + 1 + (random.chance(15) ? random.below(3) : 0);
    const bool is_near = part_of(from) == part_of(to) && layer_of(to) == wanted;
    const bool leads_on = passed >= 1 && passed <= 2 && random.below(9 * parts * layers) == 0;
    if (is_near || leads_on) edges.emplace(from, to);
  }
  return {edges.begin(), edges.end()};
}
std::string name(int index) { return "a" + std::to_string(100000 + index); }

std::vector<Line> drawn_by_headrace(int size, const std::vector<std::pair<int, int>>& edges) {
  std::vector<std::vector<std::string>> inputs(static_cast<std::size_t>(size));
  for (const auto& [from, to] : edges) inputs[static_cast<std::size_t>(to)].push_back(name(from));
  std::vector<AssetDefinition> assets;
  for (int i = 0; i < size; ++i) assets.push_back(asset(name(i), inputs[static_cast<std::size_t>(i)]));
  const auto drawing = testing::lay_out_all(testing::graph_of(assets));
  const testing::DrawnEdges drawn(drawing, {});
  std::vector<Line> lines;
  for (const auto& [from, to] : edges) {
    Line line{from, to, {}};
    // Curves that begin and end side by side cross once if their ends are in the other order, as the straight lines do.
    for (const auto& [x, y] : drawn.points(static_cast<std::size_t>(from), static_cast<std::size_t>(to)))
      line.points.push_back({x, y});
    lines.push_back(std::move(line));
  }
  return lines;
}

/// A Bézier curve as straight lines.
void add_curve(std::vector<Point>& points, const std::vector<Point>& controls, std::size_t first) {
  constexpr int k_lines = 10;
  for (int i = 1; i <= k_lines; ++i) {
    const double t = static_cast<double>(i) / k_lines, u = 1 - t;
    const double weights[] = {u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t};
    Point point;
    for (std::size_t k = 0; k < 4; ++k) {
      point.x += weights[k] * controls[first + k].x;
      point.y += weights[k] * controls[first + k].y;
    }
    points.push_back(point);
  }
}

std::vector<Line> drawn_by_dot(int size, const std::vector<std::pair<int, int>>& edges) {
  const auto input = ::testing::TempDir() + "layout.dot", output = ::testing::TempDir() + "layout.plain";
  {
    std::ofstream file(input);
    file << "digraph { rankdir=LR nodesep=0.17 ranksep=0.83 node [shape=box fixedsize=true width=2.5 height=0.61 label=\"\"]\n";
    for (int i = 0; i < size; ++i) file << name(i) << "\n";
    for (const auto& [from, to] : edges) file << name(from) << " -> " << name(to) << "\n";
    file << "}\n";
  }
  if (std::system(("dot -Tplain -o " + output + " " + input).c_str()) != 0) {
    ADD_FAILURE() << "`dot` does not run: install the package graphviz (tools/packages.txt)";
    return {};
  }
  std::vector<Line> lines;
  std::ifstream file(output);
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text);
    std::string kind, from, to;
    std::size_t count = 0;
    if (!(words >> kind) || kind != "edge" || !(words >> from >> to >> count)) continue;
    std::vector<Point> controls(count);
    for (auto& control : controls) words >> control.x >> control.y;
    Line line{std::stoi(from.substr(1)) - 100000, std::stoi(to.substr(1)) - 100000, {controls.front()}};
    for (std::size_t i = 0; i + 3 < count; i += 3) add_curve(line.points, controls, i);
    lines.push_back(std::move(line));
  }
  EXPECT_EQ(lines.size(), edges.size());
  return lines;
}

/// Twice the signed area of a triangle.
double turn(const Point& a, const Point& b, const Point& c) { return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x); }

/// Between edges that have no end in common.
int crossings(const std::vector<Line>& lines) {
  struct Piece {
    Point left, right;
    const Line* line;
  };
  std::vector<Piece> pieces;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i + 1 < line.points.size(); ++i) {
      auto left = line.points[i], right = line.points[i + 1];
      if (left.x > right.x) std::swap(left, right);
      pieces.push_back({left, right, &line});
    }
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.left.x < b.left.x; });
  int total = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    for (std::size_t j = i + 1; j < pieces.size() && pieces[j].left.x <= pieces[i].right.x; ++j) {
      const auto &a = pieces[i], &b = pieces[j];
      if (a.line->from == b.line->from || a.line->to == b.line->to || a.line->from == b.line->to || a.line->to == b.line->from)
        continue;
      total += (turn(a.left, a.right, b.left) > 0) != (turn(a.left, a.right, b.right) > 0) &&
               (turn(b.left, b.right, a.left) > 0) != (turn(b.left, b.right, a.right) > 0);
    }
  }
  return total;
}

/// Of some graphs of a size, drawn without groups.
void compare(int size, std::uint32_t graphs) {
  int ours = 0, of_dot = 0;
  for (std::uint32_t seed = 1; seed <= graphs; ++seed) {
    Random random(seed);
    const auto edges = random_edges(random, size);
    ours += crossings(drawn_by_headrace(size, edges));
    of_dot += crossings(drawn_by_dot(size, edges));
  }
  EXPECT_GT(of_dot, 0);
  EXPECT_LE(ours, of_dot * 12 / 10) << "dot: " << of_dot;
  ::testing::Test::RecordProperty("crossings", ours);
  ::testing::Test::RecordProperty("crossings_of_dot", of_dot);
}

TEST(LayoutCrossings, ThirtyAssetsAsDotDrawsThem) { compare(30, 20); }
TEST(LayoutCrossings, AHundredAssetsAsDotDrawsThem) { compare(100, 10); }
TEST(LayoutCrossings, AThousandAssetsAsDotDrawsThem) { compare(1000, 2); }

}  // namespace
}  // namespace headrace
