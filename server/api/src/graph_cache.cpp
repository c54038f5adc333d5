#include "graph_cache.hpp"

#include <charconv>
#include <cmath>

#include <core/json.hpp>
#include <core/layout.hpp>

namespace headrace::api {
namespace {

using nlohmann::json;

/// 128 bits in two FNV-1a streams: enough that two different graphs never share an ETag by chance.
std::string etag_of(const code_locations::WorkspaceSnapshot& workspace, const std::vector<int>& assets,
                    const std::set<std::string>& closed) {
  std::uint64_t a = 14695981039346656037ULL, b = 0x9ae16a3b2f90404fULL;
  const auto add = [&](std::string_view bytes) {
    for (const unsigned char c : bytes) {
      a = (a ^ c) * 1099511628211ULL;
      b = (b ^ c) * 0x100000001b3ULL + 0x632be59bd9b4e019ULL;
    }
  };
  add(workspace.definitions_hash);
  for (const auto& location : workspace.locations) add(location.name + "\n");
  for (const int asset : assets) add(std::to_string(asset) + ",");
  for (const auto& group : closed) add("\n" + group);
  char text[40];
  std::snprintf(text, sizeof text, "\"%016llx%016llx\"", static_cast<unsigned long long>(a), static_cast<unsigned long long>(b));
  return text;
}

/// Tenths of a pixel are plenty, and short.
json tenth(float value) { return std::round(static_cast<double>(value) * 10) / 10; }

json edges_json(const AssetGraph& graph, const std::vector<int>& assets) {
  std::vector<int> place(static_cast<std::size_t>(graph.size()), -1);
  for (std::size_t i = 0; i < assets.size(); ++i) place[static_cast<std::size_t>(assets[i])] = static_cast<int>(i);
  json from = json::array(), to = json::array();
  for (const int asset : assets)
    for (const int upstream : graph.node(asset).upstream)
      if (place[static_cast<std::size_t>(upstream)] >= 0) {
        from.push_back(place[static_cast<std::size_t>(upstream)]);
        to.push_back(place[static_cast<std::size_t>(asset)]);
      }
  return {{"from", std::move(from)}, {"to", std::move(to)}};
}

int location_index(const code_locations::WorkspaceSnapshot& workspace, const AssetNode& node) {
  if (node.definitions)
    for (std::size_t i = 0; i < workspace.locations.size(); ++i)
      if (workspace.locations[i].name == node.definitions->code_location) return static_cast<int>(i);
  return -1;
}

json columns_json(const code_locations::WorkspaceSnapshot& workspace, const Layout& layout) {
  const auto& graph = *workspace.graph;
  json columns = {{"edges", edges_json(graph, layout.assets)},
                  {"card", {{"width", Layout::k_card_width}, {"height", Layout::k_card_height}}}};
  for (const char* name : {"assets", "labels", "code_locations", "code_location", "x", "y", "kinds", "external", "groups"})
    columns[name] = json::array();
  columns["group"] = layout.group;
  for (const auto& location : workspace.locations) columns["code_locations"].push_back(location.name);
  for (std::size_t i = 0; i < layout.assets.size(); ++i) {
    const auto& node = graph.node(layout.assets[i]);
    columns["assets"].push_back(node.key.to_json());
    columns["labels"].push_back(node.key_string);
    columns["code_location"].push_back(location_index(workspace, node));
    columns["x"].push_back(tenth(layout.x[i]));
    columns["y"].push_back(tenth(layout.y[i]));
    columns["kinds"].push_back(node.definition ? json(node.definition->kinds) : json::array());
    columns["external"].push_back(!node.is_materializable());
  }
  columns["routes"] = json::array();
  for (const auto& route : layout.routes) {
    json points = json::array();
    for (const auto& [x, y] : route.points) points.insert(points.end(), {tenth(x), tenth(y)});
    columns["routes"].push_back({{"from", route.from}, {"to", route.to}, {"points", std::move(points)}});
  }
  for (const auto& group : layout.groups)
    columns["groups"].push_back({{"name", group.name},
                                 {"x", tenth(group.x)},
                                 {"y", tenth(group.y)},
                                 {"width", tenth(group.width)},
                                 {"height", tenth(group.height)}});
  return columns;
}

}  // namespace

std::shared_ptr<const DrawnGraph> GraphCache::get(const code_locations::WorkspaceSnapshot& workspace, std::vector<int> assets,
                                                  std::set<std::string> closed) {
  const auto etag = etag_of(workspace, assets, closed);
  LayoutWishes wishes{std::move(closed), {}};
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(recent_.begin(), recent_.end(), [&](const auto& drawn) { return drawn->etag == etag; });
    if (found != recent_.end()) {
      recent_.splice(recent_.begin(), recent_, found);
      return recent_.front();
    }
    wishes.earlier = earlier_;
  }
  const auto layout = lay_out(*workspace.graph, assets, wishes);
  auto drawn = std::make_shared<DrawnGraph>();
  drawn->etag = etag;
  auto columns = columns_json(workspace, layout);
  columns["etag"] = etag;
  const auto text = dump_json(columns);
  drawn->columns = text.substr(1, text.size() - 2);
  drawn->assets = layout.assets;

  const std::lock_guard lock(mutex_);
  if (wishes.closed.empty() && static_cast<int>(layout.assets.size()) == workspace.graph->size())
    earlier_ = EarlierHeights::of(*workspace.graph, layout);
  recent_.push_front(drawn);
  if (recent_.size() > k_most) recent_.pop_back();
  return drawn;
}

}  // namespace headrace::api
