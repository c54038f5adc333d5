// Drawn graphs: laid out once for each definitions and choice of assets, kept as the JSON that goes out.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include <code_locations/workspace.hpp>
#include <core/layout.hpp>

namespace headrace::api {

struct DrawnGraph {
  std::string etag;         ///< strong, with quotes: of the definitions, the chosen assets and the closed groups
  std::vector<int> assets;  ///< indices in the workspace's graph, in the answer's order
  std::string columns;      ///< the answer's fields but for as_of and status, without the outer braces
};

/// Any thread.
class GraphCache {
 public:
  /// `closed`: groups drawn as one small box.
  std::shared_ptr<const DrawnGraph> get(const code_locations::WorkspaceSnapshot& workspace, std::vector<int> assets,
                                        std::set<std::string> closed);

 private:
  static constexpr std::size_t k_most = 16;
  std::mutex mutex_;
  std::list<std::shared_ptr<const DrawnGraph>> recent_;  // the latest used first
  EarlierHeights earlier_;                               // of the last drawing of the whole graph
};

}  // namespace headrace::api
