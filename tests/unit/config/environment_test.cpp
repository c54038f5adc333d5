#include <config/environment.hpp>

#include <algorithm>

#include <gtest/gtest.h>

namespace headrace::config {
namespace {

using Items = std::vector<std::string>;

TEST(Environment, LaterListsOverrideInPlace) {
  EXPECT_EQ(child_environment({{"PATH", "/bin"}, {"A", "1"}}, {{"A", "2"}, {"B", ""}}, {{"HEADRACE_ROLE", "host"}}),
            (Items{"PATH=/bin", "A=2", "B=", "HEADRACE_ROLE=host"}));
  EXPECT_EQ(child_environment({{"HEADRACE_ROLE", "x"}}, {{"HEADRACE_ROLE", "y"}}, {{"HEADRACE_ROLE", "host"}}),
            Items{"HEADRACE_ROLE=host"});
}

TEST(Environment, TheDaemonsOwnSecretsAreInNone) {
  EXPECT_EQ(child_environment({{"HEADRACE_TOKEN", "t"}, {"A", "1"}}, {{"HEADRACE_TOKEN", "u"}}, {{"HEADRACE_TOKEN", "v"}}),
            Items{"A=1"});
  EXPECT_TRUE(is_for_daemon_alone("HEADRACE_TOKEN"));
  EXPECT_FALSE(is_for_daemon_alone("HEADRACE_HOME"));
}

TEST(Environment, WhatNoEnvironmentCanHoldIsLeftOut) {
  using namespace std::string_literals;
  EXPECT_EQ(child_environment({{"", "x"}, {"A=B", "x"}, {"C\0D"s, "x"}, {"E", "x\0y"s}, {"F", "1=2"}}, {}, {}), Items{"F=1=2"});
}

TEST(Environment, OfThisProcess) {
  ASSERT_EQ(::setenv("HEADRACE_TEST_VARIABLE", "a=b", 1), 0);
  const Variables variables = process_environment();
  EXPECT_NE(std::find(variables.begin(), variables.end(), std::pair<std::string, std::string>("HEADRACE_TEST_VARIABLE", "a=b")),
            variables.end());
}

}  // namespace
}  // namespace headrace::config
