// The composition root's main: the command line, and the daemon that some of its commands start.
#include <unistd.h>

#include <app/daemon.hpp>
#include <cli/command_line.hpp>
#include <cstdlib>
#include <new>
#include <string_view>

namespace {

/// An allocation that fails leaves nothing to rely on, and a restart loses nothing: better that than half a deed.
[[noreturn]] void out_of_memory() {
  constexpr std::string_view said =
      "headrace: out of memory; what was acknowledged is kept, and unfinished runs go on at the next start\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, said.data(), said.size());
  std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  std::set_new_handler(out_of_memory);
  return headrace::cli::run(argc, argv, {.serve = headrace::app::serve, .run_in_foreground = headrace::app::run_in_foreground});
}
