// `headrace storage …`: work on a home's database.
#include <commands.hpp>
#include <cli/settings.hpp>
#include <config/environment.hpp>
#include <config/headrace_toml.hpp>
#include <config/quantities.hpp>
#include <cstdio>
#include <cstdlib>
#include <daemon_client.hpp>
#include <optional>
#include <storage/retention.hpp>

namespace headrace::cli {
namespace {

struct StorageOptions {
  std::string home, target;
  std::string max_age, max_size;
  std::optional<std::int64_t> keep_runs;
  bool as_json = false;
};

/// `work` of a subcommand; what it throws is told and fails the command.
int attempt(const std::string& command, const std::function<void()>& work) {
  try {
    work();
    return k_done;
  } catch (const std::exception& error) {
    return complain("storage " + command, error.what(), k_failed);
  }
}

void check(const std::string& home) {
  const std::string difference = storage::check_derived(home);
  if (!difference.empty()) throw std::runtime_error(difference + " (`headrace storage rebuild` makes the derived tables anew)");
}

/// A limit as an option gives it; without one it is the variable's, else the default.
template <class Value, class Parse>
Value limit(const char* option, const std::string& text, Value otherwise, Parse parse) {
  if (text.empty()) return otherwise;
  if (text == "off") return Value{};
  auto parsed = parse(text);
  if (!parsed) throw std::runtime_error(std::string(option) + " " + parsed.error().message);
  return *parsed;
}

void prune(const StorageOptions& options) {
  const auto toml = config::read_headrace_toml({}, config::process_environment());
  if (!toml) throw std::runtime_error(toml.error().message);
  auto limits = toml->retention;
  limits.max_age = limit("--max-age", options.max_age, limits.max_age, config::parse_duration);
  limits.max_bytes = limit("--max-size", options.max_size, limits.max_bytes, config::parse_size);
  limits.keep_runs = options.keep_runs.value_or(limits.keep_runs);
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
  const auto pruned = storage::prune(options.home, to_storage(limits), now.count());
  if (options.as_json) return print_json({{"runs", pruned.runs}, {"events", pruned.events}});
  std::printf("Pruned %zu runs with %lld events.\n", pruned.runs.size(), static_cast<long long>(pruned.events));
}

}  // namespace

void add_storage_commands(const CommandLine& line) {
  auto* storage = add_command(line.app, "storage", "Work on a home's database", "");
  storage->require_subcommand(1);
  const auto options = std::make_shared<StorageOptions>();
  const char* home = std::getenv("HEADRACE_HOME");
  options->home = home && *home ? home : ".headrace";
  Action& chosen = line.chosen;
  const auto add = [&](const std::string& name, const char* description, const char* example, std::function<void()> work) {
    auto* command = add_command(*storage, name, description, example);
    command->add_option("--home", options->home, "The home folder (default: $HEADRACE_HOME, else .headrace)");
    command->callback([&chosen, name, work] { chosen = [name, work] { return attempt(name, work); }; });
    return command;
  };
  add("rebuild", "Drop the derived tables and fold the event log again; no daemon may run",
      "  headrace storage rebuild --home /var/lib/headrace", [options] { storage::rebuild(options->home); });
  add("backup", "Write a consistent copy of the database, also while a daemon runs",
      "  headrace storage backup backups/headrace.db", [options] { storage::backup(options->home, options->target); })
      ->add_option("target", options->target, "The file to write; it must not exist")
      ->required();
  auto* prune_command =
      add("prune", "Forget old finished runs and make the file smaller; no daemon may run (a running one prunes by itself)",
          "  headrace storage prune --max-age 30d --keep-runs 20", [options] { prune(*options); });
  prune_command->add_option("--max-age", options->max_age, "Since a run's end: 90d, 12h, …, or off (default: 365d)");
  prune_command->add_option("--max-size", options->max_size, "Of database and output: 5GiB, …, or off (default: 20GiB)");
  prune_command->add_option("--keep-runs", options->keep_runs, "Finished runs that stay in any case (default: 100)")
      ->check(CLI::NonNegativeNumber);
  prune_command->add_flag("--json", options->as_json, "Print JSON");
  add("check", "Compare the derived tables with a fresh fold of the event log; no daemon may run", "  headrace storage check",
      [options] { check(options->home); });
}

}  // namespace headrace::cli
