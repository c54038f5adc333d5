// Recursive descent, one function a rule:
//
//   list      = or {"," or}
//   or        = and {"or" and}
//   and       = not {"and" not}
//   not       = "not" not | term
//   term      = [[levels] "+" | "*"] operand ["+" [levels] | "*"]        the stars glued to the operand: older syntax
//   operand   = "(" list ")" | function "(" list ")" | "*" | attribute ":" value ["=" value] | key
#include <algorithm>
#include <optional>
#include <vector>

#include <core/asset_graph.hpp>

#include "selection_scanner.hpp"
#include "selection_syntax.hpp"
#include "text.hpp"

namespace headrace::selection {
namespace {

using Kind = Expression::Kind;
using Names = std::vector<std::string>;

constexpr int k_max_nesting = 200;  // the parser and the evaluation recurse this deep

const Names k_operators{"and", "or", "not", "AND", "OR", "NOT"};
const Names k_attributes{"key", "group", "tag", "kind", "owner", "code_location", "status", "is"};
// Attributes of Dagster's language that ask for things Headrace does not know.
const Names k_attributes_elsewhere{"column", "table_name", "changed_in_branch"};
const Names k_functions{"roots", "sinks"};
const Names k_statuses{"never", "in_progress", "materialized", "failed", "stale"};
const Names k_is_values{"external", "materializable"};

bool contains(const Names& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }
std::string known(const std::string& name, const Names& names) {
  return "; known are " + text::list(names) + "." + text::did_you_mean(closest_names(name, names, 1));
}
bool begins_operand(char c) { return c == '(' || c == '"' || Scanner::is_word_character(c); }

class Parser {
 public:
  explicit Parser(std::string_view text) : scanner_(text) {}

  Result<Expression> parse() {
    scanner_.skip_spaces();
    if (scanner_.at_end()) return error_at(1, "the selection is empty; * selects all assets");
    Expression expression = list();
    if (!error_ && !scanner_.at_end()) complain_about_rest();
    if (error_) return tl::unexpected(*error_);
    return expression;
  }

 private:
  // ---- rules: each takes the spaces after itself ------------------------------------------------------------------------

  Expression list() {
    return chain(Kind::any_of, &Parser::disjunction, [this] { return scanner_.accept(','); });
  }
  Expression disjunction() {
    return chain(Kind::any_of, &Parser::conjunction, [this] { return scanner_.accept_word("or", "OR"); });
  }
  Expression conjunction() {
    return chain(Kind::all_of, &Parser::negation, [this] { return scanner_.accept_word("and", "AND"); });
  }

  template <class AcceptOperator>
  Expression chain(Kind kind, Expression (Parser::*rule)(), AcceptOperator accept_operator) {
    Expression result = make(kind);
    result.operands.push_back((this->*rule)());
    while (!error_ && accept_operator()) result.operands.push_back((this->*rule)());
    if (result.operands.size() > 1) return result;
    Expression only = std::move(result.operands.front());
    return only;
  }

  Expression negation() {
    Expression result = make(Kind::none_of);
    if (!scanner_.accept_word("not", "NOT")) return term();
    if (enter()) result.operands.push_back(negation());
    --nesting_;
    return result;
  }

  Expression term() {
    Expression result = make(Kind::neighborhood);
    result.levels_up = levels_before();
    Expression inner = operand();
    result.levels_down = error_ ? 0 : levels_after();
    scanner_.skip_spaces();
    if (result.levels_up == 0 && result.levels_down == 0) return inner;
    result.operands.push_back(std::move(inner));
    return result;
  }

  Expression operand() {
    const Expression here = make(Kind::everything);
    if (scanner_.accept_glued('*')) return here;
    if (scanner_.accept('(')) return parenthesized(here.column);
    if (scanner_.peek() == '"') return quoted_key();
    const std::string word = scanner_.read_word();
    if (word.empty()) return complain(here.column, "expected an asset, an attribute or \"(\", found " + scanner_.shown_next());
    const std::size_t end_of_word = scanner_.position();
    scanner_.skip_spaces();
    if (scanner_.accept(':')) return attribute(here.column, word);
    if (contains(k_operators, word)) {
      return complain(here.column,
                      "expected an asset before " + text::quote(word) + "; an asset of that name is written in quotes");
    }
    if (scanner_.accept('(')) return function(here.column, word);
    scanner_.go_back_to(end_of_word);  // a star behind the word counts only when it is glued to it
    return key_named(here.column, word);
  }

  Expression parenthesized(std::size_t opened_at) {
    Expression inner;
    if (enter()) inner = list();
    --nesting_;
    if (!error_ && !scanner_.accept_glued(')')) {
      complain(scanner_.column(),
               "expected \")\" to close the \"(\" of column " + std::to_string(opened_at) + ", found " + scanner_.shown_next());
    }
    return inner;
  }

  Expression function(std::size_t column, const std::string& name) {
    if (!contains(k_functions, name)) return complain(column, "unknown function " + text::quote(name) + known(name, k_functions));
    Expression result = make(name == "roots" ? Kind::roots : Kind::sinks, column);
    result.operands.push_back(parenthesized(column + text::length(name)));
    return result;
  }

