#include <core/selection.hpp>

#include <algorithm>

#include "selection_syntax.hpp"
#include "text.hpp"
#include "wildcard.hpp"

namespace headrace {

struct Selection::Expression {
  selection::Expression root;
};

namespace {

using selection::Expression;
using Kind = Expression::Kind;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Members among all assets of the graph, by index.
using Members = std::vector<char>;

constexpr std::string_view k_none = "<null>";  // kind:<null> selects the assets without any kind

bool any_matches(const std::string& pattern, const std::vector<std::string>& values) {
  if (pattern == k_none) return values.empty();
  return std::any_of(values.begin(), values.end(), [&](const std::string& value) { return matches_wildcard(pattern, value); });
}

/// `tag:k` is the tag k with an empty value, `tag:k=*` with any value.
bool tag_matches(const Expression& term, const nlohmann::json& tags) {
  if (term.value == k_none) return tags.empty();
  for (const auto& [name, value] : tags.items()) {
    if (matches_wildcard(term.value, name) && matches_wildcard(term.tag_value, value.get_ref<const std::string&>())) return true;
  }
  return false;
}

class Evaluation {
 public:
  Evaluation(const AssetGraph& graph, const Selection::StatusOf& status_of) : graph_(graph), status_of_(status_of) {}

  Result<Members> evaluate(const Expression& expression) {
    Members members = none();
    add(expression, members);
    if (error_) return tl::unexpected(*error_);
    return members;
  }

 private:
  Members none() const { return Members(at(graph_.size()), 0); }

  Members members_of(const Expression& expression) {
    Members members = none();
    if (may_go_through_graph(expression)) add(expression, members);
    return members;
  }

  /// Most parts of an expression go through the whole graph (keys in a list do not). The text comes from requests, and a megabyte
  /// of "a and a and a …" must not hold up the daemon.
  bool may_go_through_graph(const Expression& expression) {
    constexpr int k_most_times = 2000;
    if (++times_through_graph_ <= k_most_times) return true;
    const std::string message = "the selection has more than " + std::to_string(k_most_times) + " conditions";
    if (!error_) error_ = selection::error_at(expression.column, message).value();
    return false;
  }

  /// Adds what the expression selects. Adding, not returning, keeps a list of ten thousand keys as quick as one.
  void add(const Expression& expression, Members& members) {
    switch (expression.kind) {
      case Kind::everything:
        return std::fill(members.begin(), members.end(), 1);
      case Kind::key:
        return add_key(expression, members);
      case Kind::attribute:
        return add_with_attribute(expression, members);
      case Kind::any_of:
        for (const auto& operand : expression.operands) add(operand, members);
        return;
      case Kind::all_of:
        return add_all_of(expression, members);
      case Kind::none_of:
        return add_none_of(expression, members);
      case Kind::neighborhood:
        return add_neighborhood(expression, members);
      case Kind::roots:
      case Kind::sinks:
        return add_ends(expression, members);
    }
  }

  void add_key(const Expression& term, Members& members) {
    const int asset = graph_.find(term.value);
    if (asset >= 0) {
      members[at(asset)] = 1;
    } else if (!error_) {
      const auto similar = text::did_you_mean(graph_.did_you_mean(term.value));
      error_ = selection::error_at(term.column, "no asset has the key " + text::quote(term.value) + "." + similar).value();
    }
  }

  void add_with_attribute(const Expression& term, Members& members) {
    if (term.attribute == "status" && !status_of_) {
      const std::string message = "\"status:\" cannot be used here: nothing is known of materializations";
      if (!error_) error_ = selection::error_at(term.column, message).value();
      return;
    }
    if (!may_go_through_graph(term)) return;
    for (int asset = 0; asset < graph_.size(); ++asset) {
      if (!members[at(asset)] && has_attribute(term, asset)) members[at(asset)] = 1;
    }
  }

