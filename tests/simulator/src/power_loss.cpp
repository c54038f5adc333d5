#include "power_loss.hpp"

#include <algorithm>
#include <fstream>

namespace headrace::simulator {
namespace {

namespace fs = std::filesystem;

/// In an order that does not depend on the file system.
std::vector<fs::path> journals_in(const fs::path& home) {
  std::vector<fs::path> result;
  for (const auto& entry : fs::recursive_directory_iterator(home))
    if (entry.path().filename() == "journal") result.push_back(entry.path());
  std::sort(result.begin(), result.end());
  return result;
}

void change_byte(const fs::path& path, std::int64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int byte = file.get();
  file.seekp(at);
  file.put(static_cast<char>(byte ^ 1));
}

}  // namespace

void damage_journals(const fs::path& home, World& world, Witness& witness) {
  auto& random = world.random();
  for (const auto& path : journals_in(home)) {
    const auto size = static_cast<int>(fs::file_size(path));
    if (size == 0 || random.chance(0.3)) continue;
    const auto worker = std::stoll(path.parent_path().filename());
    const int at = random.below(size);
    if (random.chance(0.5)) {
      world.trace("the journal of worker {} ends at byte {} of {}", worker, at, size);
      fs::resize_file(path, static_cast<std::uintmax_t>(at));
    } else if (witness.is_unread(worker, at)) {
      world.trace("byte {} of {} in the journal of worker {} is wrong", at, size, worker);
      change_byte(path, at);
    } else {
      continue;
    }
    witness.lost(worker, at);
  }
}

}  // namespace headrace::simulator
