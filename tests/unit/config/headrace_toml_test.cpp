#include <config/headrace_toml.hpp>

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <tests_dir.hpp>

namespace headrace::config {
namespace {

HeadraceToml parse(std::string text, const Variables& environment = {}) {
  return parse_headrace_toml({.text = std::move(text), .folder = "/project", .start = "/start"}, environment).value();
}
std::string error_of(std::string text, const Variables& environment = {}) {
  const auto parsed = parse_headrace_toml({.text = std::move(text)}, environment);
  return parsed ? "no error" : parsed.error().message;
}

TEST(HeadraceToml, ReadsEveryKey) {
  const auto all = parse(R"(
home = "state"
durability = "fast"
python = "venv/bin/python"
[server]
host = "::1"
port = 0
token_file = "token"
[log]
level = "debug"
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
[retention]
max_age = "90d"
max_size = "10GiB"
keep_runs = 7
)");
  EXPECT_EQ(all.home, "/project/state");
  EXPECT_EQ(all.durability, "fast");
  EXPECT_EQ(all.python, "/project/venv/bin/python");
  EXPECT_EQ(all.host, "::1");
  EXPECT_EQ(all.port, 0);
  EXPECT_EQ(all.token_file, "/project/token");
  EXPECT_EQ(all.log_level, "debug");
  EXPECT_EQ(all.concurrency.runs, 10);
  EXPECT_EQ(all.concurrency.steps, 32);
  EXPECT_EQ(all.concurrency.workers_per_run, 4);
  EXPECT_EQ(all.concurrency.default_pool, 1);
  EXPECT_EQ(all.concurrency.pools, (std::map<std::string, int>{{"my db", 3}, {"warehouse", 2}}));
  EXPECT_EQ(all.concurrency.code_locations.at("etl"), 8);
  ASSERT_EQ(all.concurrency.run_tags.size(), 2u);
  EXPECT_EQ(all.concurrency.run_tags[0].value, "");
  EXPECT_EQ(all.concurrency.run_tags[1].value, "backfill");
  EXPECT_EQ(all.retention.max_age, std::chrono::hours(90 * 24));
  EXPECT_EQ(all.retention.max_bytes, std::int64_t{10} << 30);
  EXPECT_EQ(all.retention.keep_runs, 7);
}

TEST(HeadraceToml, NothingSaidIsTheDefaults) {
  const auto all = parse("");
  EXPECT_EQ(all.home, "");
  EXPECT_FALSE(all.port.has_value());
  EXPECT_EQ(all.concurrency.runs, 0);
  EXPECT_GT(all.retention.max_bytes, 0);
  EXPECT_TRUE(all.code_locations.empty());
  EXPECT_EQ(parse("[retention]\nmax_age = 'off'\nmax_size = 'off'").retention.max_age, std::chrono::seconds(0));
}

TEST(HeadraceToml, ReadsEveryKindOfCodeLocation) {
  const auto all = parse(R"(
[[code_locations]]
executable = "build/etl"
build = "cmake --build build"
working_directory = "cpp"
[[code_locations]]
module = "my_package"
attribute = "defs"
python = "python3.12"
[[code_locations]]
file = "sub/definitions.py"
name = "third"
python = "../venv/bin/python"
)")
                       .code_locations;
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name, "etl");
  EXPECT_EQ(all[0].executable, "/project/build/etl");
  EXPECT_EQ(all[0].build, "cmake --build build");
  EXPECT_EQ(all[0].working_directory, "/project/cpp");
  EXPECT_EQ(all[1].name, "my_package");
  EXPECT_EQ(all[1].attribute, "defs");
  EXPECT_EQ(all[1].python, "python3.12");
  EXPECT_EQ(all[2].name, "third");
  EXPECT_EQ(all[2].file, "/project/sub/definitions.py");
  EXPECT_EQ(all[2].python, "/venv/bin/python");
}

TEST(HeadraceToml, VariablesGoBeforeTheFile) {
  const auto all = parse("[server]\nport = 1\nhost = 'a'\n[[code_locations]]\nmodule = 'a'\n",
                         {{"HEADRACE_PORT", "2"},
                          {"HEADRACE_HOST", ""},
                          {"HEADRACE_HOME", "here \"and\" there"},
                          {"HEADRACE_HOST_NAMES", "['a.example', 'b.example']"},
                          {"HEADRACE_CONCURRENCY_POOLS", "db = 2, gpu = 1"},
                          {"HEADRACE_CONCURRENCY_RUN_TAGS", "[{key = 'team', limit = 3}]"},
                          {"HEADRACE_CODE_LOCATIONS", "[{file = 'one.py'}, {module = 'two'}]"},
                          {"HEADRACE_RETENTION_MAX_AGE", "2w"}});
  EXPECT_EQ(all.port, 2);
  EXPECT_EQ(all.host, "a");
  EXPECT_EQ(all.home, "/start/here \"and\" there");
  EXPECT_EQ(all.host_names, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_EQ(all.concurrency.pools, (std::map<std::string, int>{{"db", 2}, {"gpu", 1}}));
  EXPECT_EQ(all.concurrency.run_tags.at(0).limit, 3);
  ASSERT_EQ(all.code_locations.size(), 2u);
  EXPECT_EQ(all.code_locations[0].file, "/start/one.py");
  EXPECT_EQ(all.retention.max_age, std::chrono::hours(14 * 24));
}

TEST(HeadraceToml, ErrorsNameTheLineAndTheKey) {
  EXPECT_EQ(error_of("[concurrency]\nrun = 3"), "headrace.toml:2: unknown key \"run\" in [concurrency]. Did you mean \"runs\"?");
  EXPECT_EQ(error_of("[concurrency]\n\nruns = 0"), "headrace.toml:3: \"runs\" must be a whole number of at least 1");
  EXPECT_EQ(error_of("[concurrency]\nruns = \"many\""), "headrace.toml:2: \"runs\" must be a whole number of at least 1");
  EXPECT_EQ(error_of("[concurrency.pools]\ndb = 1.5"), "headrace.toml:2: \"db\" must be a whole number of at least 1");
  EXPECT_EQ(error_of("\n\n[[concurrency.run_tags]]\nkey = \"a\""),
            "headrace.toml:3: each of \"run_tags\" must have \"key\" and \"limit\"");
  EXPECT_EQ(error_of("[concurrency]\nrun_tags = [\n  {key = 'a', limit = 1},\n  {key = 'b', limit = 1, valeu = 'c'},\n]"),
            "headrace.toml:4: unknown key \"valeu\" in [[concurrency.run_tags]]. Did you mean \"value\"?");
  EXPECT_EQ(error_of("[sever]\nport = 1"), "headrace.toml:1: unknown key \"sever\" in the file. Did you mean \"server\"?");
  EXPECT_EQ(error_of("[server]\nport = 70000"), "headrace.toml:2: \"port\" must be a whole number from 0 to 65535");
  EXPECT_EQ(error_of("durability = 'safe'"), "headrace.toml:1: \"durability\" must be full or fast; it is \"safe\"");
  EXPECT_EQ(
      error_of("[retention]\nmax_age = '3 moons'"),
      "headrace.toml:2: \"max_age\" must be a whole number with a unit, such as \"90d\", \"12h\" or \"30m\", or \"off\"; it is "
      "\"3 moons\"");
  EXPECT_NE(error_of("[concurrency\nruns = 1").find("headrace.toml:1: "), std::string::npos);
  EXPECT_NE(read_headrace_toml("/nowhere/headrace.toml", {}).error().message.find("/nowhere/headrace.toml"), std::string::npos);
}

TEST(HeadraceToml, ErrorsOfCodeLocations) {
  EXPECT_EQ(error_of("[[code_locations]]\nexecutabel = \"a\""),
            "headrace.toml:2: unknown key \"executabel\" in [[code_locations]]. Did you mean \"executable\"?");
  EXPECT_NE(error_of("[[code_locations]]\nname = \"a\"").find("headrace.toml:1: "), std::string::npos);
  EXPECT_NE(error_of("[[code_locations]]\nmodule = \"a\"\nfile = \"b\"").find("must have one of"), std::string::npos);
  EXPECT_NE(error_of("[[code_locations]]\nexecutable = \"a\"\nattribute = \"b\"").find("headrace.toml:3: \"attribute\""),
            std::string::npos);
  EXPECT_NE(error_of("code_locations = 3").find("[[code_locations]]"), std::string::npos);
  EXPECT_NE(error_of("[[code_locations]]\nmodule = 'a'\n[[code_locations]]\nmodule = 'a'").find("headrace.toml:3: two"),
            std::string::npos);
}

TEST(HeadraceToml, ErrorsNameTheVariable) {
  EXPECT_EQ(error_of("", {{"HEADRACE_PORT", "70000"}}), "HEADRACE_PORT: \"port\" must be a whole number from 0 to 65535");
  EXPECT_NE(error_of("", {{"HEADRACE_PORT", "http"}}).find("HEADRACE_PORT=http"), std::string::npos);
  EXPECT_EQ(error_of("", {{"HEADRACE_DURABILITY", "none"}}),
            "HEADRACE_DURABILITY: \"durability\" must be full or fast; it is \"none\"");
  EXPECT_NE(error_of("", {{"HEADRACE_CODE_LOCATIONS", "[{modul = 'a'}]"}}).find("HEADRACE_CODE_LOCATIONS: unknown key \"modul\""),
            std::string::npos);
  EXPECT_NE(error_of("", {{"HEADRACE_PORT", "1\nhost = 2"}}), "no error");
}

TEST(HeadraceToml, TheReferenceNamesEverySetting) {
  std::ifstream file(std::filesystem::path(k_tests_dir) / "../docs/reference/configuration.md");
  std::ostringstream text;
  text << file.rdbuf();
  for (const auto& name : setting_names()) {
    const auto row = "| `" + name.key + "` | `" + name.variable + "` |";
    EXPECT_NE(text.str().find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace headrace::config
