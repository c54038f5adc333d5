// What int_assets.py says, in C++: a chain, in which each asset takes the one before, and a wide graph, in which none takes
// another.
#include <headrace/sdk.hpp>

#include <cstdlib>

using namespace headrace;

namespace {

Definitions make_definitions() {
  const char* given = std::getenv("BENCH_STEPS");
  const int steps = given ? std::atoi(given) : 100;
  const char* shapes = std::getenv("BENCH_SHAPES");
  const std::string wanted = shapes ? shapes : "chain,wide";
  Definitions definitions;
  for (int i = 0; i < steps; ++i) {
    const auto number = std::to_string(i), before = std::to_string(i - 1);
    if (wanted.find("chain") != std::string::npos) {
      definitions.assets.push_back(i == 0 ? asset("chain_0", [] { return 0; }, {.group = "chain"})
                                          : asset("chain_" + number, [](int value) { return value + 1; },
                                                  {.inputs = {AssetKey("chain_" + before)}, .group = "chain"}));
    }
    if (wanted.find("wide") != std::string::npos)
      definitions.assets.push_back(asset("wide_" + number, [i] { return i; }, {.group = "wide"}));
  }
  return definitions;
}

}  // namespace

HEADRACE_CODE_LOCATION(make_definitions)
