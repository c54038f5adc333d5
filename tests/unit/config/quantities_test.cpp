#include <config/quantities.hpp>

#include <gtest/gtest.h>

namespace headrace::config {
namespace {

TEST(Quantities, Durations) {
  EXPECT_EQ(parse_duration("90d").value(), std::chrono::hours(90 * 24));
  EXPECT_EQ(parse_duration("12 h").value(), std::chrono::hours(12));
  EXPECT_EQ(parse_duration("30m").value(), parse_duration("30min").value());
  EXPECT_EQ(parse_duration("0s").value(), std::chrono::seconds(0));
  for (const char* text : {"", "90", "d", "-1d", "1.5h", "90 moons", "9999999999999999w", "99999999999999999999s"})
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

TEST(Quantities, Sizes) {
  EXPECT_EQ(parse_size("10GiB").value(), std::int64_t{10} << 30);
  EXPECT_EQ(parse_size("500 MB").value(), 500'000'000);
  EXPECT_EQ(parse_size("1").value(), 1);
  EXPECT_EQ(parse_size("2TiB").value(), std::int64_t{2} << 40);
  for (const char* text : {"", "GiB", "-1GiB", "1.5GiB", "10 gigs", "9999999999TiB"})
    EXPECT_FALSE(parse_size(text).has_value()) << text;
}

}  // namespace
}  // namespace headrace::config
