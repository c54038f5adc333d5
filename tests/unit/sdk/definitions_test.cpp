#include <headrace/sdk.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

struct Client : ConfigurableResource {};

std::string error_of(const Definitions& definitions) {
  try {
    materialize(definitions);
  } catch (const DefinitionError& error) {
    const std::string text = error.what();
    return text.substr(0, text.find(" (../"));
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

int one() { return 1; }
const auto two = [](int a) { return a; };

TEST(SdkDefinitions, ErrorsSayWhatToDo) {
  EXPECT_EQ(error_of({.assets = {asset("b", two)}}),
            "Asset \"b\": its function takes 1 inputs (int), but .inputs names 0: one key for each");
  EXPECT_EQ(error_of({.assets = {asset("b", one, {.io_manager_key = "files"})}}),
            "Asset \"b\" needs the IO manager \"files\", which is not among the resources: io_manager");
  EXPECT_EQ(
      error_of({.assets = {asset("b", one, {.io_manager_key = "client"})}, .resources = {{"client", Client{}}}}).substr(0, 51),
      "Asset \"b\" uses \"client\" as an IO manager, but it is");
  EXPECT_NE(error_of({.assets = {asset("b", [] { return std::make_unique<int>(3) ? Client{} : Client{}; })}})
                .find("gives a headrace::(anonymous namespace)::Client, which its IO manager \"io_manager\""),
            std::string::npos);
  EXPECT_NE(error_of({.assets = {asset("b", [](Client&) { return 1; })}})
                .find("takes a headrace::(anonymous namespace)::Client: there is none"),
            std::string::npos);
  EXPECT_NE(error_of({.assets = {asset("b", [](Client&) { return 1; })}, .resources = {{"x", Client{}}, {"y", Client{}}}})
                .find("is more than one among the resources (io_manager, x, y). Name it with .resources"),
            std::string::npos);
  EXPECT_NE(error_of({.assets = {asset("a", one), asset("a", one)}}).find("Duplicate asset key: \"a\" is defined twice"),
            std::string::npos);
  EXPECT_NE(error_of({.assets = {asset("a", two, {.inputs = {"b"}}), asset("b", two, {.inputs = {"a"}})}}).find("a → b → a"),
            std::string::npos);
}

TEST(SdkDefinitions, TypesHaveReadableNames) {
  EXPECT_EQ(type_of<std::string>().name, "std::string");
  EXPECT_EQ((type_of<std::map<std::string, std::vector<int>>>().name.find("allocator")), std::string::npos);
  EXPECT_EQ(type_of<json>().name, "headrace::json");
  EXPECT_EQ(type_of<AssetKey>().name, "headrace::AssetKey");
}

TEST(SdkDefinitions, KeysAndMetadata) {
  EXPECT_EQ(AssetKey("a/b").path().size(), 1u);
  EXPECT_EQ((AssetKey{"a", "b"}).to_user_string(), "a/b");
  EXPECT_EQ((AssetKey{"a", "b"}).with_prefix("x").to_identifier(), "x__a__b");
  EXPECT_EQ(
      to_json({{"n", 3},
               {"big", std::numeric_limits<std::int64_t>::max()},
               {"nan", std::nan("")},
               {"p", MetadataValue::path("x")},
               {"none", nullptr}})
          .dump(),
      R"({"big":{"type":"int","value":"9223372036854775807"},"n":{"type":"int","value":3},"nan":{"type":"float","value":"NaN"},)"
      R"("none":{"type":"null","value":null},"p":{"type":"path","value":"x"}})");
}

}  // namespace
}  // namespace headrace
