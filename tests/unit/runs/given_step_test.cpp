#include <gtest/gtest.h>

#include <runs/given_step.hpp>
#include <set>

namespace headrace::runs {
namespace {

std::deque<GivenStep> given(std::vector<GivenStep> steps) { return {steps.begin(), steps.end()}; }

std::vector<int> steps_of(const std::deque<GivenStep>& given) {
  std::vector<int> steps;
  for (const auto& each : given) steps.push_back(each.step);
  return steps;
}

auto claimed_by_the_daemon(std::set<std::int64_t> claims) {
  return [claims](const GivenStep& step) { return claims.contains(step.claim); };
}

TEST(GivenStep, EachClaimTellsOfItsOwnStepAlone) {
  // The worker was in the middle of reading: it missed claim 2, which the daemon has, and has 3.
  auto at_hand = given({{.step = 10, .claim = 1}, {.step = 11, .claim = 2}, {.step = 12, .claim = 3}, {.step = 13, .claim = 4}});
  EXPECT_EQ(take_out(at_hand, claimed_by_the_daemon({2, 4})), (std::vector<int>{11, 13}));
  EXPECT_EQ(steps_of(at_hand), (std::vector<int>{10, 12}));
}

TEST(GivenStep, WhatFollowsAStepThatIsTakenBackGoesWithIt) {
  auto at_hand = given({{.step = 10, .claim = 1},
                        {.step = 11, .claim = 2, .after = {10}},
                        {.step = 12, .claim = 3, .after = {11}},
                        {.step = 13, .claim = 4, .after = {10, 12}},
                        {.step = 14, .claim = 5, .after = {10}}});
  EXPECT_EQ(take_out(at_hand, claimed_by_the_daemon({2})), (std::vector<int>{11, 12, 13}));
  EXPECT_EQ(steps_of(at_hand), (std::vector<int>{10, 14}));
}

TEST(GivenStep, AStepWithoutAClaimStays) {
  auto at_hand = given({{.step = 10}, {.step = 11, .claim = 1}});
  EXPECT_EQ(take_out(at_hand, claimed_by_the_daemon({1, 2})), (std::vector<int>{11}));
  EXPECT_EQ(steps_of(at_hand), (std::vector<int>{10}));
}

}  // namespace
}  // namespace headrace::runs
