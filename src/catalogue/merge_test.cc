#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include <fmt/core.h>

#include "base/sha256.h"
#include "catalogue/test_listing.h"

namespace gw::catalogue {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

auto hides(const std::string& adapter, const std::string& name, Hidden::Why why, const std::string& detail) {
  return AllOf(Field(&Hidden::adapter, adapter), Field(&Hidden::upstream_name, name), Field(&Hidden::why, why),
               Field(&Hidden::detail, detail));
}

ListingPtr prefixed(std::string adapter, std::string prefix, std::vector<Definition> definitions) {
  return std::make_shared<Listing>(
      Listing{.adapter = std::move(adapter), .prefix = std::move(prefix), .definitions = std::move(definitions)});
}

TEST(Merge, OnlyNamesThatMeetGetAPrefix) {
  const auto made = merge({listing("web", {tool("search"), tool("fetch")}), listing("files", {tool("search")})}, {}, 7);
  EXPECT_THAT(routes(made), ElementsAre("fetch<web:fetch", "files_search<files:search", "search<web:search"));
  EXPECT_THAT(made->hidden(), IsEmpty());
  EXPECT_EQ(made->generation(), 7u);
  EXPECT_EQ(made->find(Kind::tool, "files_search")->json, R"({"name":"files_search","inputSchema":{"type":"object"}})");
  EXPECT_EQ(made->find(Kind::tool, "none"), nullptr);
  EXPECT_EQ(made->find(Kind::prompt, "search"), nullptr);
}

TEST(Merge, EveryNameMayGetAPrefixOrNone) {
  const std::vector<ListingPtr> listings = {listing("web", {tool("search")}), listing("files", {tool("search")})};
  const auto always = merge(listings, {.prefix_mode = PrefixMode::always, .separator = "."}, 1);
  EXPECT_THAT(names(always), ElementsAre("files.search", "web.search"));
  const auto never = merge(listings, {.prefix_mode = PrefixMode::never}, 1);
  EXPECT_THAT(routes(never), ElementsAre("search<web:search"));
  EXPECT_THAT(never->hidden(),
              ElementsAre(hides("files", "search", Hidden::Why::conflict, "'search' of 'web' came first")));
}

TEST(Merge, AnOwnPrefixIsPutAsItIs) {
  const std::vector<ListingPtr> listings = {prefixed("web", "w_", {tool("a")}), prefixed("files", "w_", {tool("a")})};
  EXPECT_THAT(names(merge(listings, {}, 1)), ElementsAre("files_w_a", "w_a"));
  EXPECT_THAT(names(merge(listings, {.prefix_mode = PrefixMode::always}, 1)), ElementsAre("w_a"));
  EXPECT_THAT(names(merge(listings, {.prefix_mode = PrefixMode::never}, 1)), ElementsAre("a"));
}

TEST(Merge, AConflictHidesOneItemAndSaysSo) {
  const auto made = merge({listing("web", {tool("a"), tool("b_a")}), listing("b", {tool("a"), tool("c")})}, {}, 1);
  EXPECT_THAT(names(made), ElementsAre("a", "b_a", "c"));
  EXPECT_THAT(made->hidden(), ElementsAre(hides("b", "a", Hidden::Why::conflict, "'b_a' of 'web' came first")));
}

TEST(Merge, WhatAServerListsTwiceIsShownOnce) {
  const auto made = merge({listing("web", {tool("a"), tool("a", R"(,"x":1)")})}, {}, 1);
  EXPECT_THAT(names(made), ElementsAre("a"));
  EXPECT_THAT(made->hidden(), ElementsAre(hides("web", "a", Hidden::Why::conflict, "'web' lists it more than once")));
}

TEST(Merge, ToolsAndPromptsDoNotMeet) {
  const auto made = merge({listing("web", {tool("a"), prompt("a")}), listing("b", {prompt("a")})}, {}, 1);
  EXPECT_THAT(names(made), ElementsAre("a"));
  EXPECT_THAT(names(made, Kind::prompt), ElementsAre("a", "b_a"));
}

TEST(Merge, NamesAreMadeLegal) {
  const std::string longer(70, 'x');
  const auto made = merge({listing("w", {tool("a b"), tool("größe"), tool(longer), tool("a_b")})}, {}, 1);
  EXPECT_THAT(routes(made),
              ElementsAre("a_b<w:a b", "gr__e_" + sha256_hex("größe").substr(0, 8) + "<w:größe", "w_a_b<w:a_b",
                          std::string(55, 'x') + "_" + sha256_hex(longer).substr(0, 8) + "<w:" + longer));
}

TEST(Merge, EveryOtherByteStays) {
  const std::string json = R"({ "$x":9007199254740993, "name" : "a" ,"inputSchema":{"type":"object","properties":
      {"u":{"type":["string","null"]}}},"description":"Ünï\u0063ode", "$x":1.0})";
  const auto made = merge({listing("w", {tool("a")}), listing("v", {definition_of(Kind::tool, json)})}, {}, 1);
  std::string expected = json;
  expected.replace(expected.find(R"("a")"), 3, R"("v_a")");
  EXPECT_EQ(made->find(Kind::tool, "v_a")->json, expected);
  const Item& item = *made->find(Kind::tool, "v_a");
  EXPECT_EQ(item.hash, sha256_hex(expected));
  EXPECT_EQ(item.definition->json, json);
  EXPECT_EQ(item.estimated_tokens, (expected.size() + 3) / 4);
}

