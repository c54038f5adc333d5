#include <code_locations/code_locations.hpp>

#include <spdlog/spdlog.h>

namespace headrace::code_locations {

CodeLocations::CodeLocations(LocationServices services, storage::EventLog& log) : services_(std::move(services)), log_(log) {
  publish();
}

void CodeLocations::add(LocationSpec spec) {
  const std::string name = spec.name;
  CodeLocation::Callbacks callbacks;
  callbacks.accept = [this, name](std::shared_ptr<const Definitions> candidate) { return accept(name, candidate); };
  callbacks.on_change = [this] { publish(); };
  callbacks.on_loaded = [this, name](const protocol::DefinitionsAnswer& answer) { record_loaded(*find(name), answer); };
  callbacks.on_failed = [this, name](const nlohmann::json& error) { record_failed(name, error); };
  locations_.push_back(std::make_unique<CodeLocation>(services_, std::move(spec), std::move(callbacks)));
  locations_.back()->load();
}

CodeLocation* CodeLocations::find(std::string_view name) {
  for (auto& location : locations_)
    if (location->spec().name == name) return location.get();
  return nullptr;
}

Result<void> CodeLocations::reload(const std::string& name) {
  auto* location = find(name);
  if (!location) return fail(ErrorCode::not_found, "there is no code location \"" + name + "\"");
  location->load();
  return {};
}

Result<void> CodeLocations::accept(const std::string& name, const std::shared_ptr<const Definitions>& candidate) const {
  auto graph = build_graph(name, candidate);
  if (!graph) return tl::unexpected(graph.error());
  return {};
}

// The candidate comes last, so that it is the one to blame; null: the graph of what serves.
Result<AssetGraph> CodeLocations::build_graph(const std::string& name,
                                              const std::shared_ptr<const Definitions>& candidate) const {
  std::vector<std::shared_ptr<const Definitions>> definitions;
  bool all_loaded = true;
  for (const auto& location : locations_) {
    if (location->spec().name == name) continue;
    if (location->view().definitions)
      definitions.push_back(location->view().definitions);
    else
      all_loaded = false;
  }
  if (candidate) definitions.push_back(candidate);
  return AssetGraph::build(std::move(definitions), {.allow_unknown_upstreams = !all_loaded || !candidate});
}

void CodeLocations::publish() {
  auto next = std::make_shared<WorkspaceSnapshot>();
  auto previous = snapshot();
  next->version = previous ? previous->version + 1 : 1;
  for (const auto& location : locations_) {
    next->locations.push_back(location->view());
    if (location->view().definitions) next->definitions_hash += location->view().definitions->hash;
  }
  if (previous && previous->definitions_hash == next->definitions_hash) {
    next->graph = previous->graph;
  } else {
    auto graph = build_graph("", nullptr);  // each part was accepted before: this does not fail
    if (!graph) spdlog::error("asset graph: {}", graph.error().message);
    next->graph = std::make_shared<const AssetGraph>(graph ? std::move(*graph) : AssetGraph{});
  }
  std::atomic_store(&snapshot_, std::shared_ptr<const WorkspaceSnapshot>(std::move(next)));
  if (on_change_) on_change_();
}

void CodeLocations::record_loaded(const CodeLocation& location, const protocol::DefinitionsAnswer& answer) {
  const auto& view = location.view();
  spdlog::info("code location {}: loaded {} assets in {:.0f} ms", view.name, view.definitions->assets.size(),
               answer.load_seconds * 1e3);
  storage::Batch batch;
  batch.definitions = std::pair(answer.hash, answer.definitions.dump());
  batch.events.push_back(Event{.kind = EventKind::code_location_loaded,
                               .time = services_.loop.now(),
                               .payload = nlohmann::json{{"name", view.name},
                                                         {"hash", answer.hash},
                                                         {"language", view.language},
                                                         {"worker_start", view.fork_workers ? "fork" : "spawn"},
                                                         {"worker_start_reason", view.worker_start_reason},
                                                         {"asset_count", view.definitions->assets.size()},
                                                         {"resource_count", view.definitions->resources.size()}}
                                              .dump()});
  unwritten_failures_.erase(view.name);  // old news
  write_outcome(view.name, std::move(batch));
}

/// What the log does not take (disk full) is given to it again. Runs are pinned to definitions that the log has: until then,
/// nothing of this code location is launched.
void CodeLocations::write_outcome(const std::string& name, storage::Batch batch) {
  auto again = batch;
  log_.append(std::move(batch), [this, alive = alive_, loop = &services_.loop, name,
                                 again = std::move(again)](Result<storage::EventLog::Appended> result) {
    loop->post([this, alive, name, again, result = std::move(result)] {
      if (!*alive) return;
      if (!result) spdlog::error("event log: {}", result.error().message);
      auto* location = again.definitions ? find(name) : nullptr;
      if (location) location->set_recorded(result.has_value());
      auto& unwritten = again.definitions ? unwritten_loads_ : unwritten_failures_;
      if (result) return void(unwritten.erase(name));
      unwritten[name] = services_.loop.after(services_.record_retry, [this, name, again] { write_outcome(name, again); });
    });
  });
}

void CodeLocations::record_failed(const std::string& name, const nlohmann::json& error) {
  storage::Batch batch;
  batch.events.push_back(Event{.kind = EventKind::code_location_failed,
                               .time = services_.loop.now(),
                               .payload = nlohmann::json{{"name", name}, {"error", error}}.dump(
                                   -1, ' ', false, nlohmann::json::error_handler_t::replace)});
  const auto stack = error.find("stack");
  spdlog::error("{}{}", message(batch.events.front()),
                stack != error.end() && stack->is_string() && !stack->empty() ? "\n" + stack->get<std::string>() : "");
  write_outcome(name, std::move(batch));
}

}  // namespace headrace::code_locations
