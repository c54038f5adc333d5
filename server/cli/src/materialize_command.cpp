// `headrace materialize`: one run in the foreground. Progress goes to stderr, what was stored where to stdout.
#include <commands.hpp>
#include <cstdio>
#include <logging.hpp>
#include <progress_display.hpp>
#include <runs/run_request.hpp>
#include <spdlog/spdlog.h>
#include <terminal.hpp>
#include <workspace_problems.hpp>

namespace headrace::cli {
namespace {

constexpr auto k_redraw = std::chrono::milliseconds(100);
constexpr std::size_t k_most_events = 1000;  // read at once

struct MaterializeOptions {
  DaemonOptions daemon;
  std::string selection = "*", config;
  std::vector<std::string> tags;
  bool as_json = false;
};

class Materialization final : public Foreground {
 public:
  Materialization(runs::RunRequest request, bool as_json) : request_(std::move(request)), as_json_(as_json) {
    log_to([this](const std::string& line) { display_.say(line); });
  }
  void start(Engine engine) override;
  void on_commit(std::int64_t last_id) override;
  void on_workspace_change() override;
  void on_interrupt(bool is_first) override;
  int exit_status() override;

 private:
  void launch();
  void on_launched(const Result<runs::LaunchedRun>& launched);
  void read_on();
  void take(const Event& event);
  void redraw();
  void fail_with(int status) { status_ = status, engine_->stop(); }
  void print_summary() const;
  void print_failures() const;

