// `headrace definitions validate`: loads every code location, checks that they fit together, and says what is wrong. It keeps its
// home in a temporary folder: a daemon may be running in the usual one.
#include <stdlib.h>

#include <algorithm>
#include <commands.hpp>
#include <cstdio>
#include <filesystem>
#include <logging.hpp>
#include <terminal.hpp>
#include <workspace_problems.hpp>

namespace headrace::cli {
namespace {

namespace fs = std::filesystem;

struct ValidateOptions {
  DaemonOptions daemon;
  bool as_json = false;
};

/// Goes with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    auto pattern = (fs::temp_directory_path(error) / "headrace-validate-XXXXXX").string();
    if (::mkdtemp(pattern.data())) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class Validation final : public Foreground {
 public:
  explicit Validation(bool as_json) : as_json_(as_json) {}

  void start(Engine engine) override {
    engine_.emplace(std::move(engine));
    on_workspace_change();
  }
  void on_workspace_change() override {
    if (!engine_ || workspace_) return;
    const auto now = engine_->workspace.snapshot();
    if (!is_settled(*now)) return;
    workspace_ = now;
    engine_->stop();
  }
  void on_interrupt(bool) override {}
  int exit_status() override;

 private:
  const bool as_json_;
  std::optional<Engine> engine_;
  std::shared_ptr<const code_locations::WorkspaceSnapshot> workspace_;  // once it is settled
};

int Validation::exit_status() {
  if (!workspace_) return k_interrupted;
  const auto problems = find_problems(*workspace_);
  const bool is_valid = std::none_of(problems.begin(), problems.end(), [](const auto& problem) { return problem.is_error; });
  nlohmann::json locations = nlohmann::json::array(), errors = nlohmann::json::array();
  for (const auto& problem : problems) {
    errors.push_back(to_json(problem));
    if (!as_json_) std::fprintf(stderr, "%s\n", to_text(problem, Style(has_colors(2))).c_str());
  }
  const Style style(has_colors(1));
  for (const auto& location : workspace_->locations) {
    const bool has_error = !location.definitions || std::any_of(problems.begin(), problems.end(), [&](const auto& problem) {
      return problem.is_error && problem.code_location == location.name;
    });
    const auto assets = location.definitions ? location.definitions->assets.size() : 0;
    locations.push_back({{"name", location.name}, {"valid", !has_error}, {"asset_count", assets}});
    if (!as_json_)
      std::printf("%s %s%s\n", has_error ? style.red("✗").c_str() : style.green("✓").c_str(), printable(location.name).c_str(),
                  has_error ? "" : (": " + counted(static_cast<std::int64_t>(assets), "asset")).c_str());
  }
  if (as_json_) {
    const nlohmann::json body{{"valid", is_valid}, {"code_locations", std::move(locations)}, {"problems", std::move(errors)}};
    std::printf("%s\n", body.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  }
  return is_valid ? k_done : k_failed;
}

int run_validate(const ValidateOptions& options, const CommandLine& line) {
  auto settings = make_settings(options.daemon, line.program);
  if (!settings) return complain("definitions validate", settings.error().message, k_usage);
  const TemporaryFolder home;
  if (home.path().empty()) return complain("definitions validate", "cannot make a temporary folder (see TMPDIR)", k_failed);
  settings->home = home.path();
  settings->storage.durability = storage::Durability::fast;
  log_to([](const std::string&) {});  // the problems are told at the end, once
  Validation command(options.as_json);
  return line.programs.run_in_foreground(std::move(*settings), command);
}

}  // namespace

void add_validate_command(const CommandLine& line) {
  auto* definitions = add_command(line.app, "definitions", "Work on definitions", "");
  definitions->require_subcommand(1);
  const auto options = std::make_shared<ValidateOptions>();
  auto* command = add_command(*definitions, "validate", "Load the definitions and check them; exit status 1 if anything is wrong",
                              "  headrace definitions validate                  what headrace.toml here says\n"
                              "  headrace definitions validate -m my_package    one module\n"
                              "  headrace definitions validate --json           for scripts");
  add_location_options(*command, options->daemon);
  command->add_flag("--json", options->as_json, "Print the outcome as JSON on stdout");
  command->callback([options, line] { line.chosen = [=] { return run_validate(*options, line); }; });
}

}  // namespace headrace::cli
