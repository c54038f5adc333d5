#include <daemon_client.hpp>

#include <cli/daemon_record.hpp>
#include <commands.hpp>
#include <config/environment.hpp>
#include <config/token.hpp>
#include <cstdio>
#include <cstdlib>
#include <text.hpp>

namespace headrace::cli {
namespace {

constexpr auto k_limit = std::chrono::seconds(60);

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

void add_client_options(CLI::App& command, ClientOptions& options) {
  command.add_option("--url", options.url, "Address of the daemon (default: $HEADRACE_URL, else that of the home's daemon)");
  command.add_option("--home", options.home, "Home of the daemon (default: $HEADRACE_HOME, else .headrace)");
  command.add_flag("--json", options.as_json, "Print JSON, as the REST API has it");
}

DaemonClient::DaemonClient(const ClientOptions& options) {
  const auto token = config::find_token(config::process_environment(), variable("HEADRACE_TOKEN_FILE"));
  if (!token) throw CommandFailure{k_usage, token.error().message};
  token_ = token->text;
  std::string url = options.url.empty() ? variable("HEADRACE_URL") : options.url;
  std::string home = options.home.empty() ? variable("HEADRACE_HOME") : options.home;
  if (home.empty()) home = ".headrace";
  if (url.empty()) {
    const auto record = read_daemon_record(home);
    if (!record)
      throw CommandFailure{k_no_daemon, "no daemon runs in the home \"" + home +
                                            "\". Start one with `headrace dev`, or say where it is with --url or --home."};
    url = record->url;
  }
  auto address = http::parse_daemon_address(url);
  if (!address) throw CommandFailure{k_usage, address.error().message};
  address_ = std::move(*address);
}

nlohmann::json DaemonClient::ask(const std::string& method, const std::string& target, const std::string& body) const {
  const auto answer =
      http::send(address_, {.method = method, .target = "/api/v1" + target, .body = body, .token = token_}, k_limit);
  if (!answer) throw CommandFailure{k_no_daemon, "no daemon answers: " + answer.error().message};
  auto value = nlohmann::json::parse(answer->body, nullptr, false);
  if (answer->status < 300 && !value.is_discarded()) return value;
  std::string message = value.is_object() ? value.value("detail", value.value("title", std::string())) : std::string();
  if (message.empty())
    message = address_.url + " answers with status " + std::to_string(answer->status) + ": is it a Headrace daemon?";
  if (answer->status == 401) message += " (the token is given in HEADRACE_TOKEN or HEADRACE_TOKEN_FILE)";
  throw CommandFailure{answer->status == 404 ? k_not_found : k_failed, message};
}

nlohmann::json DaemonClient::list(const std::string& target, std::size_t most) const {
  auto items = nlohmann::json::array();
  const std::string joint = target.find('?') == std::string::npos ? "?" : "&";
  std::string cursor;
  do {
    const auto wanted = most == 0 ? 500 : std::min<std::size_t>(500, most - items.size());
    const auto page = get(target + joint + "limit=" + std::to_string(wanted) + cursor);
    for (const auto& item : page.at("items")) items.push_back(item);
    const auto next = page.value("next_cursor", nlohmann::json());
    cursor = next.is_string() ? "&cursor=" + http::percent_encode(next.get<std::string>()) : "";
  } while (!cursor.empty() && (most == 0 || items.size() < most));
  return items;
}

int run_client_command(const std::string& command, const ClientOptions& options,
                       const std::function<int(const DaemonClient&)>& work) {
  try {
    return work(DaemonClient(options));
  } catch (const CommandFailure& failure) {
    return complain(command, printable(failure.message), failure.status);
  } catch (const nlohmann::json::exception& error) {
    return complain(command, std::string("the daemon's answer was not understood: is it of another version? ") + error.what(),
                    k_failed);
  }
}

void print_json(const nlohmann::json& value) {
  std::printf("%s\n", value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

}  // namespace headrace::cli
