#include <core/asset_key.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(AssetKey, WritesPartsWithSlashes) {
  EXPECT_EQ(AssetKey({"iris_data"}).to_string(), "iris_data");
  EXPECT_EQ(AssetKey({"raw", "iris_data"}).to_string(), "raw/iris_data");
  EXPECT_EQ(AssetKey({"a/b", "c\\d"}).to_string(), "a\\/b/c\\\\d");
}

TEST(AssetKey, ParsesWhatItWrites) {
  const std::vector<std::vector<std::string>> paths{{"a"},        {"a", "b", "c"},       {"a/b"},
                                                    {"a\\", "b"}, {"a b", "ü", "x.y-z"}, {"\\/"}};
  for (const auto& path : paths) {
    const AssetKey key(path);
    const auto parsed = AssetKey::parse(key.to_string());
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->path(), path);
    EXPECT_EQ(AssetKey::from_json(key.to_json()), key);
  }
}

TEST(AssetKey, OneSlashWithinAPartIsNotTwoParts) { EXPECT_NE(AssetKey({"a/b"}), AssetKey({"a", "b"})); }

TEST(AssetKey, RefusesWhatCannotBeAFileName) {
  const std::vector<std::vector<std::string>> bad{{},
                                                  {""},
                                                  {"a", ""},
                                                  {"."},
                                                  {"a", ".."},
                                                  {"a/../b"},
                                                  {"../b"},
                                                  {"a/.."},
                                                  {"/etc"},
                                                  {"a\nb"},
                                                  {std::string("a\0b", 3)},
                                                  {"\x7f"},
                                                  {"\xff"},
                                                  {"\xc0\xaf"},
                                                  {"\xed\xa0\x80"},
                                                  {std::string(513, 'x')}};
  for (const auto& path : bad) EXPECT_FALSE(AssetKey::make(path)) << AssetKey(path).to_string();
  EXPECT_FALSE(AssetKey::make(std::vector<std::string>(33, "a")));
  EXPECT_TRUE(AssetKey::make(std::vector<std::string>(32, "a")));
  EXPECT_TRUE(AssetKey::make({std::string(512, 'x')}));
}

TEST(AssetKey, SaysWhatIsWrong) {
  EXPECT_EQ(AssetKey::make({}).error().message, "an asset key needs at least one part");
  EXPECT_EQ(AssetKey::make({"a", ".."}).error().message, R"(asset key "a/.." is not allowed: a part may not be "..")");
  EXPECT_EQ(AssetKey::parse("a//b").error().message, R"(asset key "a//b" is not allowed: a part is empty)");
  EXPECT_EQ(AssetKey::parse("a\\b").error().message, R"(asset key "a\b" is not allowed: a "\" must be followed by "/" or "\")");
  EXPECT_EQ(AssetKey::make({"a\nb"}).error().message, R"(asset key "a\u000ab" is not allowed: a part holds a control character)");
  EXPECT_EQ(AssetKey::from_json("iris").error().message, "an asset key must be a list of strings");
  EXPECT_EQ(AssetKey::from_json({1}).error().message, "an asset key must be a list of strings");
}

TEST(AssetKey, SortsByParts) {
  EXPECT_LT(AssetKey({"a", "z"}), AssetKey({"b"}));
  EXPECT_LT(AssetKey({"a"}), AssetKey({"a", "b"}));
}

}  // namespace
}  // namespace headrace
