#include <core/ready_steps.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace headrace {
namespace {

TEST(ReadyStepsTest, HigherPriorityGoesFirstThenTheOrderOfThePlan) {
  ReadySteps ready;
  ready.insert(0, 5, 0);
  ready.insert(0, 3, 0);
  ready.insert(1, 9, 7);
  ASSERT_EQ(ready.best_lane({}), 1);
  EXPECT_EQ(ready.head(1), 9);
  ready.erase(1, 9, 7);
  ASSERT_EQ(ready.best_lane({}), 0);
  EXPECT_EQ(ready.head(0), 3);
}

TEST(ReadyStepsTest, AClosedLaneDoesNotHoldBackTheOthers) {
  ReadySteps ready;
  ready.insert(0, 1, 9);
  ready.insert(2, 4, 0);
  EXPECT_EQ(ready.best_lane({0}), 2);
  EXPECT_EQ(ready.best_lane({0, 2}), -1);
}

TEST(ReadyStepsTest, CountsWhatItHolds) {
  ReadySteps ready;
  EXPECT_TRUE(ready.empty());
  ready.insert(0, 1, 0);
  ready.insert(0, 1, 0);
  ready.insert(3, 2, 0);
  EXPECT_EQ(ready.size(), 2u);
  EXPECT_EQ(ready.size_of(0), 1u);
  EXPECT_EQ(ready.size_of(7), 0u);
  auto all = ready.all();
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, (std::vector<int>{1, 2}));
  ready.erase(0, 42, 0);
  ready.erase(9, 1, 0);
  EXPECT_EQ(ready.size(), 2u);
  ready.clear();
  EXPECT_TRUE(ready.empty());
  EXPECT_EQ(ready.best_lane({}), -1);
}

}  // namespace
}  // namespace headrace
