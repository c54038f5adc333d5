// Text for people: quantities, paths, colors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::cli {

std::string bytes_text(std::int64_t bytes);                      ///< "22 B", "4.1 KiB"
std::string seconds_text(double seconds);                        ///< "39 ms", "2.1 s", "3 min 12 s"
std::string counted(std::int64_t count, std::string_view noun);  ///< "1 step", "3 steps"
/// Relative where it lies below the current folder.
std::string short_path(const std::string& path);
/// Control characters replaced: what others wrote cannot move the cursor. Line ends and tabs stay.
std::string printable(std::string_view text);
/// The first `most` characters of a line of UTF-8, "…" where something was cut off.
std::string cut(std::string_view line, std::size_t most);
std::size_t width(std::string_view text);  ///< characters

/// Rows in columns, each line behind `indent`; no spaces at the ends of lines.
std::string table_text(const std::vector<std::vector<std::string>>& rows, std::string_view indent);

/// Colors, or nothing where there are none.
class Style {
 public:
  explicit Style(bool has_colors) : has_colors_(has_colors) {}
  std::string green(std::string_view text) const { return paint("32", text); }
  std::string red(std::string_view text) const { return paint("31", text); }
  std::string yellow(std::string_view text) const { return paint("33", text); }
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }

 private:
  std::string paint(const char* code, std::string_view text) const {
    return has_colors_ ? std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m" : std::string(text);
  }
  bool has_colors_;
};

}  // namespace headrace::cli
