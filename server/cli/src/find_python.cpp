#include <find_python.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace headrace::cli {
namespace fs = std::filesystem;
namespace {

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

/// Where the command was found: as it was called, without following links (a link in a virtual environment stays there).
fs::path folder_of(const std::string& program) {
  if (program.find('/') != std::string::npos) return fs::absolute(program).parent_path();
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty();) {
    const auto end = std::min(rest.find(':'), rest.size());
    fs::path folder(rest.substr(0, end));
    if (is_program(folder / program)) return fs::absolute(folder);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

}  // namespace

std::string find_python(const std::string& given, const std::string& program) {
  // A path counts from where the command was typed, not from the folder that the code runs in; a name is looked for on the PATH.
  if (!given.empty()) return given.find('/') == std::string::npos ? given : fs::absolute(given).string();
  const fs::path folder = folder_of(program);
  if (!folder.empty() && is_program(folder / "python")) return (folder / "python").string();
  if (const char* environment = std::getenv("VIRTUAL_ENV"); environment && is_program(fs::path(environment) / "bin" / "python"))
    return (fs::path(environment) / "bin" / "python").string();
  return "python3";
}

}  // namespace headrace::cli
