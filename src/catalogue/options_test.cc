#include "catalogue/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue/test_listing.h"

namespace gw::catalogue {
namespace {

using ::testing::ElementsAre;

Item item(Kind kind, std::string name) {
  return {.kind = kind, .adapter = "web", .name = std::move(name), .hints = {.read_only = true}, .tags = {"net", "x"}};
}

TEST(VirtualServer, SelectsByWhatIsGiven) {
  const Item search = item(Kind::tool, "search_web");
  EXPECT_TRUE(selects({}, search));
  EXPECT_TRUE(selects({.servers = {{"files", "w*"}}, .tools = {{"search_*"}}, .tags = {{"net"}}}, search));
  EXPECT_FALSE(selects({.servers = {{"files"}}}, search));
  EXPECT_FALSE(selects({.tools = {{"search"}}}, search));
  EXPECT_FALSE(selects({.tags = {{"other"}}}, search));
  EXPECT_TRUE(selects({.annotations = {{"readOnlyHint", true}, {"destructiveHint", true}}}, search));
  EXPECT_FALSE(selects({.annotations = {{"readOnlyHint", true}, {"idempotentHint", true}}}, search));
  EXPECT_FALSE(selects({.annotations = {{"unknown", true}}}, search));
}

TEST(VirtualServer, AnEmptyListSelectsNothing) {
  using Names = std::vector<std::string>;
  EXPECT_FALSE(selects({.tools = Names{}}, item(Kind::tool, "a")));
  EXPECT_FALSE(selects({.servers = Names{}}, item(Kind::tool, "a")));
  EXPECT_FALSE(selects({.tags = Names{}}, item(Kind::tool, "a")));
}

TEST(VirtualServer, EachKindHasItsOwnNames) {
  const VirtualServer only_tools{.tools = {{"a"}}, .annotations = {{"readOnlyHint", false}}};
  EXPECT_TRUE(selects(only_tools, item(Kind::prompt, "p")));
  EXPECT_TRUE(selects(only_tools, item(Kind::resource, "x:1")));
  const VirtualServer no_prompts{.prompts = std::vector<std::string>{}, .resources = {{"x:*"}}};
  EXPECT_FALSE(selects(no_prompts, item(Kind::prompt, "p")));
  EXPECT_TRUE(selects(no_prompts, item(Kind::resource, "x:1")));
  EXPECT_TRUE(selects(no_prompts, item(Kind::resource_template, "x:{a}")));
  EXPECT_FALSE(selects(no_prompts, item(Kind::resource, "y:1")));
}

TEST(FederationOptions, OverridesReachTheirKinds) {
  FederationOptions options{.prefix_mode = PrefixMode::never, .separator = "-"};
  options.overrides = {{.server = "w", .tool = "a", .rename = "b"}, {.server = "w", .resource = "x:*", .hide = true}};
  const MergeOptions made = merge_options(options);
  EXPECT_EQ(made.prefix_mode, PrefixMode::never);
  EXPECT_EQ(made.separator, "-");
  const auto snapshot =
      merge({listing("w", {tool("a"), prompt("a"), resource("x:1"), uri_template("x:{v}"), resource("y:1")})}, made, 1);
  EXPECT_THAT(names(snapshot), ElementsAre("b"));
  EXPECT_THAT(names(snapshot, Kind::prompt), ElementsAre("a"));
  EXPECT_THAT(names(snapshot, Kind::resource), ElementsAre("y:1"));
  EXPECT_EQ(snapshot->hidden().size(), 2u);
}

}  // namespace
}  // namespace gw::catalogue
