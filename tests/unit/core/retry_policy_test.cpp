#include <core/retry_policy.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

using nlohmann::json;

RetryPolicy policy(const json& body) { return **RetryPolicy::from_json(body); }

TEST(RetryPolicyTest, DelaysGrowAsTheBackoffSays) {
  const auto fixed = policy({{"max_retries", 3}, {"delay", 2}});
  const auto linear = policy({{"max_retries", 3}, {"delay", 2}, {"backoff", "linear"}});
  const auto exponential = policy({{"max_retries", 3}, {"delay", 2}, {"backoff", "exponential"}});
  const double expected[][3] = {{2, 2, 2}, {2, 4, 6}, {2, 6, 14}};
  int row = 0;
  for (const auto& each : {fixed, linear, exponential}) {
    for (int retry = 1; retry <= 3; ++retry) EXPECT_DOUBLE_EQ(each.seconds_before(retry, 0.5), expected[row][retry - 1]);
    ++row;
  }
}

TEST(RetryPolicyTest, JitterStaysInItsBounds) {
  const auto full = policy({{"max_retries", 3}, {"delay", 2}, {"backoff", "exponential"}, {"jitter", "full"}});
  EXPECT_DOUBLE_EQ(full.seconds_before(2, 0), 0);
  EXPECT_DOUBLE_EQ(full.seconds_before(2, 0.5), 3);
  const auto around = policy({{"max_retries", 3}, {"delay", 2}, {"backoff", "exponential"}, {"jitter", "plus_minus"}});
  EXPECT_DOUBLE_EQ(around.seconds_before(2, 0), 4);
  EXPECT_DOUBLE_EQ(around.seconds_before(2, 0.75), 7);
  EXPECT_GE(policy({{"max_retries", 1}, {"delay", 1}, {"jitter", "plus_minus"}}).seconds_before(1, 0), 0);
}

TEST(RetryPolicyTest, AWaitIsFiniteHoweverManyRetries) {
  const auto each = policy({{"max_retries", 1'000'000}, {"delay", 1}, {"backoff", "exponential"}});
  EXPECT_LE(each.seconds_before(5000, 0.5), 7 * 24 * 3600.0);
}

TEST(RetryPolicyTest, NothingButAPolicyIsOne) {
  EXPECT_FALSE(RetryPolicy::from_json(nullptr)->has_value());
  EXPECT_FALSE(RetryPolicy::from_json({{"delay", 1}}).has_value());
  const auto wrong = RetryPolicy::from_json({{"max_retries", 1}, {"backoff", "quadratic"}});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_NE(wrong.error().message.find("quadratic"), std::string::npos);
}

TEST(RetryPolicyTest, APolicyIsUsedUp) {
  const auto each = RetryPolicy::from_json({{"max_retries", 2}, {"delay", 1}});
  EXPECT_EQ(seconds_until_retry(*each, {}, 1, 0), 1);
  EXPECT_EQ(seconds_until_retry(*each, {}, 2, 0), 1);
  EXPECT_EQ(seconds_until_retry(*each, {}, 3, 0), std::nullopt);
  EXPECT_EQ(seconds_until_retry(std::nullopt, {}, 1, 0), std::nullopt);
}

TEST(RetryPolicyTest, TheAttemptsOwnWishGoesFirst) {
  const auto each = RetryPolicy::from_json({{"max_retries", 2}, {"delay", 1}});
  EXPECT_EQ(seconds_until_retry(*each, RetryWish::from_json(false), 1, 0), std::nullopt);
  const auto wish = RetryWish::from_json({{"max_retries", 1}, {"seconds", 0.25}});
  EXPECT_EQ(seconds_until_retry(std::nullopt, wish, 1, 0), 0.25);
  EXPECT_EQ(seconds_until_retry(*each, wish, 2, 0), std::nullopt);
  EXPECT_EQ(seconds_until_retry(*each, RetryWish::from_json(nullptr), 1, 0), 1);
  EXPECT_EQ(seconds_until_retry(*each, RetryWish::from_json("nonsense"), 1, 0), 1);
}

}  // namespace
}  // namespace headrace
