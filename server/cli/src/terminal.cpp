#include <terminal.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace headrace::cli {

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

bool has_colors(int descriptor) {
  const char* none = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return is_terminal(descriptor) && !(none && *none) && !(kind && std::string_view(kind) == "dumb");
}

int columns(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace headrace::cli
