// A loaded code location, or why it could not be loaded.
#pragma once

#include <functional>

#include <resolved.hpp>

namespace headrace {
inline namespace sdk {

struct Location {
  std::shared_ptr<const Resolved> resolved;  ///< null: `error` says why
  json error = nullptr;
  std::string spawn_reason;  ///< not empty: forked workers could hang
  double seconds = 0;
  std::string hash() const { return resolved ? resolved->hash() : ""; }
};

/// Whatever user code throws becomes an error.
Location load_location(const std::function<Definitions()>& load);

}  // namespace sdk
}  // namespace headrace
