#include <checked_graph.hpp>

#include <core/asset_graph.hpp>
#include <core/selection.hpp>

#include <stdexcept>

namespace headrace::checked_graph {
namespace {

Result<AssetGraph> build(const nlohmann::json& definitions) {
  auto parsed = Definitions::from_json("this code location", "", definitions);
  if (!parsed) return tl::unexpected(parsed.error());
  // Upstreams that nobody defines here may be another code location's.
  return AssetGraph::build({std::make_shared<const Definitions>(std::move(*parsed))}, {.allow_unknown_upstreams = true});
}

}  // namespace

std::string complaint_about(const nlohmann::json& definitions) {
  const auto graph = build(definitions);
  return graph ? std::string() : graph.error().message;
}

std::vector<std::string> plan(const nlohmann::json& definitions, const std::string& text) {
  auto graph = build(definitions);
  if (!graph) throw std::runtime_error(graph.error().message);
  auto selection = Selection::parse(text);
  if (!selection) throw std::runtime_error(selection.error().message);
  auto selected = selection->resolve(*graph);
  if (!selected) throw std::runtime_error(selected.error().message);
  std::vector<bool> wanted(static_cast<std::size_t>(graph->size()));
  for (const int index : *selected) wanted[static_cast<std::size_t>(index)] = true;
  std::vector<std::string> steps;
  for (const int index : graph->topological_order()) {
    const auto& node = graph->node(index);
    if (wanted[static_cast<std::size_t>(index)] && node.is_materializable()) steps.push_back(node.definition->step_key);
  }
  return steps;
}

}  // namespace headrace::checked_graph