TEST(Merge, OverridesHideRenameDescribeAndAnnotate) {
  MergeOptions options;
  options.overrides = {
      {.adapter = "w", .kind = Kind::tool, .match = "get_*", .description = "New."},
      {.adapter = "w", .kind = Kind::tool, .match = "*_secret", .hide = true},
      {.adapter = "w", .kind = Kind::tool, .match = "old", .rename = "fresh", .annotations = {{"readOnlyHint", true}}},
      {.adapter = "w", .kind = Kind::tool, .match = "o*", .rename = "many"},
  };
  const auto made = merge({listing("w", {tool("get_secret"), tool("my_secret"), tool("old"), tool("other")}),
                           listing("v", {tool("my_secret"), tool("old")})},
                          options, 1);
  EXPECT_THAT(routes(made), ElementsAre("fresh<w:old", "get_secret<w:get_secret", "my_secret<v:my_secret", "old<v:old",
                                        "other<w:other"));
  EXPECT_THAT(made->hidden(), ElementsAre(hides("w", "my_secret", Hidden::Why::override_, "an override hides it")));
  EXPECT_EQ(made->find(Kind::tool, "get_secret")->description, "New.");
  EXPECT_EQ(made->find(Kind::tool, "get_secret")->json,
            R"({"description":"New.","name":"get_secret","inputSchema":{"type":"object"}})");
  const Item& fresh = *made->find(Kind::tool, "fresh");
  EXPECT_TRUE(fresh.hints.read_only);
  EXPECT_FALSE(fresh.definition->hints.read_only);
  EXPECT_EQ(fresh.json, R"({"annotations":{"readOnlyHint":true},"name":"fresh","inputSchema":{"type":"object"}})");
}

TEST(Merge, OfAPinnedAdapterOnlyWhatIsApprovedIsShown) {
  const Definition same = tool("same"), changed = tool("changed", R"(,"x":1)"), fresh = tool("fresh");
  MergeOptions options;
  options.pins.approved["w"] = {{{Kind::tool, "same"}, same.hash}, {{Kind::tool, "changed"}, tool("changed").hash}};
  const auto made = merge({listing("w", {same, changed, fresh}), listing("v", {tool("fresh")})}, options, 1);
  // Nobody takes the name of what waits.
  EXPECT_THAT(routes(made), ElementsAre("same<w:same", "v_fresh<v:fresh"));
  EXPECT_THAT(
      made->hidden(),
      ElementsAre(hides("w", "changed", Hidden::Why::quarantined, "its definition has changed and waits for approval"),
                  hides("w", "fresh", Hidden::Why::quarantined, "it is new and waits for approval")));
  EXPECT_EQ(made->hidden()[0].hash, changed.hash);
}

