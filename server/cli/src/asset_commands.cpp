// `headrace asset list | show`.
#include <commands.hpp>
#include <cstdio>
#include <daemon_client.hpp>
#include <terminal.hpp>
#include <text.hpp>

namespace headrace::cli {
namespace {

using nlohmann::json;

struct AssetOptions {
  ClientOptions client;
  std::string group, code_location, key;
};

std::string key_text(const json& key) {
  std::string text;
  for (const auto& part : key) text += (text.empty() ? "" : "/") + part.get<std::string>();
  return printable(text);
}

std::string text_or(const json& value, const char* otherwise) {
  return value.is_string() ? printable(value.get<std::string>()) : otherwise;
}

std::string joined(const json& keys) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "" : ", ") + key_text(key);
  return text;
}

std::string made_at(const json& asset) {
  const auto& latest = asset.at("latest_materialization");
  return latest.is_null() ? "-" : latest.at("timestamp").get<std::string>();
}

int list_assets(const AssetOptions& options, const DaemonClient& daemon) {
  std::string target = "/assets";
  if (!options.group.empty()) target += "?group=" + http::percent_encode(options.group);
  if (!options.code_location.empty())
    target += (options.group.empty() ? "?" : "&") + std::string("code_location=") + http::percent_encode(options.code_location);
  const auto assets = daemon.list(target);
  if (options.client.as_json) return print_json({{"items", assets}}), k_done;
  std::vector<std::vector<std::string>> rows;
  for (const auto& asset : assets)
    rows.push_back({key_text(asset.at("key")), asset.at("status"), printable(asset.at("group").get<std::string>()),
                    text_or(asset.at("code_location"), "-"), made_at(asset)});
  if (!rows.empty()) rows.insert(rows.begin(), {"ASSET", "STATUS", "GROUP", "CODE LOCATION", "MATERIALIZED"});
  std::printf("%s", table_text(rows, "").c_str());
  return k_done;
}

std::string value_text(const json& entry) {
  const auto value = entry.value("value", json());
  return printable(value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace));
}

int show_asset(const AssetOptions& options, const DaemonClient& daemon) {
  const auto asset = daemon.get("/assets/" + http::percent_encode(options.key));
  if (options.client.as_json) return print_json(asset), k_done;
  const auto& source = asset.at("source");
  std::vector<std::vector<std::string>> rows{{"Status", asset.at("status")},
                                             {"Group", printable(asset.at("group").get<std::string>())},
                                             {"Code location", text_or(asset.at("code_location"), "-")},
                                             {"IO manager", text_or(asset.at("io_manager_key"), "-")},
                                             {"Depends on", joined(asset.at("deps"))},
                                             {"Read by", joined(asset.at("dependents"))}};
  if (!source.is_null())
    rows.push_back(
        {"Source", printable(source.at("file").get<std::string>()) + ":" + std::to_string(source.at("line").get<int>())});
  const auto& latest = asset.at("latest_materialization");
  if (!latest.is_null()) {
    rows.push_back({"Materialized", latest.at("timestamp").get<std::string>() + ", run " + latest.at("run_number").dump()});
    for (const auto& [label, entry] : latest.at("metadata").items())
      rows.push_back({"  " + printable(label), cut(value_text(entry), 200)});
  }
  std::printf("%s\n%s", Style(has_colors(1)).bold(key_text(asset.at("key"))).c_str(), table_text(rows, "  ").c_str());
  if (asset.at("description").is_string()) std::printf("\n%s\n", text_or(asset.at("description"), "").c_str());
  return k_done;
}

}  // namespace

void add_asset_commands(const CommandLine& line) {
  ClientCommands<AssetOptions> commands(line, "asset", "Assets of a running daemon");
  auto& options = commands.options();
  auto* list = commands.add("list", "All assets with their status",
                            "  headrace asset list\n  headrace asset list --group ml --json", list_assets);
  list->add_option("--group", options.group, "Only those of this group");
  list->add_option("--code-location", options.code_location, "Only those of this code location");
  commands
      .add("show", "One asset: where it is defined, what it reads, what was stored where",
           "  headrace asset show raw/prices\n  headrace asset show report --json", show_asset)
      ->add_option("key", options.key, "The asset's key, its parts joined by /")
      ->required();
}

}  // namespace headrace::cli
