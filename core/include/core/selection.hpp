// The asset selection language: *, a/b, key:"a*", group:, tag:k=v, kind:, owner:, code_location:, status:, is:external,
// is:materializable, and or not ( ), +x 2+x x+ x+1 +x+, roots(…) sinks(…); also the older comma list and *x x*.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <core/asset_graph.hpp>

namespace headrace {

class Selection {
 public:
  /// The error names the column and what was expected there.
  static Result<Selection> parse(std::string_view text);

  /// `status_of` gives the status name ("never", "materialized", "failed" …) of an asset for status: terms; may be empty.
  using StatusOf = std::function<std::string(int asset)>;
  /// Indices in ascending order. A literal key that is not in the graph is an error with "did you mean";
  /// a pattern that matches nothing is an empty result.
  Result<std::vector<int>> resolve(const AssetGraph& graph, const StatusOf& status_of = {}) const;

 private:
  struct Expression;
  std::shared_ptr<const Expression> root_;
};

}  // namespace headrace
