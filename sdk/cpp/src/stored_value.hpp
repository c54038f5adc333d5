// Loading a value that another code location stored, by what its materialization says of it (`stored`).
#pragma once

#include <functional>

#include <headrace/context.hpp>

namespace headrace {
inline namespace sdk {

/// By the loader of its format; throws an error with the remedy where there is none.
Value load_stored(InputContext& context, const std::string& code_location);

/// Formats beyond "json" (the tables library adds its own).
using StoredLoader = std::function<Value(InputContext& context, const std::string& path)>;
void add_stored_loader(const std::string& format, StoredLoader loader);

}  // namespace sdk
}  // namespace headrace
