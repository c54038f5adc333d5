// The command line.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <app/daemon.hpp>
#include <app/init.hpp>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

using namespace headrace;

namespace {

/// An allocation that fails leaves nothing to rely on, and a restart loses nothing: better that than half a deed.
[[noreturn]] void out_of_memory() {
  constexpr std::string_view said =
      "headrace: out of memory; what was acknowledged is kept, and unfinished runs go on at the next start\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, said.data(), said.size());
  std::abort();
}

void set_up_logging(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("headrace"));
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

void add_dev(CLI::App& app, app::DevOptions& options) {
  auto* dev = app.add_subcommand("dev", "Serve code locations: load their definitions, run them, show them in the browser");
  dev->set_help_flag("--help", "Show this text");
  dev->add_option("-m,--module-name", options.modules, "Python module with the definitions; may be given more than once");
  dev->add_option("-f,--python-file", options.files, "Python file with the definitions; may be given more than once");
  dev->add_option("--exe", options.programs, "Program that is a code location (C++ SDK); may be given more than once");
  dev->add_option("-w,--workspace", options.config, "headrace.toml: code locations, and limits of concurrency");
  dev->add_option("-a,--attribute", options.attribute, "Name of the definitions in the module or file");
  dev->add_option("-d,--working-directory", options.working_directory, "Where the code runs and .env is read (default: here)");
  dev->add_option("--python", options.python, "Python interpreter for the code locations");
  dev->add_option("--compat", options.compat, "Whose imports to answer even if they are installed: dagster");
  dev->add_option("-h,--host", options.host, "Address to listen on")->capture_default_str();
  dev->add_option("-p,--port", options.port, "Port to listen on; 0 takes a free one")->capture_default_str();
  dev->add_option("--home", options.home, "Folder for the event log, logs and values (default: $HEADRACE_HOME, else .headrace)");
  dev->add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
}

int run_dev(const app::DevOptions& options, const std::string& program) {
  set_up_logging(options.log_level);
  auto settings = app::make_settings(options, program);
  if (!settings) {
    std::fprintf(stderr, "headrace dev: %s\n", settings.error().message.c_str());
    return 2;
  }
  return app::serve(std::move(*settings));
}

int run_init(const std::string& folder, bool is_cpp) {
  if (auto made = app::init_project(folder, is_cpp); !made) {
    std::fprintf(stderr, "headrace init: %s\n", made.error().message.c_str());
    return 1;
  }
  std::printf("Made %s. Serve it with:\n  cd %s && headrace dev -w headrace.toml\n", folder.c_str(), folder.c_str());
  return 0;
}

int with_storage(const char* command, const std::function<void()>& work) {
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headrace storage %s: %s\n", command, error.what());
    return 1;
  }
}

void check_storage(const std::string& home) {
  const std::string difference = storage::check_derived(home);
  if (!difference.empty()) throw std::runtime_error(difference + " (`headrace storage rebuild` makes the derived tables anew)");
}

}  // namespace

int main(int argc, char** argv) {
  std::set_new_handler(out_of_memory);
  CLI::App app("Headrace: data assets, declared as functions, materialized, recorded and shown.", "headrace");
  app.set_version_flag("--version", std::string("headrace ") + HEADRACE_VERSION);
  app.require_subcommand(1);
  app::DevOptions dev;
  add_dev(app, dev);

  std::string project;
  bool is_cpp = false;
  auto* init = app.add_subcommand("init", "Make the folder of a first project");
  init->add_option("name", project, "The folder to make")->required();
  init->add_flag("--cpp", is_cpp, "In C++ (default: Python)");

  auto* storage = app.add_subcommand("storage", "Work on a home's database");
  storage->require_subcommand(1);
  std::string home = std::getenv("HEADRACE_HOME") ? std::getenv("HEADRACE_HOME") : ".headrace", target;
  auto* rebuild = storage->add_subcommand("rebuild", "Drop the derived tables and fold the event log again; no daemon may run");
  rebuild->add_option("--home", home, "The home folder")->capture_default_str();
  auto* backup = storage->add_subcommand("backup", "Write a consistent copy of the database, also while a daemon runs");
  backup->add_option("--home", home, "The home folder")->capture_default_str();
  backup->add_option("target", target, "The file to write")->required();

  auto* check =
      storage->add_subcommand("check", "Compare the derived tables with a fresh fold of the event log; no daemon may run");
  check->add_option("--home", home, "The home folder")->capture_default_str();

  CLI11_PARSE(app, argc, argv);
  if (app.got_subcommand("dev")) return run_dev(dev, argv[0]);
  if (init->parsed()) return run_init(project, is_cpp);
  if (rebuild->parsed()) return with_storage("rebuild", [&] { storage::rebuild(home); });
  if (check->parsed()) return with_storage("check", [&] { check_storage(home); });
  return with_storage("backup", [&] { storage::backup(home, target); });
}
