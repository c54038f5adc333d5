#include "../../../server/api/src/run_names.hpp"

#include "fixture.hpp"

namespace headrace::api {
namespace {

using testing::Api;

/// A daemon's memory must not grow with the runs that it has seen: what is held is seen by whether it is still alive.
struct RunNamesTest : ::testing::Test {
  Api api;
  std::unique_ptr<storage::Reader> reader = api.log->open_reader();

  RunNamesTest() { api.commit({Api::created(1), Api::created(2), Api::created(3)}); }  // of three steps each
  std::weak_ptr<const RunName> get(RunNames& names, std::int64_t run) { return names.get(*reader, run); }
};

TEST_F(RunNamesTest, HoldTheRunsAskedForLast) {
  RunNames names(6);
  const auto first = get(names, 1), second = get(names, 2);
  ASSERT_FALSE(first.expired());
  EXPECT_EQ(first.lock()->step_keys, (std::vector<std::string>{"a", "b", "c/d"}));
  get(names, 1);  // now the second is the one that was not asked for the longest
  const auto third = get(names, 3);
  EXPECT_FALSE(first.expired());
  EXPECT_TRUE(second.expired());
  EXPECT_FALSE(third.expired());
}

TEST_F(RunNamesTest, HoldTheLastRunHoweverLongItIs) {
  RunNames names(1);
  const auto first = get(names, 1);
  EXPECT_FALSE(first.expired());
  const auto second = get(names, 2);
  EXPECT_TRUE(first.expired());
  EXPECT_FALSE(second.expired());
}

}  // namespace
}  // namespace headrace::api
