#include "dotenv_scanner.hpp"

namespace headrace::config {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f'); }
bool is_blank(char c) { return is_space(c) && c != '\n' && c != '\r'; }

/// What a backslash and this letter stand for.
char unescaped(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

}  // namespace

std::optional<DotenvBinding> DotenvScanner::next() {
  for (;;) {
    while (!at_end() && is_space(peek())) advance();
    if (at_end()) return std::nullopt;
    if (peek() != '#') return binding();
    skip_rest_of_line();
  }
}

DotenvBinding DotenvScanner::binding() {
  DotenvBinding binding;
  binding.line = line_;
  constexpr std::string_view k_export = "export";
  if (text_.substr(position_).starts_with(k_export) && position_ + k_export.size() < text_.size() &&
      is_blank(text_[position_ + k_export.size()])) {
    position_ += k_export.size();
    skip_blanks();
  }
  if (peek() == '#') {  // nothing was exported
    skip_rest_of_line();
    binding.problem = "a name is missing after \"export\"";
    return binding;
  }
  binding.name = name(binding);
  skip_blanks();
  if (binding.problem.empty() && peek() == '=') {
    advance();
    skip_blanks();
    binding.value = value(binding);
  }
  if (binding.problem.empty()) {
    skip_comment();
    if (!at_line_end()) {
      binding.problem = binding.value ? "there is more behind the closing quote; put the whole value in quotes"
                                      : "there is no \"=\" behind the first word; write NAME=value";
    }
  }
  if (!binding.problem.empty()) skip_rest_of_line();
  return binding;
}

std::string DotenvScanner::name(DotenvBinding& binding) {
  const std::size_t begin = position_;
  if (peek() == '\'') {
    const auto end = text_.find('\'', begin + 1);
    if (end == std::string_view::npos || end == begin + 1) {
      binding.problem = "the quote around the name is not closed";
      return {};
    }
    while (position_ <= end) advance();
    return std::string(text_.substr(begin + 1, end - begin - 1));
  }
  while (!at_end() && !is_space(peek()) && peek() != '=' && peek() != '#') advance();
  if (position_ == begin) binding.problem = "there is no name before \"=\"";
  return std::string(text_.substr(begin, position_ - begin));
}

std::optional<std::string> DotenvScanner::value(DotenvBinding& binding) {
  std::optional<std::string> found;
  switch (peek()) {
    case '\'':
      found = quoted('\'', "\\'");
      break;
    case '"':
      found = quoted('"', "\\'\"abfnrtv");
      break;
    default:
      return unquoted();
  }
  if (!found) binding.problem = "the quote is not closed";
  return found;
}

/// A value in quotes, which may go over several lines; nullopt when no closing quote follows. A quote behind a backslash
/// does not close, unless none is left that does: then the last of them closes.
std::optional<std::string> DotenvScanner::quoted(char quote, std::string_view escapes) {
  const std::size_t begin = position_ + 1;
  std::size_t close = std::string_view::npos, last_escaped = std::string_view::npos;
  for (std::size_t i = begin; i < text_.size(); ++i) {
    if (text_[i] == '\\' && i + 1 < text_.size() && text_[i + 1] == quote) {
      last_escaped = ++i;
    } else if (text_[i] == quote) {
      close = i;
      break;
    }
  }
  if (close == std::string_view::npos) close = last_escaped;
  if (close == std::string_view::npos) return std::nullopt;
  std::string value;
  for (std::size_t i = begin; i < close; ++i) {
    if (text_[i] == '\\' && i + 1 < close && escapes.find(text_[i + 1]) != std::string_view::npos) {
      value += unescaped(text_[++i]);
    } else {
      value += text_[i];
    }
  }
  while (position_ <= close) advance();
  return value;
}

/// To the end of the line, or to a blank and "#".
std::string DotenvScanner::unquoted() {
  const std::size_t begin = position_;
  while (!at_line_end()) advance();
  std::string_view value = text_.substr(begin, position_ - begin);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '#' && is_space(text_[begin + i - 1])) {  // before the value stands at least the "="
      value = value.substr(0, i);
      break;
    }
  }
  while (!value.empty() && is_space(value.back())) value.remove_suffix(1);
  return std::string(value);
}

void DotenvScanner::advance() {
  const char c = text_[position_++];
  const bool crlf = c == '\r' && peek() == '\n';  // the line ends with the "\n" then
  if (c == '\n' || (c == '\r' && !crlf)) ++line_;
}

void DotenvScanner::skip_blanks() {
  while (!at_end() && is_blank(peek())) advance();
}

void DotenvScanner::skip_comment() {
  skip_blanks();
  if (peek() != '#') return;
  while (!at_line_end()) advance();
}

void DotenvScanner::skip_rest_of_line() {
  while (!at_line_end()) advance();
}

}  // namespace headrace::config
