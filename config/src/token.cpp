#include <config/token.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace headrace::config {
namespace fs = std::filesystem;
namespace {

constexpr const char* k_variable = "HEADRACE_TOKEN";

std::string value_of(const Variables& environment, std::string_view name) {
  for (const auto& [key, value] : environment)
    if (key == name) return value;
  return {};
}

Result<std::string> checked(std::string text, const std::string& place) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (is_plain && text.size() >= k_least_token_bytes && text.size() <= k_most_token_bytes) return text;
  return fail(ErrorCode::invalid, "the token in " + place + " must have " + std::to_string(k_least_token_bytes) + " to " +
                                      std::to_string(k_most_token_bytes) +
                                      " printable ASCII characters and no spaces; `openssl rand -hex 32` makes a good one");
}

/// The file's one line.
Result<Token> read_file(const fs::path& file, const std::string& place) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fail(ErrorCode::invalid, "cannot read the token from " + place + ": " + std::strerror(errno));
  std::string text(k_most_token_bytes + 2, '\0');
  struct stat status {};
  const bool is_file = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = is_file ? ::read(fd, text.data(), text.size()) : -1;
  ::close(fd);
  if (size < 0) return fail(ErrorCode::invalid, "cannot read the token from " + place + ": it is not a regular file");
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  auto token = checked(std::move(text), place);
  if (!token) return tl::unexpected(token.error());
  Token found{std::move(*token), {}};
  if ((status.st_mode & 077) != 0) found.warning = "others can read the token in " + place + ": chmod 600 it";
  return found;
}

}  // namespace

Result<Token> find_token(const Variables& environment, const fs::path& file) {
  if (auto text = value_of(environment, k_variable); !text.empty()) {
    auto token = checked(std::move(text), k_variable);
    if (!token) return tl::unexpected(token.error());
    return Token{std::move(*token), {}};
  }
  if (!file.empty()) return read_file(file, "\"" + file.string() + "\"");
  if (const auto folder = value_of(environment, "CREDENTIALS_DIRECTORY"); !folder.empty()) {
    const fs::path credential = fs::path(folder) / "headrace.token";
    std::error_code error;
    if (fs::exists(credential, error)) return read_file(credential, "the credential headrace.token");
  }
  return Token{};
}

void forget_token_variable() {
  char* value = std::getenv(k_variable);
  if (!value) return;
  ::explicit_bzero(value, std::strlen(value));
  ::unsetenv(k_variable);
}

}  // namespace headrace::config
