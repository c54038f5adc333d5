// What a reload did to the assets of a code location, for people who wonder whether their edit arrived.
#pragma once

#include <vector>

#include <core/definitions.hpp>

namespace headrace {

/// In the order of the definitions they stand in.
struct DefinitionsChange {
  std::vector<AssetKey> added, removed;
  std::vector<AssetKey> changed;  ///< anything that their code says of them, but for the line on which they begin
  static DefinitionsChange between(const Definitions& before, const Definitions& after);
};

}  // namespace headrace