  bool has_attribute(const Expression& term, int asset) const {
    const AssetNode& node = graph_.node(asset);
    const std::string& name = term.attribute;
    if (name == "key") return matches_wildcard(term.value, node.key_string);
    if (name == "group") return matches_wildcard(term.value, node.group());
    if (name == "is") return node.is_materializable() == (term.value == "materializable");
    if (name == "status") return status_of_(asset) == term.value;
    if (node.is_stub()) return term.value == k_none;  // nothing more is known of a stub
    if (name == "tag") return tag_matches(term, node.definition->tags);
    if (name == "kind") return any_matches(term.value, node.definition->kinds);
    if (name == "owner") return any_matches(term.value, node.definition->owners);
    return matches_wildcard(term.value, node.definitions->code_location);
  }

  void add_all_of(const Expression& expression, Members& members) {
    Members common = members_of(expression.operands.front());
    for (std::size_t i = 1; i < expression.operands.size(); ++i) {
      const Members next = members_of(expression.operands[i]);
      for (std::size_t asset = 0; asset < common.size(); ++asset) common[asset] &= next[asset];
    }
    unite(members, common);
  }

  void add_none_of(const Expression& expression, Members& members) {
    const Members excluded = members_of(expression.operands.front());
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!excluded[i]) members[i] = 1;
    }
  }

  void add_neighborhood(const Expression& expression, Members& members) {
    const Members center = members_of(expression.operands.front());
    unite(members, center);
    unite(members, spread(center, expression.levels_up, true));
    unite(members, spread(center, expression.levels_down, false));
  }

  /// `center` and what lies at most `levels` edges up- or downstream of it.
  Members spread(const Members& center, int levels, bool upstream) const {
    Members reached = center;
    std::vector<int> border = assets_of(center), next;
    for (int level = 0; level != levels && !border.empty(); ++level) {
      next.clear();
      for (const int asset : border) {
        for (const int neighbor : upstream ? graph_.node(asset).upstream : graph_.node(asset).downstream) {
          if (reached[at(neighbor)]) continue;
          reached[at(neighbor)] = 1;
          next.push_back(neighbor);
        }
      }
      std::swap(border, next);
    }
    return reached;
  }

  /// Members that no other member lies upstream (for roots) or downstream (for sinks) of, at whatever distance.
  void add_ends(const Expression& expression, Members& members) {
    const bool roots = expression.kind == Kind::roots;
    const Members candidates = members_of(expression.operands.front());
    Members behind = none();  // those with a candidate before them; seen from the sinks, "before" is downstream
    auto order = graph_.topological_order();
    if (!roots) std::reverse(order.begin(), order.end());
    for (const int asset : order) {
      if (candidates[at(asset)] && !behind[at(asset)]) members[at(asset)] = 1;
      if (!candidates[at(asset)] && !behind[at(asset)]) continue;
      for (const int next : roots ? graph_.node(asset).downstream : graph_.node(asset).upstream) behind[at(next)] = 1;
    }
  }

  static void unite(Members& members, const Members& others) {
    for (std::size_t i = 0; i < members.size(); ++i) members[i] |= others[i];
  }

  static std::vector<int> assets_of(const Members& members) {
    std::vector<int> assets;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i]) assets.push_back(static_cast<int>(i));
    }
    return assets;
  }

  const AssetGraph& graph_;
  const Selection::StatusOf& status_of_;
  std::optional<Error> error_;
  int times_through_graph_ = 0;
};

}  // namespace

Result<Selection> Selection::parse(std::string_view text) {
  auto root = selection::parse(text);
  if (!root) return tl::unexpected(root.error());
  Selection selection;
  selection.root_ = std::make_shared<const Expression>(Expression{std::move(*root)});
  return selection;
}

Result<std::vector<int>> Selection::resolve(const AssetGraph& graph, const StatusOf& status_of) const {
  const auto members = Evaluation(graph, status_of).evaluate(root_->root);
  if (!members) return tl::unexpected(members.error());
  std::vector<int> assets;
  for (std::size_t i = 0; i < members->size(); ++i) {
    if ((*members)[i]) assets.push_back(static_cast<int>(i));
  }
  return assets;
}

}  // namespace headrace
