#include "scenario.hpp"

namespace headrace::simulator {
namespace {

using nlohmann::json;

json resource(const char* key, bool in_memory) {
  return {{"key", key},
          {"type", "simulated"},
          {"is_io_manager", true},
          {"in_memory", in_memory},
          {"nested", json::array()},
          {"config", json::array()}};
}

json random_policy(Random& random) {
  static const std::vector<json> k_backoffs{nullptr, "linear", "exponential"}, k_jitters{nullptr, "full", "plus_minus"};
  if (random.chance(0.5)) return nullptr;
  return {{"max_retries", random.below(4)},
          {"delay", random.chance(0.3) ? json(nullptr) : json(static_cast<double>(random.below(20)) / 10)},
          {"backoff", random.pick(k_backoffs)},
          {"jitter", random.pick(k_jitters)}};
}

json random_execution(Random& random) {
  static const std::vector<json> k_isolations{"worker", "worker", "step", "in_process"};
  return {{"isolation", random.pick(k_isolations)},
          {"start", random.chance(0.2) ? json("spawn") : json(nullptr)},
          {"max_workers", random.chance(0.5) ? json(random.below(4) + 1) : json(nullptr)},
          {"max_rss", nullptr}};
}

/// Another version of a location's definitions: the same in other words, other inputs, another IO manager, or an asset less.
json changed(json definitions, Random& random) {
  auto& assets = definitions["assets"];
  if (assets.empty() || random.chance(0.4)) {
    definitions["execution"]["max_workers"] = random.below(4) + 1;
    return definitions;
  }
  auto& asset = assets[static_cast<std::size_t>(random.below(static_cast<int>(assets.size())))];
  const int what = random.below(3);
  if (what == 0 && !asset["deps"].empty()) {
    asset["deps"].erase(0);
  } else if (what == 1) {
    asset["io_manager_key"] = "other_manager";
    asset["required_resources"] = {"other_manager"};
  } else {
    assets.erase(static_cast<std::size_t>(random.below(static_cast<int>(assets.size()))));
  }
  return definitions;
}

CodeVersion version_of(const std::string& location, std::size_t number, const json& definitions) {
  auto parsed = Definitions::from_json(location, fmt::format("{}-version-{}", location, number), definitions);
  if (!parsed) throw std::logic_error("simulated definitions: " + parsed.error().message);
  return {definitions, std::make_shared<const Definitions>(std::move(*parsed))};
}

/// Chance for what the simulator learned later: by it, the worlds of most seeds stay as they were.
Random chance_beside(Random random) { return Random(random.next()); }

void make_code(Scenario& scenario, Random& random) {
  auto beside = chance_beside(random);
  const double limited = beside.chance(0.2) ? 0.5 : 0;  // the share of assets with a time limit
  const bool is_wide = beside.chance(0.1);              // many steps that wait for few others: workers have some at hand
  const int locations = is_wide ? 1 : 1 + random.below(3);
  const int assets = is_wide ? 20 + beside.below(40) : 1 + static_cast<int>(random.skewed(2, 12));
  const double density = random.real() * (is_wide ? 0.02 : 0.6), in_memory = random.chance(0.2) ? 0.6 : 0;
  static const std::vector<json> k_pools{nullptr, nullptr, "db", "gpu"};
  std::vector<json> definitions(static_cast<std::size_t>(locations));
  for (auto& each : definitions)
    each = {{"assets", json::array()},
            {"resources", {resource("io_manager", false), resource("other_manager", false), resource("memory", true)}},
            {"env_vars", json::array()},
            {"execution", random_execution(random)}};
  for (int i = 0; i < assets; ++i) {
    const std::string name = fmt::format("a{:02}", i);
    json deps = json::array();
    for (int up = 0; up < i; ++up) {
      if (!random.chance(density / (1 + (i - up) / 3))) continue;
      const auto upstream = scenario.assets[static_cast<std::size_t>(up)];
      deps.push_back(
          {{"key", {upstream}}, {"input", random.chance(0.8) ? json(upstream) : json(nullptr)}, {"input_manager_key", nullptr}});
    }
    const char* manager = random.chance(in_memory) ? "memory" : "io_manager";
    const json pool = random.pick(k_pools), policy = random_policy(random);
    const auto time_limit_ms = beside.chance(limited) ? beside.skewed(20, 5'000) : 0;
    definitions[static_cast<std::size_t>(random.below(locations))]["assets"].push_back(
        {{"key", {name}},
         {"step_key", name},
         {"group", "default"},
         {"deps", deps},
         {"io_manager_key", manager},
         {"stores_output", true},
         {"required_resources", {manager}},
         {"retry_policy", policy},
         {"pool", pool},
         {"priority", random.chance(0.2) ? random.below(5) : 0},
         {"time_limit", time_limit_ms > 0 ? json(static_cast<double>(time_limit_ms) / 1000) : json(nullptr)}});
    scenario.assets.push_back(name);
    scenario.rules[name] = {pool.is_string() ? pool.get<std::string>() : "", *RetryPolicy::from_json(policy), time_limit_ms};
  }
  for (int i = 0; i < locations; ++i) {
    LocationCode code{.name = fmt::format("location_{}", i), .versions = {}};
    auto& first = definitions[static_cast<std::size_t>(i)];
    for (std::size_t number = 0; number < 3; ++number)
      code.versions.push_back(version_of(code.name, number, number == 0 ? first : changed(first, random)));
    scenario.code.push_back(std::move(code));
  }
}

ConcurrencyLimits random_limits(Random& random) {
  ConcurrencyLimits limits;
  if (random.chance(0.3)) limits.runs = 1 + random.below(3);
  if (random.chance(0.3)) limits.steps = 1 + random.below(4);
  if (random.chance(0.3)) limits.default_pool = 1 + random.below(2);
  if (random.chance(0.3)) limits.pools["db"] = 1 + random.below(2);
  if (random.chance(0.2)) limits.code_locations["location_0"] = 1 + random.below(3);
  if (random.chance(0.2)) limits.run_tags.push_back({"team", random.chance(0.5) ? "ml" : "", 1});
  return limits;
}

Temper random_temper(Random& random) {
  Temper temper;
  if (random.chance(0.3)) temper.step_fails = temper.worker_dies_in_step = temper.worker_dies_idle = 0;  // a calm world
  if (random.chance(0.1)) temper.worker_dies_in_step = temper.worker_dies_idle = 0.3;
  if (random.chance(0.1)) temper.worker_is_silent = 0.2;
  if (random.chance(0.1)) temper.fork_fails = 0.4;
  if (random.chance(0.1)) temper.journal_is_full = 0.1;
  if (random.chance(0.3)) temper.longest_step = 200 * k_millisecond;
  if (random.chance(0.1)) temper.longest_step = 60 * k_second;
  if (random.chance(0.2)) temper.longest_step = 3 * k_millisecond;
  if (random.chance(0.2)) temper.slowest_turn = 200 * k_millisecond;
  return temper;
}

}  // namespace

Scenario make_scenario(Random& random) {
  Scenario scenario;
  make_code(scenario, random);
  scenario.temper = random_temper(random);
  scenario.settings.limits = random_limits(random);
  scenario.settings.most_workers_per_run = static_cast<std::size_t>(1 + random.below(4));
  scenario.settings.cancel_grace = std::chrono::milliseconds(random.skewed(10, 10'000));
  scenario.duration = random.skewed(100 * k_millisecond, 60 * k_second);
  scenario.launches = 1 + random.below(4);
  const auto some = [&](double chance, int most) { return random.chance(chance) ? 1 + random.below(most) : 0; };
  scenario.cancels = some(0.3, 2);
  scenario.retries = some(0.3, 2);
  scenario.reloads = some(0.3, 3);
  scenario.crashes = some(0.6, 4);
  scenario.stops = some(0.2, 1);
  scenario.reboots = some(0.15, 1);
  scenario.host_deaths = some(0.2, 2);
  scenario.kills = some(0.4, 4);
  scenario.full_disks = some(0.15, 2);
  scenario.clock_changes = some(0.15, 2);
  auto beside = chance_beside(random);
  if (beside.chance(0.15)) scenario.power_losses = 1 + beside.below(2);
  return scenario;
}

}  // namespace headrace::simulator
