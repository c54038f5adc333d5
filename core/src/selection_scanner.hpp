// Characters and words of a selection; what they mean is the parser's business. Private to core.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace headrace::selection {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return position_ == text_.size(); }
  /// The next character, '\0' at the end.
  char peek() const { return at_end() ? '\0' : text_[position_]; }
  char peek_second() const { return position_ + 1 < text_.size() ? text_[position_ + 1] : '\0'; }
  /// Where the next character stands, counted in characters from 1.
  std::size_t column();

  std::size_t position() const { return position_; }
  void go_back_to(std::size_t position) { position_ = position; }
  void go_to_end() { position_ = text_.size(); }

  void skip_spaces();
  /// Takes the character if it comes next, with the spaces after it.
  bool accept(char c);
  /// Takes the character if it comes next, and nothing after it.
  bool accept_glued(char c);
  /// Takes the word, all in lower or all in upper case, with the spaces after it.
  bool accept_word(std::string_view lower_case, std::string_view upper_case);

  /// Letters, digits and whatever else has no meaning of its own; empty where there is none.
  std::string read_word();
  static bool is_word_character(char c);
  /// A word of digits only.
  std::optional<std::string> read_digits();
  /// What follows an attribute's colon: quoted, or up to a space or one of (),+ and, for a tag's name, =.
  std::optional<std::string> read_value(bool ends_at_equals);
  /// Stands on a double quote. None when it is never closed. \" is a quote; other backslashes stay (keys have escapes of their
  /// own).
  std::optional<std::string> read_quoted();
  /// The next word or character as messages show it, or "the end".
  std::string shown_next();

 private:
  template <class Accepts>
  std::string read_while(Accepts accepts);

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t counted_to_ = 0, counted_ = 0;  // so that columns of a long selection cost one pass
};

}  // namespace headrace::selection
