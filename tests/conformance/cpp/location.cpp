// The scenarios of tests/conformance in C++; python_location.py says the same in Python.
#include <headrace/sdk.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

using namespace headrace;

namespace {

struct Numbers : ConfigurableIOManager {
  std::string folder, password = "hidden-password";
  int digits = 3;
  void handle_output(OutputContext& context, const json& value) {
    context.log.info("storing ", context.asset_key().to_user_string());
    const auto path = path_of(context);
    std::ofstream(path) << value;
    context.add_output_metadata({{"path", MetadataValue::path(path)}, {"digits", digits}});
  }
  json load_input(InputContext& context) {
    std::ifstream file(path_of(context));
    if (!file) throw std::runtime_error("there is no file of " + context.asset_key().to_user_string());
    context.add_input_metadata({{"read", true}});
    return json::parse(file);
  }
  std::string path_of(const IOContext& context) const {
    return folder + "/" + context.asset_key().to_identifier() +
           (context.has_partition_key() ? "." + context.partition_key() : "");
  }
};
BOOST_DESCRIBE_STRUCT(Numbers, (), (folder, password, digits))

struct Rows : Config {
  int rows = 3;
};
BOOST_DESCRIBE_STRUCT(Rows, (), (rows))

struct Greeter : ConfigurableResource {
  std::string greeting = "hello";
  void setup_for_execution(InitResourceContext& context) { context.log.info("greeter is set up"); }
  void teardown_after_execution(InitResourceContext&) { std::cerr << "greeter is torn down\n"; }
};
BOOST_DESCRIBE_STRUCT(Greeter, (), (greeting))

int one() { return 1; }
int two(int one) { return one + 1; }

int fails() { throw std::runtime_error("asked to fail"); }

int prints(AssetExecutionContext& context) {
  std::cout << "to stdout\n";
  std::puts("by printf");
  std::cerr << "to stderr\n";
  context.log.info("to the log");
  context.log.warning("the password is hidden-password");
  return 0;
}

Output<int> tells(AssetExecutionContext& context) {
  context.observe({{"seen", 3}});
  context.add_output_metadata(
      {{"rows", 50}, {"ratio", 0.5}, {"name", "iris"}, {"good", true}, {"page", MetadataValue::url("http://localhost")}});
  return {50, {.metadata = {{"schema", MetadataValue::json({{"a", 1}})}}, .data_version = "v7"}};
}

int waits(AssetExecutionContext& context) {
  std::cout << "waiting" << std::endl;
  for (;;) context.check_canceled();
}

int stuck() {
  std::cout << "stuck" << std::endl;
  for (;;) ::pause();
}

int grabs() {
  std::vector<char> much(std::size_t{1} << 30, 'x');
  return much[7];
}

[[gnu::noinline]] int crashes() {
  volatile int* nowhere = nullptr;
  return *nowhere;
}

int changes_surroundings() {
  std::ignore = ::chdir("/");
  ::setenv("CHANGED", "yes", 1);
  std::signal(SIGUSR1, SIG_IGN);
  return 0;
}
bool sees_surroundings() { return std::getenv("CHANGED") != nullptr || std::filesystem::current_path() == "/"; }

Definitions make_definitions() {
  if (std::getenv("FAIL_TO_LOAD") != nullptr) throw std::runtime_error("asked not to load");
  if (std::getenv("LEAVE_A_THREAD") != nullptr) std::thread([] { ::pause(); }).detach();
  const AssetOptions stored{.io_manager_key = "numbers"};
  const auto with_input = [](const char* key) { return AssetOptions{.inputs = {key}, .io_manager_key = "numbers"}; };
  Definitions definitions{
      .assets = {asset("one", one, stored),
                 asset("two", two, with_input("one")),
                 asset("fails", fails, stored),
                 asset("prints", prints, stored),
                 asset("tells", tells,
                       {.io_manager_key = "numbers",
                        .group = "told",
                        .description = "Tells of itself.",
                        .code_version = "3",
                        .kinds = {"number"},
                        .owners = {"team:a"},
                        .tags = {{"a", "b"}},
                        .metadata = {{"since", 2026}}}),
                 asset(
                     "nothing", [] {}, stored),
                 asset(
                     "after_nothing", [](int nothing) { return nothing; }, with_input("nothing")),
                 asset(
                     "asks_for_retry", []() -> int { throw RetryRequested(3, 1.5); }, stored),
                 asset(
                     "tells_of_failure",
                     []() -> int {
                       throw Failure("no luck", {{"row", 7}}, false);
                     },
                     stored),
                 asset("waits", waits, stored),
                 asset("stuck", stuck, stored),
                 asset("grabs", grabs, stored),
                 asset("crashes", crashes, stored),
                 asset(
                     "configured", [](const Rows& config) { return config.rows; }, stored),
                 asset(
                     "greets", [](Greeter& greeter) { return greeter.greeting + " world"; }, stored),
                 asset("changes_surroundings", changes_surroundings, stored),
                 asset("sees_surroundings", sees_surroundings, stored),
                 asset({"deep", "key"}, one, stored),
                 asset("after_order", one, {.deps = {"two"}, .io_manager_key = "numbers"}),
                 asset("patient", fails,
                       {.io_manager_key = "numbers",
                        .retry_policy = RetryPolicy{.max_retries = 2, .delay = 0.5, .backoff = Backoff::linear},
                        .pool = "db",
                        .priority = 5,
                        .time_limit = 9.5,
                        .memory_limit = 1 << 20})},
      .resources = {{"numbers", Numbers{.folder = EnvVar("NUMBERS_FOLDER")}}, {"greeter", Greeter{}}},
  };
  // Made by another code location, in another language.
  if (std::getenv("TAKE_TOTAL") != nullptr)
    definitions.assets.push_back(asset(
        "takes_total", [](int total) { return 2 * total; }, with_input("total")));
  return definitions;
}

}  // namespace

HEADRACE_CODE_LOCATION(make_definitions)