  runs::RunRequest request_;
  const bool as_json_;
  std::optional<Engine> engine_;
  std::unique_ptr<storage::Reader> reader_;
  ProgressDisplay display_;
  RunProgress progress_;
  std::int64_t number_ = 0, read_to_ = 0;
  bool is_launching_ = false, was_interrupted_ = false;
  int status_ = k_failed;
  async::Handle redraw_;
};

void Materialization::start(Engine engine) {
  engine_.emplace(std::move(engine));
  reader_ = engine_->log.open_reader();
  on_workspace_change();
}

void Materialization::on_workspace_change() {
  if (!engine_ || is_launching_) return;
  const auto workspace = engine_->workspace.snapshot();
  if (!is_settled(*workspace)) return display_.show({"Loading code locations …"});
  is_launching_ = true;
  display_.clear();
  bool is_valid = true;
  for (const auto& problem : find_problems(*workspace)) {
    display_.say(to_text(problem, Style(has_colors(2))));
    is_valid = is_valid && !problem.is_error;
  }
  if (!is_valid) return fail_with(k_failed);
  spdlog::set_level(spdlog::level::err);  // before, it would have told the same
  launch();
}

void Materialization::launch() {
  engine_->launcher.launch(request_, [this](Result<runs::LaunchedRun> launched) { on_launched(launched); });
}

void Materialization::on_launched(const Result<runs::LaunchedRun>& launched) {
  if (!launched) {
    const auto& error = launched.error();
    std::vector<std::string> reasons;
    if (error.detail.is_object())
      for (const auto& refusal : error.detail.value("refusals", nlohmann::json::array()))
        reasons.push_back(refusal.value("message", std::string()));
    if (reasons.empty()) reasons.push_back(error.message);
    for (const auto& reason : reasons) display_.say("headrace materialize: " + printable(reason));
    return fail_with(error.code == ErrorCode::invalid ? k_usage : k_failed);
  }
  number_ = launched->number;
  on_commit(engine_->log.last_id());
}

void Materialization::read_on() {
  for (std::size_t read = k_most_events; read == k_most_events;) {
    const auto events = reader_->run_events(number_, read_to_, static_cast<int>(k_most_events));
    for (const auto& event : events) take(event);
    read = events.size();
  }
}

void Materialization::on_commit(std::int64_t) {
  if (number_ == 0 || is_final(progress_.status())) return;
  read_on();
  if (is_final(progress_.status())) {
    status_ = progress_.status() == RunStatus::success ? k_done : k_failed;
    if (!was_interrupted_) engine_->stop();
  } else if (!redraw_) {
    redraw();
  }
}

void Materialization::take(const Event& event) {
  read_to_ = event.id;
  const int step = progress_.apply(event);
  if (event.kind == EventKind::run_created)
    display_.say("Run " + std::to_string(number_) + ": " + counted(static_cast<std::int64_t>(progress_.steps().size()), "step"));
  if (step >= 0 && (event.kind == EventKind::step_started || event.kind == EventKind::step_ended))
    display_.step_changed(progress_.steps()[static_cast<std::size_t>(step)]);
}

void Materialization::redraw() {
  if (!display_.is_live()) return;
  display_.show_run(progress_, engine_->loop.now());
  redraw_ = engine_->loop.after(k_redraw, [this] { redraw(); });
}

void Materialization::on_interrupt(bool is_first) {
  was_interrupted_ = true;
  display_.say(is_first ? "Canceling: running steps are asked to stop (once more to kill them)" : "Killing what still runs");
}

int Materialization::exit_status() {
  redraw_.reset();  // before its loop goes
  if (number_ > 0) read_on();
  display_.clear();
  log_to({});
  if (as_json_) {
    std::printf("%s\n", to_json(progress_, number_).dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else if (number_ > 0) {
    print_summary();
    print_failures();
  }
  reader_.reset();
  return was_interrupted_ ? k_interrupted : status_;
}

void Materialization::print_summary() const {
  const Style style(has_colors(1));
  const bool is_success = progress_.status() == RunStatus::success;
  const auto seconds = static_cast<double>(progress_.ended_at() - progress_.started_at()) / 1e6;
  const bool has_time = progress_.started_at() > 0 && progress_.ended_at() > 0;
  const std::string result = std::string(is_success                                  ? "succeeded"
                                         : progress_.status() == RunStatus::canceled ? "canceled"
                                                                                     : "failed");
  std::string line = "Run " + std::to_string(number_) + " " + (is_success ? style.green(result) : style.red(result));
  if (has_time) line += " in " + seconds_text(seconds);
  line += ": " + std::to_string(progress_.count(StepStatus::success)) + " of " +
          counted(static_cast<std::int64_t>(progress_.steps().size()), "step") + " succeeded";
  for (const auto& [status, name] : {std::pair(StepStatus::failure, "failed"), std::pair(StepStatus::skipped, "skipped"),
                                     std::pair(StepStatus::canceled, "canceled")})
    if (const int count = progress_.count(status); count > 0) line += ", " + std::to_string(count) + " " + name;
  std::printf("%s\n", line.c_str());
  std::vector<std::vector<std::string>> rows;
  for (const auto& step : progress_.steps())
    for (const auto& value : step.stored)
      rows.push_back({printable(value.asset_key) + (value.partition.empty() ? "" : " [" + printable(value.partition) + "]"),
                      value.place.empty() ? "-" : printable(short_path(value.place)),
                      value.rows ? counted(*value.rows, "row") : "", value.bytes ? bytes_text(*value.bytes) : ""});
  std::printf("%s", table_text(rows, "  ").c_str());
}

/// What the user's own code raised, last: it is what stands above the prompt.
void Materialization::print_failures() const {
  const Style style(has_colors(1));
  for (const auto& step : progress_.steps()) {
    if (step.status != StepStatus::failure || !step.error.is_object()) continue;
    const auto place = place_of(step.error);
    std::printf("\n%s\n  asset %s%s\n", style.bold(style.red(printable(headline(step.error)))).c_str(),
                printable(step.step_key).c_str(), place.empty() ? "" : (", " + place).c_str());
    if (const auto stack = step.error.find("stack"); stack != step.error.end() && stack->is_string())
      std::printf("%s\n", style.dim(printable(stack->get<std::string>())).c_str());
  }
}

Result<runs::RunRequest> request_of(const MaterializeOptions& options) {
  nlohmann::json body{{"selection", options.selection}, {"tags", nlohmann::json::object()}};
  for (const auto& tag : options.tags) {
    const auto equals = tag.find('=');
    if (equals == std::string::npos || equals == 0) return fail(ErrorCode::invalid, "--tag: \"" + tag + "\" must be key=value");
    body["tags"][tag.substr(0, equals)] = tag.substr(equals + 1);
  }
  if (!options.config.empty()) {
    body["config"] = nlohmann::json::parse(options.config, nullptr, false);
    if (!body["config"].is_object())
      return fail(ErrorCode::invalid,
                  "--config-json must be a JSON object such as '{\"ops\": {\"my_asset\": {\"config\": {}}}}'");
  }
  return runs::parse_run_request(body);
}

int run_materialize(const MaterializeOptions& options, const CommandLine& line) {
  auto request = request_of(options);
  if (!request) return complain("materialize", request.error().message, k_usage);
  auto settings = make_settings(options.daemon, line.program);
  if (!settings) return complain("materialize", settings.error().message, k_usage);
  Materialization command(std::move(*request), options.as_json);
  return line.programs.run_in_foreground(std::move(*settings), command);
}

}  // namespace

void add_materialize_command(const CommandLine& line) {
  const auto options = std::make_shared<MaterializeOptions>();
  auto* command =
      add_command(line.app, "materialize", "Materialize assets in one run in the foreground; exit status 0 only on success",
                  "  headrace materialize                          all assets of headrace.toml here\n"
                  "  headrace materialize -m my_package --select 'group:ml'\n"
                  "  headrace materialize -f definitions.py --select '+report' --json > run.json");
  add_location_options(*command, options->daemon);
  command->add_option("--select", options->selection, "Which assets: the selection language (default: *)");
  command->add_option("--tag", options->tags, "A tag of the run, key=value; may be given more than once")->expected(1);
  command->add_option("--config-json", options->config, "Config of the run, a JSON object");
  command->add_flag("--json", options->as_json, "Print the run as JSON on stdout");
  command->callback([options, line] { line.chosen = [=] { return run_materialize(*options, line); }; });
}

}  // namespace headrace::cli
