#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue/test_listing.h"

namespace gw::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Address = Snapshot::Address;

TEST(Resources, AddressesStayUnlessSeveralHaveThem) {
  const auto made = merge({listing("web", {resource("file:///a"), resource("file:///both")}),
                           listing("files", {resource("file:///both"), resource("file:///c")})},
                          {}, 1);
  EXPECT_THAT(routes(made, Kind::resource),
              ElementsAre("file:///a<web:file:///a", "file:///c<files:file:///c",
                          "gw+files:file:///both<files:file:///both", "gw+web:file:///both<web:file:///both"));
  EXPECT_EQ(made->find(Kind::resource, "gw+web:file:///both")->json, R"({"uri":"gw+web:file:///both","name":"n"})");
  EXPECT_THAT(made->hidden(), IsEmpty());
}

TEST(Resources, EveryAddressMayBeMappedOrNone) {
  const std::vector<ListingPtr> listings = {listing("a", {resource("x:1"), uri_template("t:{v}")}),
                                            listing("b", {resource("x:1"), uri_template("t:{w}")})};
  const auto always = merge({listings[0]}, {.prefix_mode = PrefixMode::always}, 1);
  EXPECT_THAT(names(always, Kind::resource), ElementsAre("gw+a:x:1"));
  EXPECT_THAT(names(always, Kind::resource_template), ElementsAre("gw+a:t:{v}"));
  EXPECT_EQ(always->client_address("a", "https://example.org/"), "gw+a:https://example.org/");
  const auto never = merge(listings, {.prefix_mode = PrefixMode::never}, 1);
  EXPECT_THAT(routes(never, Kind::resource), ElementsAre("x:1<a:x:1"));
  EXPECT_THAT(routes(never, Kind::resource_template), ElementsAre("t:{v}<a:t:{v}"));
  ASSERT_EQ(never->hidden().size(), 2u);
  EXPECT_EQ(never->hidden()[1].detail, "'t:{v}' of 'a' came first");
}

TEST(Resources, TemplatesThatFitTheSameAreMapped) {
  const auto made = merge(
      {listing("a", {uri_template("t:{v}"), uri_template("u:{v}")}), listing("b", {uri_template("t:{other}")})}, {}, 1);
  EXPECT_THAT(names(made, Kind::resource_template), ElementsAre("gw+a:t:{v}", "gw+b:t:{other}", "u:{v}"));
  EXPECT_EQ(made->find_template("gw+b:t:1")->adapter, "b");
  EXPECT_EQ(made->find_template("t:1"), nullptr);
  EXPECT_EQ(made->upstream_address("gw+b:t:1"), (Address{"b", "t:1"}));
  EXPECT_EQ(made->upstream_address("u:1"), (Address{"a", "u:1"}));
  // What completion/complete refers to.
  EXPECT_EQ(made->upstream_address("gw+b:t:{other}"), (Address{"b", "t:{other}"}));
}

TEST(Resources, TheFirstTemplateOfTheFirstServerCounts) {
  const auto made = merge(
      {listing("z", {uri_template("x:{+all}"), uri_template("x:{one}")}), listing("a", {uri_template("x:a{one}")})}, {},
      1);
  EXPECT_EQ(made->find_template("x:ab")->upstream_name, "x:{+all}");
  EXPECT_EQ(made->find_template("y:ab"), nullptr);
  EXPECT_EQ(made->find_template("x:" + std::string(3000, 'a')), nullptr);
  // The address of the second server would lead to the first.
  EXPECT_EQ(made->client_address("a", "x:ab"), "gw+a:x:ab");
  EXPECT_EQ(made->client_address("z", "x:ab"), "x:ab");
}

TEST(Resources, UnlistedAddressesAreMappedButForWebPages) {
  const auto made = merge({listing("a", {resource("https://listed/")}), listing("b", {})}, {}, 1);
  EXPECT_EQ(made->client_address("b", "file:///x"), "gw+b:file:///x");
  EXPECT_EQ(made->client_address("b", "https://example.org/x"), "https://example.org/x");
  EXPECT_EQ(made->client_address("b", "https://listed/"), "gw+b:https://listed/");
  EXPECT_EQ(made->client_address("a", "https://listed/"), "https://listed/");
  EXPECT_EQ(made->upstream_address("https://example.org/x"), std::nullopt);
  EXPECT_EQ(made->upstream_address("file:///x"), std::nullopt);
  EXPECT_EQ(made->upstream_address("gw+nobody:file:///x"), std::nullopt);
}

TEST(Resources, WebPagesThatSeveralListAreMapped) {
  const auto made = merge({listing("a", {resource("https://both/"), uri_template("https://t/{v}")}),
                           listing("b", {resource("https://both/"), uri_template("https://t/{v}")})},
                          {}, 1);
  EXPECT_EQ(made->client_address("b", "https://both/"), "gw+b:https://both/");
  EXPECT_EQ(made->client_address("b", "https://t/1"), "gw+b:https://t/1");
}

TEST(Resources, UserInterfacesKeepTheirScheme) {
  const auto with_ui = [](const std::string& name) {
    return tool(name, R"(,"_meta":{"ui":{"resourceUri":"ui://w/x"}})");
  };
  const auto made = merge(
      {listing("a", {resource("ui://w/x"), with_ui("t")}), listing("b", {resource("ui://w/x"), with_ui("u")})}, {}, 1);
  EXPECT_THAT(names(made, Kind::resource), ElementsAre("ui://gw+a/w/x", "ui://gw+b/w/x"));
  EXPECT_THAT(made->find(Kind::tool, "u")->json,
              ::testing::HasSubstr(R"("_meta":{"ui":{"resourceUri":"ui://gw+b/w/x"}})"));
  EXPECT_EQ(made->upstream_address("ui://gw+b/w/x"), (Address{"b", "ui://w/x"}));
  const auto alone = merge({listing("a", {resource("ui://w/x"), with_ui("t")})}, {}, 1);
  EXPECT_EQ(alone->find(Kind::tool, "t")->json, with_ui("t").json);
}

// Another gateway may stand behind this one, and servers may lie.
TEST(Resources, EveryAddressFindsItsWayBack) {
  const std::vector<std::string> addresses = {"file:///a",
                                              "file:///b",
                                              "gw+b:file:///a",
                                              "gw+a:x",
                                              "ui://w/x",
                                              "ui://gw+b/w/x",
                                              "gw+b:ui://w/x",
                                              "urn:x:y",
                                              "t:1",
                                              "t:1/2",
                                              "x",
                                              "",
                                              "gw+",
                                              "gw+a:",
                                              "ui://gw+b/",
                                              "https://listed/"};
  const std::vector<std::vector<Definition>> offers = {
      {},
      {resource("file:///a"), resource("ui://w/x"), uri_template("t:{v}"), resource("https://listed/")},
      {resource("gw+b:file:///a"), uri_template("gw+a:{+v}"), uri_template("{+any}")},
      {uri_template("file:///a"), resource("t:1"), resource("t:{v}")},
      {uri_template("ui://gw+b/{+v}"), resource("gw+b:ui://w/x"), uri_template("t:{+v}")},
  };
  for (const PrefixMode mode : {PrefixMode::always, PrefixMode::conditional, PrefixMode::never}) {
    for (const auto& first : offers) {
      for (const auto& second : offers) {
        const auto made = merge({listing("a", first), listing("b", second)}, {.prefix_mode = mode}, 1);
        for (const std::string adapter : {"a", "b"}) {
          for (const std::string& uri : addresses) {
            const std::string client = made->client_address(adapter, uri);
            if (uri == "https://listed/" && client == uri && !made->upstream_address(client)) continue;
            EXPECT_EQ(made->upstream_address(client), (Address{adapter, uri})) << client;
          }
        }
        for (const Kind kind : {Kind::resource, Kind::resource_template}) {
          for (const Item& item : made->items(kind)) {
            EXPECT_EQ(made->upstream_address(item.name), (Address{item.adapter, item.upstream_name})) << item.name;
          }
        }
        for (const Item& item : made->items(Kind::resource)) {
          EXPECT_EQ(made->client_address(item.adapter, item.upstream_name), item.name);
        }
      }
    }
  }
}

}  // namespace
}  // namespace gw::catalogue
