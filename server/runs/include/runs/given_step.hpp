// A step that a worker was given and that has not ended: the open one, or one at hand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace headrace::runs {

struct GivenStep {
  int step = -1, attempt = 0;
  std::int64_t claim = 0;  ///< 0: none is needed
  std::vector<int> after;  ///< steps given before it that must succeed first
  bool begun = false;
  std::int64_t begun_at = 0;
};

/// Takes out the steps that are not to stay, and those that follow them, since the worker can never begin these. The order stays.
inline std::vector<int> take_out(std::deque<GivenStep>& given, const std::function<bool(const GivenStep&)>& goes) {
  std::vector<int> taken;
  std::deque<GivenStep> kept;
  const auto is_taken = [&taken](int step) { return std::find(taken.begin(), taken.end(), step) != taken.end(); };
  for (auto& each : given) {
    if (goes(each) || std::any_of(each.after.begin(), each.after.end(), is_taken))
      taken.push_back(each.step);
    else
      kept.push_back(std::move(each));
  }
  given = std::move(kept);
  return taken;
}

}  // namespace headrace::runs
