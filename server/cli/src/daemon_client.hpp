// How a command talks to a running daemon: found by --url or HEADRACE_URL, else by the record in the home.
#pragma once

#include <CLI/CLI.hpp>
#include <commands.hpp>
#include <functional>
#include <http/client.hpp>
#include <http/target.hpp>
#include <memory>
#include <string>

namespace headrace::cli {

/// Options of every such command.
struct ClientOptions {
  std::string url, home;
  bool as_json = false;
};
void add_client_options(CLI::App& command, ClientOptions& options);

/// What ends a command early: told on stderr by run_client_command.
struct CommandFailure {
  int status;
  std::string message;
};

class DaemonClient {
 public:
  /// Throws CommandFailure where no daemon is known.
  explicit DaemonClient(const ClientOptions& options);
  /// The answer's JSON. Throws CommandFailure: nobody answers, or the daemon refuses.
  nlohmann::json get(const std::string& target) const { return ask("GET", target, {}); }
  nlohmann::json post(const std::string& target, const nlohmann::json& body) const { return ask("POST", target, body.dump()); }
  /// All items of a list, page by page, at most `most` (0: all).
  nlohmann::json list(const std::string& target, std::size_t most = 0) const;

 private:
  nlohmann::json ask(const std::string& method, const std::string& target, const std::string& body) const;
  http::DaemonAddress address_;
  std::string token_;
};

/// `work` with a client; the exit status.
int run_client_command(const std::string& command, const ClientOptions& options,
                       const std::function<int(const DaemonClient&)>& work);

/// The commands below one noun, such as `run`. `Options` has a `ClientOptions client`, and is shared by all of them.
template <class Options>
class ClientCommands {
 public:
  ClientCommands(const CommandLine& line, const char* noun, const char* description)
      : parent_(*add_command(line.app, noun, description, "")), noun_(noun), chosen_(line.chosen) {
    parent_.require_subcommand(1);
  }
  /// The caller adds what is the command's own.
  CLI::App* add(const std::string& name, const char* description, const char* examples,
                int (*work)(const Options&, const DaemonClient&)) {
    auto* command = add_command(parent_, name, description, examples);
    add_client_options(*command, options_->client);
    command->callback([options = options_, full_name = noun_ + " " + name, work, &chosen = chosen_] {
      chosen = [=] {
        return run_client_command(full_name, options->client, [&](const DaemonClient& daemon) { return work(*options, daemon); });
      };
    });
    return command;
  }
  Options& options() { return *options_; }

 private:
  CLI::App& parent_;
  const std::string noun_;
  Action& chosen_;
  const std::shared_ptr<Options> options_ = std::make_shared<Options>();
};

void print_json(const nlohmann::json& value);

}  // namespace headrace::cli
