// `headrace init NAME [--cpp]`.
#include <commands.hpp>
#include <cstdio>
#include <init.hpp>

namespace headrace::cli {
namespace {

struct InitOptions {
  std::string folder;
  bool is_cpp = false;
};

int run_init(const InitOptions& options) {
  if (auto made = init_project(options.folder, options.is_cpp); !made) return complain("init", made.error().message, k_failed);
  std::printf("Made %s. Serve it with:\n  cd %s && headrace dev -w headrace.toml\n", options.folder.c_str(),
              options.folder.c_str());
  return k_done;
}

}  // namespace

void add_init_command(const CommandLine& line) {
  const auto options = std::make_shared<InitOptions>();
  auto* init = add_command(line.app, "init", "Make the folder of a first project, which can be served as it is",
                           "  headrace init my_project\n  headrace init my_project --cpp");
  init->add_option("name", options->folder, "The folder to make")->required();
  init->add_flag("--cpp", options->is_cpp, "In C++ (default: Python)");
  init->callback([options, &chosen = line.chosen] { chosen = [options] { return run_init(*options); }; });
}

}  // namespace headrace::cli
