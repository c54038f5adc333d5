// Makes an executable a code location: `headrace dev --exe build/my_location`.
#pragma once

#include <functional>

#include <headrace/definitions.hpp>

namespace headrace {
inline namespace sdk {

/// Serves the daemon as host or worker, as HEADRACE_ROLE says; the exit status.
int run_code_location(int argc, char** argv, const std::function<Definitions()>& load);

namespace detail {
inline Definitions loaded(const Definitions& definitions) { return definitions; }
template <std::invocable F>
Definitions loaded(const F& load) {
  return load();
}
}  // namespace detail

}  // namespace sdk
}  // namespace headrace

/// Once in a program, in place of main(): a headrace::Definitions, or a function that returns one (what it throws is shown in the
/// page).
#define HEADRACE_CODE_LOCATION(definitions)                                                                   \
  int main(int argc, char** argv) {                                                                           \
    return ::headrace::run_code_location(argc, argv, [] { return ::headrace::detail::loaded(definitions); }); \
  }