TEST(Merge, WhatIsInvalidIsReported) {
  Listing broken{.adapter = "w"};
  broken.invalid = {{"x", "it has no name", Kind::prompt}};
  const auto made = merge({std::make_shared<Listing>(broken)}, {}, 1);
  ASSERT_THAT(made->hidden(), ElementsAre(hides("w", "x", Hidden::Why::invalid, "it has no name")));
  EXPECT_EQ(made->hidden()[0].kind, Kind::prompt);
}

TEST(Merge, CapabilitiesAreTheUnion) {
  const auto with = [](std::string capabilities) {
    return std::make_shared<Listing>(Listing{.adapter = capabilities, .capabilities = capabilities});
  };
  EXPECT_EQ(merge({}, {}, 1)->legacy_capabilities(), R"({"tools":{"listChanged":true}})");
  const auto made = merge({with(R"({"resources":{},"experimental":{"x":{}},"tasks":{}})"), with(""),
                           with(R"({"resources":{"subscribe":true},"logging":{}})"), with(R"({"completions":{}})")},
                          {}, 1);
  EXPECT_EQ(
      made->legacy_capabilities(),
      R"({"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"completions":{},"logging":{}})");
  EXPECT_EQ(made->modern_capabilities(), made->legacy_capabilities());
}

TEST(Merge, WrongNamesHaveNeighbours) {
  const auto made = merge({listing("w", {tool("read_file"), tool("write_file"), tool("read_files"), tool("send_mail"),
                                         tool("read_filet")})},
                          {}, 1);
  EXPECT_THAT(made->near(Kind::tool, "raed_file"), ElementsAre("read_file", "read_files", "read_filet"));
  EXPECT_THAT(made->near(Kind::tool, "xyz"), IsEmpty());
  EXPECT_THAT(made->near(Kind::tool, "read_fil", [](const Item& item) { return item.name == "read_files"; }),
              ElementsAre("read_files"));
  EXPECT_THAT(made->near(Kind::prompt, "read_file"), IsEmpty());
}

// Where each item's server and own name lead is found again, and no two items share a name, whatever the names are.
TEST(Merge, AnyListingsGiveUniqueLegalNamesAndTheSameOnesAgain) {
  std::minstd_rand random(7);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::vector<std::string> parts = {"a", "b", "_", " ", "ö", "a_b", std::string(60, 'l')};
  for (int round = 0; round < 200; ++round) {
    std::vector<ListingPtr> listings;
    std::size_t total = 0;
    for (const std::string adapter : {"a", "b", "a-b"}) {
      std::vector<Definition> items;
      for (std::size_t i = pick(8); i > 0; --i) items.push_back(tool(parts[pick(7)] + parts[pick(7)] + parts[pick(7)]));
      total += items.size();
      listings.push_back(listing(adapter, std::move(items)));
    }
    const MergeOptions options{.prefix_mode = static_cast<PrefixMode>(round % 3)};
    const auto made = merge(listings, options, 1);
    EXPECT_EQ(made->items(Kind::tool).size() + made->hidden().size(), total);
    for (const Item& item : made->items(Kind::tool)) {
      EXPECT_EQ(made->find(Kind::tool, item.name), &item);
      EXPECT_LE(item.name.size(), 64u);
      const auto again = read_definition(Kind::tool, item.json);
      ASSERT_TRUE(again);
      EXPECT_EQ(again->name, item.name);
    }
    EXPECT_EQ(routes(made), routes(merge(listings, options, 2)));
  }
}

// 3,000 tools over 60 servers.
TEST(Merge, ManyServersFit) {
  std::vector<ListingPtr> listings;
  for (int server = 0; server < 60; ++server) {
    std::vector<Definition> items;
    for (int i = 0; i < 50; ++i) {
      items.push_back(tool(i < 10 ? fmt::format("common_{}", i) : fmt::format("tool_{}_{}", server, i)));
    }
    listings.push_back(listing(fmt::format("server-{}", server), std::move(items)));
  }
  const auto made = merge(listings, {}, 1);
  EXPECT_EQ(made->items(Kind::tool).size(), 3000u);
  EXPECT_EQ(made->find(Kind::tool, "common_3")->adapter, "server-0");
  EXPECT_EQ(made->find(Kind::tool, "server-59_common_3")->adapter, "server-59");
}

}  // namespace
}  // namespace gw::catalogue
