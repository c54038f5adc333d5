#include <config/concurrency_file.hpp>

#include <gtest/gtest.h>

namespace headrace::config {
namespace {

std::string error_of(std::string_view text) {
  const auto limits = parse_concurrency(text, "headrace.toml");
  return limits ? "no error" : limits.error().message;
}

TEST(ConcurrencyFile, ReadsEveryLimit) {
  const auto limits = parse_concurrency(R"(
[concurrency]
runs = 10
steps = 32
workers_per_run = 4
default_pool = 1
[concurrency.pools]
warehouse = 2
"my db" = 3
[concurrency.code_locations]
etl = 8
[[concurrency.run_tags]]
key = "team"
limit = 2
[[concurrency.run_tags]]
key = "kind"
value = "backfill"
limit = 1
)",
                                        "headrace.toml")
                          .value();
  EXPECT_EQ(limits.runs, 10);
  EXPECT_EQ(limits.steps, 32);
  EXPECT_EQ(limits.workers_per_run, 4);
  EXPECT_EQ(limits.default_pool, 1);
  EXPECT_EQ(limits.pools, (std::map<std::string, int>{{"my db", 3}, {"warehouse", 2}}));
  EXPECT_EQ(limits.code_locations.at("etl"), 8);
  ASSERT_EQ(limits.run_tags.size(), 2u);
  EXPECT_EQ(limits.run_tags[0].value, "");
  EXPECT_EQ(limits.run_tags[1].value, "backfill");
  EXPECT_EQ(parse_concurrency("", "headrace.toml")->runs, 0);
}

TEST(ConcurrencyFile, ErrorsNameTheLineAndTheKey) {
  EXPECT_EQ(error_of("[concurrency]\nrun = 3"), "headrace.toml:2: unknown key \"run\" in [concurrency]. Did you mean \"runs\"?");
  EXPECT_EQ(error_of("[concurrency]\n\nruns = 0"), "headrace.toml:3: \"runs\" must be a whole number of at least 1");
  EXPECT_EQ(error_of("[concurrency]\nruns = \"many\""), "headrace.toml:2: \"runs\" must be a whole number of at least 1");
  EXPECT_EQ(error_of("[concurrency.pools]\ndb = 1.5"), "headrace.toml:2: \"db\" must be a whole number of at least 1");
  EXPECT_NE(error_of("[[concurrency.run_tags]]\nkey = \"a\"").find("\"limit\""), std::string::npos);
  EXPECT_NE(error_of("[webserver]\nport = 1").find("webserver"), std::string::npos);
  EXPECT_NE(error_of("[concurrency\nruns = 1").find("headrace.toml:1: "), std::string::npos);
  EXPECT_NE(read_concurrency("/nowhere/headrace.toml").error().message.find("/nowhere/headrace.toml"), std::string::npos);
}

}  // namespace
}  // namespace headrace::config
