// How alike two names are, for "did you mean". Private to core.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headrace {

struct NamedKey {
  std::string name;       ///< the whole key
  std::string last_part;  ///< what people often write instead of it
};

/// As closest_names(), for keys: "iris_data" may stand for "raw/iris_data", but a whole key that is as alike comes first.
std::vector<std::string> closest_keys(std::string_view text, std::span<const NamedKey> candidates, std::size_t most = 3);

}  // namespace headrace
