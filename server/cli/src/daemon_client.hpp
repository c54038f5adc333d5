// How a command talks to a running daemon: found by --url or HEADRACE_URL, else by the record in the home.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <http/client.hpp>
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

/// For one segment of a path, or a value of a query.
std::string percent_encoded(std::string_view text);
void print_json(const nlohmann::json& value);

}  // namespace headrace::cli
