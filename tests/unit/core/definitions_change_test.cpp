#include <core/definitions_change.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

Definitions with(std::vector<AssetDefinition> assets) {
  Definitions definitions;
  definitions.assets = std::move(assets);
  return definitions;
}

AssetDefinition asset(const std::string& name) {
  AssetDefinition definition;
  definition.key = AssetKey({name});
  definition.source_line = 7;
  return definition;
}

using Keys = std::vector<AssetKey>;

TEST(DefinitionsChange, TellsWhatIsNewGoneAndOther) {
  auto other = asset("other");
  other.description = "now with a description";
  const auto change = DefinitionsChange::between(with({asset("gone"), asset("same"), asset("other")}),
                                                 with({other, asset("same"), asset("new")}));
  EXPECT_EQ(change.added, Keys{AssetKey({"new"})});
  EXPECT_EQ(change.removed, Keys{AssetKey({"gone"})});
  EXPECT_EQ(change.changed, Keys{AssetKey({"other"})});
}

TEST(DefinitionsChange, ALineThatMovedIsNoChange) {
  auto moved = asset("one");
  moved.source_line = 12;
  moved.source_last_line = 15;
  const auto change = DefinitionsChange::between(with({asset("one")}), with({moved}));
  EXPECT_TRUE(change.added.empty() && change.removed.empty() && change.changed.empty());
}

TEST(DefinitionsChange, AnEditOfConfigOrDependenciesIsAChange) {
  auto config = asset("config"), deps = asset("deps");
  config.config.resize(1);
  deps.deps.push_back({AssetKey({"up"}), "", ""});
  EXPECT_EQ(DefinitionsChange::between(with({asset("config"), asset("deps")}), with({config, deps})).changed,
            (Keys{AssetKey({"config"}), AssetKey({"deps"})}));
}

}  // namespace
}  // namespace headrace
