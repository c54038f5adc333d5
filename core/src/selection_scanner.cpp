#include "selection_scanner.hpp"

#include <algorithm>

#include "text.hpp"

namespace headrace::selection {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_one_of(char c, std::string_view characters) { return characters.find(c) != std::string_view::npos; }
/// More than words may hold: key:a*, owner:team:data, tag:a=b=c.
bool is_value_character(char c) { return !is_space(c) && !is_one_of(c, "(),+\""); }

}  // namespace

bool Scanner::is_word_character(char c) { return !is_space(c) && !is_one_of(c, "(),+*:=\"") && c != '\0'; }

std::size_t Scanner::column() {
  if (position_ < counted_to_) counted_to_ = counted_ = 0;
  counted_ += text::length(text_.substr(counted_to_, position_ - counted_to_));
  counted_to_ = position_;
  return counted_ + 1;
}

void Scanner::skip_spaces() {
  while (is_space(peek())) ++position_;
}

bool Scanner::accept(char c) {
  if (!accept_glued(c)) return false;
  skip_spaces();
  return true;
}

bool Scanner::accept_glued(char c) {
  if (at_end() || text_[position_] != c) return false;
  ++position_;
  return true;
}

bool Scanner::accept_word(std::string_view lower_case, std::string_view upper_case) {
  const std::size_t start = position_;
  const std::string word = read_word();
  if (word != lower_case && word != upper_case) {
    position_ = start;
    return false;
  }
  skip_spaces();
  return true;
}

template <class Accepts>
std::string Scanner::read_while(Accepts accepts) {
  const std::size_t start = position_;
  while (!at_end() && accepts(text_[position_])) ++position_;
  return std::string(text_.substr(start, position_ - start));
}

std::string Scanner::read_word() { return read_while(is_word_character); }

std::optional<std::string> Scanner::read_digits() {
  const std::size_t start = position_;
  std::string word = read_word();
  const bool is_number = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) return word;
  position_ = start;
  return std::nullopt;
}

std::optional<std::string> Scanner::read_value(bool ends_at_equals) {
  if (peek() == '"') return read_quoted();
  std::string value = read_while([&](char c) { return is_value_character(c) && !(ends_at_equals && c == '='); });
  if (value.empty()) return std::nullopt;
  return value;
}

std::optional<std::string> Scanner::read_quoted() {
  ++position_;
  std::string result;
  for (; !at_end(); ++position_) {
    if (accept_glued('"')) return result;
    if (peek() == '\\' && peek_second() == '"') ++position_;
    result += peek();
  }
  return std::nullopt;
}

std::string Scanner::shown_next() {
  if (at_end()) return "the end";
  const std::size_t start = position_;
  const std::string word = read_word();
  position_ = start;
  return text::quote(word.empty() ? std::string(1, peek()) : word);
}

}  // namespace headrace::selection
