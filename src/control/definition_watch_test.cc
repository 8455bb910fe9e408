#include "control/definition_watch.h"

#include "catalogue/test_listing.h"

namespace gw::control {
namespace {

using catalogue::listing;
using catalogue::tool;

const std::string changed = R"(,"description":"changed")";

struct Scene {
  std::uint64_t changes() const { return counters.definitions_changed.get(); }

  Counters counters;
  DefinitionWatch watch{counters};
};

TEST(DefinitionWatch, CountsWhatIsDifferentAndNothingElse) {
  Scene g;
  g.watch.listed(*listing("web", {tool("a"), tool("b")}));
  g.watch.listed(*listing("web", {tool("b"), tool("c"), tool("a")}));
  g.watch.listed(*listing("other", {tool("a", changed)}));
  EXPECT_EQ(g.changes(), 0u);
  g.watch.listed(*listing("web", {tool("a", changed), tool("b"), tool("c", changed)}));
  EXPECT_EQ(g.changes(), 2u);
}

TEST(DefinitionWatch, WhatGoesAndComesBackDifferentHasChanged) {
  Scene g;
  g.watch.listed(*listing("web", {tool("a")}));
  g.watch.listed(*listing("web", {}));
  g.watch.listed(*listing("web", {tool("a", changed)}));
  EXPECT_EQ(g.changes(), 1u);
}

TEST(DefinitionWatch, OfWhatIsListedTwiceTheFirstCounts) {
  Scene g;
  for (int i = 0; i < 3; ++i) g.watch.listed(*listing("web", {tool("a"), tool("a", changed)}));
  EXPECT_EQ(g.changes(), 0u);
}

TEST(DefinitionWatch, AnAdapterThatIsGoneIsForgotten) {
  Scene g;
  g.watch.listed(*listing("web", {tool("a")}));
  g.watch.forget("web");
  g.watch.forget("none");
  g.watch.listed(*listing("web", {tool("a", changed)}));
  EXPECT_EQ(g.changes(), 0u);
}

TEST(DefinitionWatch, ChangesPastTheLimitOfTheLogAreCountedToo) {
  Scene g;
  for (unsigned i = 0; i <= 2 * DefinitionWatch::most_told; ++i) {
    g.watch.listed(*listing("web", {tool("a", R"(,"description":")" + std::to_string(i) + "\"")}));
  }
  EXPECT_EQ(g.changes(), 2 * DefinitionWatch::most_told);
}

}  // namespace
}  // namespace gw::control
