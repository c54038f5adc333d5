#include <core/concurrency.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(ConcurrencyTest, NothingIsCountedWithoutLimits) {
  Concurrency none({});
  EXPECT_TRUE(none.of_run({{"a", "b"}}).empty());
  EXPECT_TRUE(none.of_step("here", "db").empty());
  EXPECT_TRUE(none.is_free({}));
}

TEST(ConcurrencyTest, APoolIsSharedByAllItsSteps) {
  Concurrency each({.pools = {{"db", 2}}});
  const auto first = each.of_step("here", "db"), second = each.of_step("there", "db"), other = each.of_step("here", "gpu");
  each.take(first);
  EXPECT_TRUE(each.is_free(second));
  each.take(second);
  EXPECT_FALSE(each.is_free(first));
  EXPECT_EQ(each.full(first), "pool \"db\" (limit 2)");
  EXPECT_TRUE(each.is_free(other));
  each.release(second);
  EXPECT_TRUE(each.is_free(first));
  EXPECT_EQ(each.full(first), "");
}

TEST(ConcurrencyTest, EveryCounterOfAStepMustBeFree) {
  Concurrency each({.steps = 3, .default_pool = 1, .code_locations = {{"here", 2}}});
  const auto plain = each.of_step("here", ""), pooled = each.of_step("there", "any");
  each.take(plain);
  each.take(plain);
  EXPECT_EQ(each.full(plain), "code location \"here\" (limit 2)");
  each.take(pooled);
  EXPECT_EQ(each.full(plain), "steps (limit 3)");
  each.release(plain);
  EXPECT_EQ(each.full(pooled), "pool \"any\" (limit 1)");
}

TEST(ConcurrencyTest, RunsAreCountedByTheirTags) {
  Concurrency each({.runs = 10, .run_tags = {{"team", "", 1}, {"kind", "backfill", 2}}});
  const auto ml = each.of_run({{"team", "ml"}}), ops = each.of_run({{"team", "ops"}}),
             backfill = each.of_run({{"kind", "backfill"}});
  each.take(ml);
  EXPECT_FALSE(each.is_free(ml));
  EXPECT_TRUE(each.is_free(ops));
  each.take(backfill);
  EXPECT_TRUE(each.is_free(backfill));
  EXPECT_EQ(each.of_run({{"kind", "other"}}).size(), 1u);
  EXPECT_EQ(each.full(ml), "runs tagged \"team=ml\" (limit 1)");
}

}  // namespace
}  // namespace headrace
