#include <init.hpp>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace headrace::cli {
namespace fs = std::filesystem;
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

constexpr const char* k_gitignore = ".headrace/\nbuild/\n__pycache__/\n";

Files python_project() {
  return {{"definitions.py", R"(from headrace import Definitions, asset


@asset
def numbers() -> list[int]:
    return [1, 2, 3]


@asset
def total(context, numbers: list[int]) -> int:
    context.add_output_metadata({"count": len(numbers)})
    return sum(numbers)


defs = Definitions(assets=[numbers, total])
)"},
          {"headrace.toml", R"([[code_locations]]
file = "definitions.py"
)"},
          {".gitignore", k_gitignore}};
}

Files cpp_project(const std::string& name) {
  return {{"main.cpp", R"(#include <headrace/sdk.hpp>

#include <numeric>
#include <vector>

using namespace headrace;

std::vector<int> numbers() { return {1, 2, 3}; }

int total(AssetExecutionContext& context, const std::vector<int>& numbers) {
  context.add_output_metadata({{"count", numbers.size()}});
  return std::accumulate(numbers.begin(), numbers.end(), 0);
}

const Definitions defs{
    .assets = {
        asset("numbers", numbers),
        asset("total", total, {.inputs = {"numbers"}}),
    },
};

HEADRACE_CODE_LOCATION(defs)
)"},
          {"CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\nproject(" + name + R"( LANGUAGES CXX)

# Where Headrace is installed in a folder of its own, or not installed at all: export CMAKE_PREFIX_PATH=<that folder, or its build folder>
find_package(Headrace REQUIRED)

add_executable()" + name + R"( main.cpp)
target_link_libraries()" + name + R"( headrace::sdk)  # tables: headrace::tables as well
)"},
          {"headrace.toml", R"([[code_locations]]
executable = "build/)" + name + R"("
build = "cmake -S . -B build && cmake --build build"  # run before each load: "Reload definitions" compiles
)"},
          {".gitignore", k_gitignore}};
}

/// A name that CMake takes for a target.
std::string target_name(const fs::path& folder) {
  std::string name;
  for (const char c : fs::absolute(folder).lexically_normal().filename().string()) {
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    name += fits ? c : '_';
  }
  return name.empty() ? "my_location" : name;
}

}  // namespace

Result<void> init_project(const fs::path& folder, bool is_cpp) {
  std::error_code error;
  if (fs::exists(folder, error) && (!fs::is_directory(folder, error) || !fs::is_empty(folder, error)))
    return fail(ErrorCode::conflict, "\"" + folder.string() + "\" is there already, and is not an empty folder");
  fs::create_directories(folder, error);
  for (const auto& [name, text] : is_cpp ? cpp_project(target_name(folder)) : python_project()) {
    std::ofstream file(folder / name, std::ios::binary);
    file << text;
    file.close();
    if (!file) return fail(ErrorCode::unavailable, "cannot write \"" + (folder / name).string() + "\"");
  }
  return {};
}

}  // namespace headrace::cli
