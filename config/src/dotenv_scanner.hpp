// The grammar of .env: splits a text into bindings. Values are unquoted and unescaped, but ${NAME} still stands in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headrace::config {

struct DotenvBinding {
  int line = 0;
  std::string name;
  std::optional<std::string> value;  ///< none: a name without "="
  std::string problem;               ///< what is wrong with the line; nothing else of it counts then
};

class DotenvScanner {
 public:
  explicit DotenvScanner(std::string_view text) : text_(text) {}

  /// The next binding; nullopt at the end of the text.
  std::optional<DotenvBinding> next();

 private:
  DotenvBinding binding();
  std::string name(DotenvBinding& binding);
  std::optional<std::string> value(DotenvBinding& binding);
  std::optional<std::string> quoted(char quote, std::string_view escapes);
  std::string unquoted();

  bool at_end() const { return position_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[position_]; }
  bool at_line_end() const { return at_end() || peek() == '\n' || peek() == '\r'; }
  void advance();
  void skip_blanks();  // within the line
  void skip_comment();
  void skip_rest_of_line();

  std::string_view text_;
  std::size_t position_ = 0;
  int line_ = 1;
};

}  // namespace headrace::config
