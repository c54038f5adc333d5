// When a failed attempt of a step is followed by another one. Pure: the random number comes from outside.
#pragma once

#include <optional>

#include <core/result.hpp>

namespace headrace {

/// An asset's policy, as section 6 of core/protocol/README.md describes it.
struct RetryPolicy {
  enum class Backoff { none, linear, exponential };
  enum class Jitter { none, full, plus_minus };
  int max_retries = 1;
  double delay = 0;  ///< seconds
  Backoff backoff = Backoff::none;
  Jitter jitter = Jitter::none;

  /// null: no policy.
  static Result<std::optional<RetryPolicy>> from_json(const nlohmann::json& json);
  /// Seconds to wait before retry 1, 2, …; `random` is uniform in [0, 1).
  double seconds_before(int retry, double random) const;
  bool operator==(const RetryPolicy&) const = default;
};

/// What a failed attempt itself says about retries (`step_ended.retry` of the journal).
struct RetryWish {
  enum class Kind { none, requested, forbidden };
  Kind kind = Kind::none;
  int max_retries = 0;
  double seconds = 0;

  /// Anything that is not as the protocol says counts as no wish.
  static RetryWish from_json(const nlohmann::json& json);
};

/// Seconds until the attempt that follows failed attempt `attempt` (1 for the first); nothing: that was the last one.
std::optional<double> seconds_until_retry(const std::optional<RetryPolicy>& policy, const RetryWish& wish, int attempt,
                                          double random);

}  // namespace headrace
