// `headrace code-location list | reload`.
#include <chrono>
#include <commands.hpp>
#include <cstdio>
#include <daemon_client.hpp>
#include <run_progress.hpp>
#include <terminal.hpp>
#include <text.hpp>
#include <thread>

namespace headrace::cli {
namespace {

using nlohmann::json;

constexpr auto k_look = std::chrono::milliseconds(50);  // between looks at a reload that goes on

struct CodeLocationOptions {
  ClientOptions client;
  std::string name;
  bool no_wait = false;
};

std::string state_of(const json& location) {
  if (location.at("reloading").get<bool>()) return "reloading";
  return location.at("error").is_null() ? location.at("state").get<std::string>() : "failed";
}

std::string error_text(const json& error) {
  const auto place = place_of(error);
  return printable((place.empty() ? "" : place + ": ") + headline(error));
}

int list_locations(const CodeLocationOptions& options, const DaemonClient& daemon) {
  const auto locations = daemon.get("/code-locations").at("items");
  if (options.client.as_json) return print_json({{"items", locations}}), k_done;
  std::vector<std::vector<std::string>> rows{{"CODE LOCATION", "STATE", "LANGUAGE", "ASSETS", "LOADED", "ERROR"}};
  for (const auto& location : locations) {
    const auto& error = location.at("error");
    rows.push_back({printable(location.at("name").get<std::string>()), state_of(location), location.at("language"),
                    location.at("asset_count").dump(),
                    location.at("loaded_at").is_string() ? location.at("loaded_at").get<std::string>() : "-",
                    error.is_null() ? "" : cut(error_text(error), 120)});
  }
  std::printf("%s", table_text(rows, "").c_str());
  return k_done;
}

int reload_location(const CodeLocationOptions& options, const DaemonClient& daemon) {
  const std::string target = "/code-locations/" + http::percent_encode(options.name);
  auto location = daemon.post(target + "/reload", json::object());
  while (!options.no_wait && (location.at("reloading").get<bool>() || location.at("state") == "loading")) {
    std::this_thread::sleep_for(k_look);
    location = daemon.get(target);
  }
  const auto& error = location.at("error");
  const bool is_good = error.is_null() || options.no_wait;
  if (options.client.as_json) return print_json(location), is_good ? k_done : k_failed;
  if (options.no_wait) {
    std::printf("Reloading %s\n", printable(options.name).c_str());
  } else if (is_good) {
    std::printf("Loaded %s: %s\n", printable(options.name).c_str(),
                counted(location.at("asset_count").get<std::int64_t>(), "asset").c_str());
  } else {
    std::fprintf(stderr, "%s\n", error_text(error).c_str());
    if (error.at("stack").is_string())
      std::fprintf(stderr, "%s", Style(has_colors(2)).dim(printable(error.at("stack").get<std::string>())).c_str());
  }
  return is_good ? k_done : k_failed;
}

}  // namespace

void add_code_location_commands(const CommandLine& line) {
  ClientCommands<CodeLocationOptions> commands(line, "code-location", "Code locations of a running daemon");
  auto& options = commands.options();
  commands.add("list", "All code locations with their state", "  headrace code-location list", list_locations);
  auto* reload = commands.add("reload", "Load a code location's definitions anew and wait; exit status 1 if they do not load",
                              "  headrace code-location reload my_package", reload_location);
  reload->add_option("name", options.name, "The code location")->required();
  reload->add_flag("--no-wait", options.no_wait, "Only ask for it");
}

}  // namespace headrace::cli
