#include <io_managers/atomic_write.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <random>
#include <system_error>

#include <fmt/format.h>

namespace headrace::io_managers {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t k_longest_name = 200;

[[noreturn]] void raise(const char* what, const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), fmt::format("{} \"{}\"", what, path.string()));
}

bool is_durable(std::optional<bool> durable) {
  if (durable) return *durable;
  const char* setting = std::getenv("HEADRACE_DURABILITY");
  return setting != nullptr && std::string_view(setting) == "full";
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

void sync_folder(const fs::path& folder) {
  Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) raise("cannot sync the folder", folder);
}

/// Whether `path` still names the open file: another writer may have moved it to its target.
bool is_still(int descriptor, const fs::path& path) {
  struct stat opened, named;
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

struct Temporary {
  Descriptor descriptor;
  fs::path path;
};

Temporary open_own_temporary(const fs::path& target) {
  std::random_device random;
  const auto name = target.filename().string().substr(0, k_longest_name);
  auto path = target.parent_path() / fmt::format(".{}.{:08x}{:08x}.headrace-tmp", name, random(), random());
  Descriptor opened(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (opened.get() < 0) raise("cannot write", path);
  return {std::move(opened), std::move(path)};
}

/// A locked, empty file; its fixed name lets a leftover be found again, the lock says whether it is one.
Temporary open_temporary(const fs::path& target) {
  auto path = target.parent_path() / ("." + target.filename().string().substr(0, k_longest_name) + ".headrace-tmp");
  Descriptor opened(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (opened.get() < 0) raise("cannot write", target);
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) ::unlink(path.c_str());  // no locks here: nobody can use that name
    return open_own_temporary(target);
  }
  if (!is_still(opened.get(), path)) return open_own_temporary(target);
  if (struct stat found; ::fstat(opened.get(), &found) == 0 && found.st_size > 0 && ::ftruncate(opened.get(), 0) != 0)
    raise("cannot write", target);
  return {std::move(opened), std::move(path)};
}

}  // namespace

std::int64_t atomic_write(const fs::path& path, const std::function<void(int)>& write, std::optional<bool> durable) {
  std::error_code ignored;
  struct stat found;
  const bool exists = ::stat(path.c_str(), &found) == 0;
  const fs::path target = fs::is_symlink(path, ignored) && exists ? fs::canonical(path) : path;  // the link stays
  auto temporary = open_temporary(target);
  struct stat written;
  try {
    const int descriptor = temporary.descriptor.get();
    write(descriptor);
    if (::fstat(descriptor, &written) != 0) raise("cannot write", path);
    // A file that is replaced keeps its permissions, as far as this user may.
    if (exists && (found.st_mode & 07777) != (written.st_mode & 07777)) std::ignore = ::fchmod(descriptor, found.st_mode & 07777);
    if (is_durable(durable) && ::fsync(descriptor) != 0) raise("cannot sync", path);
    if (::rename(temporary.path.c_str(), target.c_str()) != 0) raise("cannot write", path);
  } catch (...) {
    ::unlink(temporary.path.c_str());
    throw;
  }
  if (is_durable(durable)) sync_folder(target.parent_path());
  return written.st_size;
}

void make_folders(const fs::path& folder, std::optional<bool> durable) {
  if (struct stat found; folder.empty() || ::stat(folder.c_str(), &found) == 0) return;
  make_folders(folder.parent_path(), durable);
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) raise("cannot make the folder", folder);
  if (is_durable(durable)) sync_folder(folder.parent_path());
}

void write_all(int descriptor, const void* bytes, std::size_t size) {
  const auto* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const auto written = ::write(descriptor, from, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::system_error(errno, std::generic_category(), "cannot write");
    from += written;
    size -= static_cast<std::size_t>(written);
  }
}

std::optional<std::string> read_file(const fs::path& path) {
  Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    raise("cannot read", path);
  }
  std::string bytes;
  struct stat found;
  if (::fstat(opened.get(), &found) == 0) bytes.reserve(static_cast<std::size_t>(found.st_size));
  char buffer[65536];
  for (;;) {
    const auto got = ::read(opened.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) raise("cannot read", path);
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string file_uri(const fs::path& path) {
  std::string uri = "file://";
  for (const char c : fs::absolute(path).lexically_normal().string()) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("/_.-~").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::optional<fs::path> path_of_uri(std::string_view uri) {
  if (!uri.starts_with("file:")) return {};
  uri.remove_prefix(uri.starts_with("file://") ? 7 : 5);
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '%' && i + 2 < uri.size()) {
      path += static_cast<char>(std::stoi(std::string(uri.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      path += uri[i];
    }
  }
  return path;
}

}  // namespace headrace::io_managers
