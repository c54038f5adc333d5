// `headrace run list | show | cancel`.
#include <commands.hpp>
#include <cstdio>
#include <daemon_client.hpp>
#include <run_progress.hpp>
#include <terminal.hpp>
#include <text.hpp>

namespace headrace::cli {
namespace {

using nlohmann::json;

struct RunOptions {
  ClientOptions client;
  std::string status, id;
  std::size_t limit = 50;
};

std::string time_or(const json& value) { return value.is_string() ? value.get<std::string>() : "-"; }

std::string status_text(const std::string& status, const Style& style) {
  if (status == "success") return style.green(status);
  return status == "failure" ? style.red(status) : status == "canceled" || status == "canceling" ? style.yellow(status) : status;
}

int list_runs(const RunOptions& options, const DaemonClient& daemon) {
  const auto runs =
      daemon.list(options.status.empty() ? "/runs" : "/runs?status=" + http::percent_encode(options.status), options.limit);
  if (options.client.as_json) return print_json({{"items", runs}}), k_done;
  std::vector<std::vector<std::string>> rows;
  for (const auto& run : runs)
    rows.push_back({run.at("number").dump(), run.at("status"),
                    run.at("steps_succeeded").dump() + "/" + run.at("steps_total").dump(), time_or(run.at("created_at")),
                    time_or(run.at("ended_at")),
                    run.at("selection").is_string() ? cut(printable(run.at("selection").get<std::string>()), 60) : ""});
  if (!rows.empty()) rows.insert(rows.begin(), {"RUN", "STATUS", "STEPS", "CREATED", "ENDED", "SELECTION"});
  std::printf("%s", table_text(rows, "").c_str());
  return k_done;
}

int show_run(const RunOptions& options, const DaemonClient& daemon) {
  const auto run = daemon.get("/runs/" + http::percent_encode(options.id));
  if (options.client.as_json) return print_json(run), k_done;
  const Style style(has_colors(1));
  std::printf("Run %s: %s\n", run.at("number").dump().c_str(), status_text(run.at("status"), style).c_str());
  std::printf("  %s, created %s, ended %s\n", run.at("run_id").get<std::string>().c_str(), time_or(run.at("created_at")).c_str(),
              time_or(run.at("ended_at")).c_str());
  std::vector<std::vector<std::string>> rows;
  for (const auto& step : run.at("steps")) {
    const auto& error = step.at("error");
    auto why = error.is_null() ? "" : printable(headline(error));
    for (auto& c : why)
      if (c == '\n') c = ' ';
    rows.push_back(
        {printable(step.at("step_key").get<std::string>()), step.at("status"),
         error.is_null() ? "" : cut(why, 200) + (place_of(error).empty() ? "" : " (" + printable(place_of(error)) + ")")});
  }
  std::printf("%s", table_text(rows, "  ").c_str());
  return k_done;
}

int cancel_run(const RunOptions& options, const DaemonClient& daemon) {
  const auto answer = daemon.post("/runs/" + http::percent_encode(options.id) + "/cancel", json::object());
  if (options.client.as_json) return print_json(answer), k_done;
  std::printf("Canceling run %s\n", answer.at("number").dump().c_str());
  return k_done;
}

}  // namespace

void add_run_commands(const CommandLine& line) {
  ClientCommands<RunOptions> commands(line, "run", "Runs of a running daemon");
  auto& options = commands.options();
  auto* list = commands.add("list", "The newest runs",
                            "  headrace run list\n  headrace run list --status failure --limit 5 --json", list_runs);
  list->add_option("--status", options.status, "Only those with this status: queued, running, success, failure, canceled …");
  list->add_option("--limit", options.limit, "How many (default: 50)")->check(CLI::Range(1, 100'000));
  commands.add("show", "One run with its steps", "  headrace run show 42\n  headrace run show 42 --json", show_run)
      ->add_option("id", options.id, "The run's number or id")
      ->required();
  commands
      .add("cancel", "Ask a run to stop: running steps are canceled, the others never begin", "  headrace run cancel 42",
           cancel_run)
      ->add_option("id", options.id, "The run's number or id")
      ->required();
}

}  // namespace headrace::cli
