#include <storage/retention.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <memory>

#include <storage/home.hpp>

#include "prune.hpp"
#include "remove_folder.hpp"
#include "schema.hpp"
#include "sqlite/transaction.hpp"

namespace headrace::storage {
namespace {

namespace fs = std::filesystem;

struct Handle {
  int fd;
  explicit Handle(int opened) : fd(opened) {}
  ~Handle() {
    if (fd >= 0) ::close(fd);
  }
  Handle(const Handle&) = delete;
};

/// `<home>/runs`, where each run has a folder by its number.
Handle open_runs(const fs::path& home) {
  return Handle(::open((home / "runs").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// The names in the folder that are numbers of runs.
std::vector<std::int64_t> run_folders(int folder) {
  std::vector<std::int64_t> numbers;
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, decltype(&::closedir)> entries(copy < 0 ? nullptr : ::fdopendir(copy), &::closedir);
  while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size() && number > 0 && name.front() != '0') numbers.push_back(number);
  }
  return numbers;
}

void remove_output_of(const fs::path& home, const std::vector<std::int64_t>& runs, std::int64_t& freed) {
  const auto folder = open_runs(home);
  if (folder.fd < 0) return;
  for (const auto number : runs) freed += remove_folder(folder.fd, std::to_string(number));
}

}  // namespace

std::int64_t log_bytes(const fs::path& home) {
  const Handle folder(::open(home.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.fd < 0 ? 0 : folder_bytes(folder.fd, "runs");
}

HomeSize home_size(const fs::path& home, Reader& reader) { return {reader.used_bytes(), log_bytes(home)}; }

std::int64_t sweep_logs(const fs::path& home, Reader& reader) {
  const auto folder = open_runs(home);
  if (folder.fd < 0) return 0;
  std::vector<std::int64_t> gone;
  const auto numbers = run_folders(folder.fd);  // before the log is asked: it has every run that has a folder
  for (const auto number : numbers)
    if (!reader.run(number)) gone.push_back(number);
  std::int64_t freed = 0;
  remove_output_of(home, gone, freed);
  return freed;
}

std::int64_t remove_logs(const fs::path& home, const std::vector<std::int64_t>& runs) {
  std::int64_t freed = 0;
  remove_output_of(home, runs, freed);
  return freed;
}

PruneResult prune(const fs::path& home, const Retention& retention, std::int64_t now) {
  const Home locked = Home::open(home);  // no daemon may be running
  sqlite::Connection connection = open_existing(locked.path(), sqlite::Connection::Mode::read_write);
  PruneResult all;
  std::int64_t logs = log_bytes(locked.path());
  const auto step = [&](const PruneRequest& request) {
    sqlite::Transaction transaction(connection, sqlite::Transaction::Kind::write);
    auto result = prune_some(connection, request);
    transaction.commit();
    logs -= remove_logs(locked.path(), result.runs);
    all.runs.insert(all.runs.end(), result.runs.begin(), result.runs.end());
    all.events += result.events;
    return result;
  };
  PruneRequest request{.keep_runs = retention.keep_runs};
  if (retention.max_age > 0) {
    request.ended_before = std::max<std::int64_t>(1, now - retention.max_age);
    while (step(request).may_go_on) {
    }
  }
  request.ended_before = 0;
  for (bool more = retention.max_bytes > 0; more && used_bytes(connection) + logs > retention.max_bytes;)
    more = step(request).may_go_on;
  connection.execute("VACUUM");
  return all;
}

}  // namespace headrace::storage
