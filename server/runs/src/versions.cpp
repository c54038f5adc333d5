// RunCoordinator: which version of a code location's definitions a run's steps may be run by.
#include <runs/run_coordinator.hpp>

#include <spdlog/spdlog.h>

namespace headrace::runs {

/// True when this run's steps of the location can be run now: by the version it is pinned to, or by one that means the same.
bool RunCoordinator::has_version(ActiveRun& run, int index) {
  auto& pinned = run.locations[static_cast<std::size_t>(index)];
  auto* location = locations_.find(pinned.name);
  if (!location) return false;
  if (location->serves(pinned.hash)) return true;
  const auto& current = location->view().definitions;
  if (!current || !location->serves(current->hash)) return false;  // being loaded: on_workspace_change() comes

  if (auto difference = run.difference(index, *current); !difference.empty()) {
    fail_changed(run, index, difference);
    return false;
  }
  record_other_definitions(run, pinned.name, current->hash);
  location->unpin(pinned.hash);
  location->pin(current->hash);
  run.repin(index, current);
  return true;
}

/// Of a worker that loaded the code itself, as it is now: may it take this run's steps?
bool RunCoordinator::accepts(std::int64_t number, const std::string& name, const std::string& hash,
                             const nlohmann::json& definitions) {
  auto* run = find(number);
  for (std::size_t i = 0; run && i < run->locations.size(); ++i) {
    auto& location = run->locations[i];
    if (location.name != name || location.accepted.contains(hash)) continue;
    const auto parsed = Definitions::from_json(name, hash, definitions);
    const auto difference = parsed ? run->difference(static_cast<int>(i), *parsed) : parsed.error().message;
    if (!difference.empty()) {
      location.has_changed = true;
      fail_changed(*run, static_cast<int>(i), difference);
      return false;
    }
    location.accepted.insert(hash);
    record_other_definitions(*run, name, hash);
  }
  return true;
}

void RunCoordinator::record_other_definitions(const ActiveRun& run, const std::string& location, const std::string& hash) {
  spdlog::info("run {} goes on with other definitions of {}: its remaining steps mean the same there", run.number, location);
  storage::Batch batch;
  batch.events.push_back(run_event(run, EventKind::definitions_changed, {{"code_location", location}, {"hash", hash}}));
  append_surely(std::move(batch));
}

void RunCoordinator::fail_changed(ActiveRun& run, int index, const std::string& difference) {
  const std::string message = "the definitions of code location " + run.locations[static_cast<std::size_t>(index)].name +
                              " changed since this run was launched: " + difference + ". Launch a new run.";
  for (int step : run.ready.all())
    if (run.steps[static_cast<std::size_t>(step)].location == index) fail_step(run, step, "DefinitionsChanged", message);
}

/// Nobody can know any more what its steps that have not begun were to do.
void RunCoordinator::fail_unreadable(ActiveRun& run) {
  for (int step : run.ready.all()) fail_step(run, step, "DefinitionsChanged", run.unreadable_because);
}

}  // namespace headrace::runs
