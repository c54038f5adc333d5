#include <config/dotenv.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/core.h>

#include "dotenv_scanner.hpp"

namespace headrace::config {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t k_most_bytes = 1 << 20;
constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

const std::string* find(const Variables& variables, std::string_view name) {
  const auto found = std::find_if(variables.rbegin(), variables.rend(), [&](const auto& v) { return v.first == name; });
  return found == variables.rend() ? nullptr : &found->second;
}

/// Replaces ${NAME} and ${NAME:-default}; anything else that begins with "$" stays.
std::string interpolate(std::string_view value, const Variables& before, const Variables& environment) {
  std::string result;
  for (std::size_t i = 0; i < value.size();) {
    const bool begins = value.substr(i).starts_with("${");
    const std::size_t close = begins ? value.find('}', i) : std::string_view::npos;
    if (close == std::string_view::npos) {
      result += value[i++];
      continue;
    }
    const std::string_view inside = value.substr(i + 2, close - i - 2);
    const std::size_t colon = inside.find(':');
    const bool has_default = colon != std::string_view::npos && inside.substr(colon).starts_with(":-");
    if (colon != std::string_view::npos && !has_default) {  // ${a:b} means nothing
      result += value[i++];
      continue;
    }
    const std::string_view name = inside.substr(0, colon);
    const std::string* found = find(before, name);
    if (found == nullptr) found = find(environment, name);
    if (found != nullptr) {
      result += *found;
    } else if (has_default) {
      result += inside.substr(colon + 2);
    }
    i = close + 1;
  }
  return result;
}

void set(Variables& variables, const std::string& name, std::string value) {
  const auto found = std::find_if(variables.begin(), variables.end(), [&](const auto& v) { return v.first == name; });
  if (found == variables.end()) {
    variables.emplace_back(name, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

/// The line of the first byte that is not UTF-8; 0 when all is well.
int line_not_utf8(std::string_view text) {
  int line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int length = lead < 0x80                   ? 1
                       : lead >= 0xC2 && lead < 0xE0 ? 2
                       : lead >= 0xE0 && lead < 0xF0 ? 3
                       : lead >= 0xF0 && lead < 0xF5 ? 4
                                                     : 0;
    if (length == 0 || i + static_cast<std::size_t>(length) > text.size()) return line;
    for (int k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 0xC0) != 0x80) return line;
    }
    if (text[i] == '\n') ++line;
    i += static_cast<std::size_t>(length);
  }
  return 0;
}

}  // namespace

Dotenv parse_dotenv(std::string_view text, const fs::path& file, const Variables& environment) {
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  Dotenv dotenv;
  DotenvScanner scanner(text);
  while (auto binding = scanner.next()) {
    std::string problem = std::move(binding->problem);
    if (problem.empty() && !binding->value)
      problem = fmt::format("{} has no value; write {}=value", binding->name, binding->name);
    std::string value = problem.empty() ? interpolate(*binding->value, dotenv.variables, environment) : std::string();
    if (problem.empty() && (value.find('\0') != std::string::npos || binding->name.find('\0') != std::string::npos)) {
      problem = "a variable cannot hold a zero byte";
    }
    if (problem.empty()) {
      set(dotenv.variables, binding->name, std::move(value));
    } else {
      dotenv.problems.push_back(fmt::format("{}:{}: this line was left out: {}.", file.string(), binding->line, problem));
    }
  }
  return dotenv;
}

Result<Dotenv> read_dotenv(const fs::path& file, const Variables& environment) {
  const auto cannot_read = [&](const std::string& why) {
    return fail(ErrorCode::invalid, fmt::format("Cannot read {}: {}.", file.string(), why));
  };
  std::error_code error;
  const auto status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) return Dotenv{};
  if (error) return cannot_read(error.message());
  if (!fs::is_regular_file(status)) return cannot_read("it is not a regular file");
  std::ifstream in(file, std::ios::binary);
  if (!in) return cannot_read(std::strerror(errno));
  std::string text(k_most_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > k_most_bytes) return cannot_read("it is larger than 1 MiB");
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return cannot_read("it is UTF-16; save it as UTF-8");
  if (const int line = line_not_utf8(text); line != 0)
    return cannot_read(fmt::format("line {} is not UTF-8; save the file as UTF-8", line));
  return parse_dotenv(text, file, environment);
}

}  // namespace headrace::config