  Expression attribute(std::size_t column, const std::string& name) {
    if (contains(k_attributes_elsewhere, name)) {
      return complain(column,
                      "Headrace does not know " + text::quote(name + ":") + "; it selects by " + text::list(k_attributes));
    }
    if (!contains(k_attributes, name))
      return complain(column, "unknown attribute " + text::quote(name) + known(name, k_attributes));
    const std::size_t value_column = scanner_.column();
    const auto value = scanner_.read_value(name == "tag");
    if (!value)
      return complain(value_column,
                      "expected a value after " + text::quote(name + ":") + ", found " + shown_at_value(value_column));
    if (name == "key" && value->find('*') == std::string::npos) return key_named(value_column, *value);
    check_value(value_column, name, *value);

    Expression result = make(Kind::attribute, column);
    result.attribute = name;
    result.value = *value;
    if (name == "tag" && scanner_.accept_glued('=')) result.tag_value = scanner_.read_value(false).value_or("");
    return result;
  }

  /// Attributes with a closed set of values: a misspelled one would silently select nothing.
  void check_value(std::size_t column, const std::string& name, const std::string& value) {
    if (name != "status" && name != "is") return;
    const Names& values = name == "status" ? k_statuses : k_is_values;
    if (!contains(values, value))
      complain(column, "unknown value " + text::quote(value) + " of " + text::quote(name + ":") + known(value, values));
  }

  Expression quoted_key() {
    const std::size_t column = scanner_.column();
    const auto name = scanner_.read_quoted();
    return name ? key_named(column, *name) : complain(column, "this quote is never closed");
  }

  Expression key_named(std::size_t column, const std::string& name) {
    const auto key = AssetKey::parse(name);
    if (!key) return complain(column, key.error().message);
    Expression result = make(Kind::key, column);
    result.value = key->to_string();
    return result;
  }

  // ---- levels around an operand -----------------------------------------------------------------------------------------

  /// `+`, `2+` or a glued `*` before an operand. A number that no operand follows is an asset's name: "2+" is the asset 2 and
  /// what is downstream of it.
  int levels_before() {
    if (scanner_.peek() == '*') {
      const bool is_glued = begins_operand(scanner_.peek_second());
      return is_glued && scanner_.accept_glued('*') ? Expression::k_all_levels : 0;
    }
    const std::size_t start = scanner_.position();
    const auto digits = scanner_.read_digits();
    scanner_.skip_spaces();
    if (scanner_.accept('+')) {
      if (begins_operand(scanner_.peek()) || scanner_.peek() == '*') return levels_from(digits);
      if (!digits) complain_after_plus("2+");
    }
    if (!error_) scanner_.go_back_to(start);
    return 0;
  }

  /// `+`, `+2` or a glued `*` after an operand.
  int levels_after() {
    if (scanner_.accept_glued('*')) {
      if (begins_operand(scanner_.peek())) complain(scanner_.column() - 1, "a * within a name: patterns are written key:\"a*b\"");
      return Expression::k_all_levels;
    }
    scanner_.skip_spaces();
    if (!scanner_.accept('+')) return 0;
    if (scanner_.peek() == '+') complain_after_plus("+2");
    return levels_from(scanner_.read_digits());
  }

  static int levels_from(const std::optional<std::string>& digits) {
    if (!digits || digits->size() > 6) return Expression::k_all_levels;  // no graph has a million levels
    return std::stoi(*digits);
  }

  void complain_after_plus(const std::string& for_two_levels) {
    if (scanner_.peek() == '+')
      complain(scanner_.column(), "\"++\" is no number of levels: write " + for_two_levels + " for two");
    else
      complain(scanner_.column(), "expected an asset after \"+\", found " + scanner_.shown_next());
  }

  // ---- errors: only the first one counts --------------------------------------------------------------------------------

  Expression complain(std::size_t column, const std::string& message) {
    if (!error_) error_ = error_at(column, message).value();
    scanner_.go_to_end();  // every loop ends there
    return {};
  }

  void complain_about_rest() {
    const bool is_parenthesis = scanner_.peek() == ')';
    complain(scanner_.column(), is_parenthesis ? "this \")\" closes nothing"
                                               : "expected \"and\", \"or\", \",\" or the end, found " + scanner_.shown_next());
  }

  /// Either nothing stands where a value should be, or a quote that is never closed.
  std::string shown_at_value(std::size_t value_column) {
    return scanner_.at_end() && scanner_.column() != value_column ? "a quote that is never closed" : scanner_.shown_next();
  }

  bool enter() {
    if (++nesting_ <= k_max_nesting) return true;
    complain(scanner_.column(), "the selection is nested deeper than " + std::to_string(k_max_nesting) + " levels");
    return false;
  }

  Expression make(Kind kind) { return make(kind, scanner_.column()); }
  static Expression make(Kind kind, std::size_t column) {
    Expression expression;
    expression.kind = kind;
    expression.column = column;
    return expression;
  }

  Scanner scanner_;
  int nesting_ = 0;
  std::optional<Error> error_;
};

}  // namespace

tl::unexpected<Error> error_at(std::size_t column, const std::string& message) {
  return fail(ErrorCode::invalid, "selection, column " + std::to_string(column) + ": " + message, {{"column", column}});
}

Result<Expression> parse(std::string_view text) { return Parser(text).parse(); }

}  // namespace headrace::selection
