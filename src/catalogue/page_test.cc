#include "catalogue/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include <fmt/core.h>

#include "base/base64.h"
#include "catalogue/test_listing.h"

namespace gw::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

View view_of(const std::vector<std::string>& tools, const Filter& shows = {}) {
  std::vector<Definition> items;
  for (const std::string& name : tools) items.push_back(tool(name));
  return make_view(merge({listing("w", std::move(items))}, {}, 1), Kind::tool, shows);
}

// What is on a page, by the definitions of the test: {"name":"…
std::vector<std::string> shown(std::string_view items) {
  std::vector<std::string> names;
  constexpr std::string_view before = R"({"name":")";
  for (auto at = items.find(before); at != std::string_view::npos; at = items.find(before, at)) {
    at += before.size();
    names.emplace_back(items.substr(at, items.find('"', at) - at));
  }
  return names;
}

TEST(View, JoinsWhatTheCallerMaySee) {
  const View view = view_of({"b", "a", "c"}, [](const Item& item) { return item.name != "b"; });
  EXPECT_EQ(view.joined, tool("a").json + "," + tool("c").json);
  EXPECT_EQ(view.estimated_tokens, 2 * view.items[0]->estimated_tokens);
  EXPECT_THAT(view.starts, ElementsAre(0, tool("a").json.size() + 1));
}

TEST(View, HashSaysWhatIsSeen) {
  const auto hides_b = [](const Item& item) { return item.name != "b"; };
  EXPECT_EQ(view_of({"a", "b", "c"}, hides_b).hash, view_of({"c", "a"}).hash);
  EXPECT_NE(view_of({"a", "b"}).hash, view_of({"a"}).hash);
  EXPECT_NE(view_of({}).hash, view_of({"a"}).hash);
}

TEST(View, ModernClientsAreSparedWrongMirroring) {
  const Definition wrong = definition_of(
      Kind::tool,
      R"({"name":"a","inputSchema":{"type":"object","properties":{"n":{"type":"number","x-mcp-header":"N"}}}})");
  const auto snapshot = merge({listing("w", {wrong, tool("b")})}, {}, 1);
  const auto seen_by = [&](mcp::Era era) {
    return make_view(snapshot, Kind::tool, [&](const Item& item) { return suits(item, era); }).items.size();
  };
  EXPECT_EQ(seen_by(mcp::Era::legacy), 2u);
  EXPECT_EQ(seen_by(mcp::Era::modern), 1u);
}

TEST(Page, GoesOnWhereTheLastOneEnded) {
  const View view = view_of({"a", "b", "c", "d", "e"});
  const auto first = page(view, "", 2);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->items, tool("a").json + "," + tool("b").json);
  const auto second = page(view, first->next_cursor, 2);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->items, tool("c").json + "," + tool("d").json);
  const auto third = page(view, second->next_cursor, 2);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->items, tool("e").json);
  EXPECT_EQ(third->next_cursor, "");
}

TEST(Page, HasEverythingWithoutASize) {
  const View view = view_of({"a", "b", "c"});
  EXPECT_EQ(page(view, "", 0)->items, view.joined);
  EXPECT_EQ(page(view, "", 0)->next_cursor, "");
  EXPECT_EQ(page(view, "", 3)->next_cursor, "");
  const View none = view_of({});
  EXPECT_EQ(page(none, "", 5)->items, "");
  EXPECT_EQ(page(none, "", 5)->next_cursor, "");
}

TEST(Page, CursorsOfOthersAreRefused) {
  const View view = view_of({"a", "b"});
  const std::vector<std::string> wrong = {"nonsense!", "2", base64url_encode("pa"), base64url_encode("t")};
  for (const std::string& cursor : wrong) {
    const auto refused = page(view, cursor, 1);
    ASSERT_FALSE(refused) << cursor;
    EXPECT_EQ(refused.error().code(), Errc::invalid);
  }
  EXPECT_THAT(shown(page(view, base64url_encode("ta"), 1)->items), ElementsAre("b"));
  EXPECT_THAT(shown(page(view, base64url_encode("tz"), 1)->items), IsEmpty());
}

// Between any two pages items come, go and change; servers put their lists in another order.
TEST(Page, WhatExistsThroughoutIsShownExactlyOnce) {
  std::minstd_rand random(3);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (int round = 0; round < 100; ++round) {
    std::vector<std::string> lasting, passing;
    for (int i = 0; i < 30; ++i) (pick(2) ? lasting : passing).push_back(fmt::format("tool_{}", i));
    std::map<std::string, int> times;
    std::string cursor;
    const std::size_t size = 1 + pick(5);
    do {
      std::vector<std::string> now = lasting;
      for (const std::string& name : passing) {
        if (pick(2)) now.push_back(name);
      }
      std::ranges::shuffle(now, random);
      const View view = view_of(now);
      const auto part = page(view, cursor, size);
      ASSERT_TRUE(part);
      for (const std::string& name : shown(part->items)) ++times[name];
      cursor = part->next_cursor;
    } while (!cursor.empty());
    for (const std::string& name : lasting) EXPECT_EQ(times[name], 1) << name;
    for (const std::string& name : passing) EXPECT_LE(times[name], 1) << name;
  }
}

}  // namespace
}  // namespace gw::catalogue
