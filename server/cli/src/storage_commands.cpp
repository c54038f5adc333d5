// `headrace storage …`: work on a home's database. `prune` belongs here too, as one more subcommand over storage's own function.
#include <commands.hpp>
#include <cstdlib>
#include <storage/event_log.hpp>

namespace headrace::cli {
namespace {

struct StorageOptions {
  std::string home, target;
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
  add("check", "Compare the derived tables with a fresh fold of the event log; no daemon may run", "  headrace storage check",
      [options] { check(options->home); });
}

}  // namespace headrace::cli
