#include <core/retry_policy.hpp>

#include <algorithm>
#include <cmath>

#include "json_fields.hpp"
#include "text.hpp"

namespace headrace {
namespace {

// However the numbers are chosen, nobody waits longer than this for a retry.
constexpr double k_longest_wait = 7 * 24 * 3600.0;

RetryPolicy::Backoff backoff_from(const std::string& name, JsonFields& fields) {
  if (name == "linear") return RetryPolicy::Backoff::linear;
  if (name == "exponential") return RetryPolicy::Backoff::exponential;
  if (!name.empty()) fields.complain("\"backoff\" must be \"linear\" or \"exponential\", not " + text::quote(name));
  return RetryPolicy::Backoff::none;
}

RetryPolicy::Jitter jitter_from(const std::string& name, JsonFields& fields) {
  if (name == "full") return RetryPolicy::Jitter::full;
  if (name == "plus_minus") return RetryPolicy::Jitter::plus_minus;
  if (!name.empty()) fields.complain("\"jitter\" must be \"full\" or \"plus_minus\", not " + text::quote(name));
  return RetryPolicy::Jitter::none;
}

}  // namespace

Result<std::optional<RetryPolicy>> RetryPolicy::from_json(const nlohmann::json& json) {
  if (json.is_null()) return std::optional<RetryPolicy>();
  JsonFields fields(json, "\"retry_policy\"");
  RetryPolicy policy;
  policy.max_retries = static_cast<int>(std::clamp<std::int64_t>(fields.integer("max_retries"), 0, 1'000'000));
  policy.delay = std::max(0.0, fields.number_or("delay", 0));
  policy.backoff = backoff_from(fields.text_or("backoff"), fields);
  policy.jitter = jitter_from(fields.text_or("jitter"), fields);
  if (!fields.ok()) return fields.error();
  return std::optional<RetryPolicy>(policy);
}

double RetryPolicy::seconds_before(int retry, double random) const {
  double seconds = delay;
  if (backoff == Backoff::linear) seconds *= retry;
  if (backoff == Backoff::exponential) seconds *= std::exp2(retry) - 1;
  if (jitter == Jitter::full) seconds *= random;
  if (jitter == Jitter::plus_minus) seconds += delay * (2 * random - 1);
  return std::clamp(seconds, 0.0, k_longest_wait);
}

RetryWish RetryWish::from_json(const nlohmann::json& json) {
  if (json.is_boolean()) return {.kind = json.get<bool>() ? Kind::none : Kind::forbidden};
  if (!json.is_object()) return {};
  const auto most = json.find("max_retries"), seconds = json.find("seconds");
  RetryWish wish{.kind = Kind::requested, .max_retries = 1};
  if (most != json.end() && most->is_number_integer())
    wish.max_retries = static_cast<int>(std::clamp<std::int64_t>(most->get<std::int64_t>(), 0, 1'000'000));
  if (seconds != json.end() && seconds->is_number()) wish.seconds = std::clamp(seconds->get<double>(), 0.0, k_longest_wait);
  return wish;
}

std::optional<double> seconds_until_retry(const std::optional<RetryPolicy>& policy, const RetryWish& wish, int attempt,
                                          double random) {
  if (wish.kind == RetryWish::Kind::forbidden) return std::nullopt;
  if (wish.kind == RetryWish::Kind::requested) return attempt <= wish.max_retries ? std::optional(wish.seconds) : std::nullopt;
  if (!policy || attempt > policy->max_retries) return std::nullopt;
  return policy->seconds_before(attempt, random);
}

}  // namespace headrace
