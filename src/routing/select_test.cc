#include "routing/select.h"

#include <gtest/gtest.h>

#include "routing/route_table.h"

namespace gw::routing {
namespace {

AdapterRoute three_replicas() {
  AdapterRoute route{.name = "a"};
  for (const char* id : {"e0", "e1", "e2"}) route.endpoints.push_back({.id = id});
  return route;
}

TEST(Selector, SpreadsNewSessionsOverReadyEndpoints) {
  AdapterRoute route = three_replicas();
  route.endpoints[1].ready = false;
  Selector selector;
  std::map<std::string, int> chosen;
  for (int i = 0; i < 10; ++i) {
    const auto order = selector.for_new_session(route);
    ASSERT_EQ(order.size(), 2u);
    ++chosen[order[0]->id];
  }
  EXPECT_EQ(chosen, (std::map<std::string, int>{{"e0", 5}, {"e2", 5}}));
}

TEST(Selector, ANewcomerGetsItsShareAndNotEverySession) {
  AdapterRoute route = three_replicas();
  Selector selector;
  const auto open = [&](int sessions) {
    std::map<std::string, int> chosen;
    for (int i = 0; i < sessions; ++i) {
      ++chosen[selector.for_new_session(route)[0]->id];
    }
    return chosen;
  };
  open(300);
  route.endpoints[1].id = "e1 restarted";
  EXPECT_EQ(open(30)["e1 restarted"], 10);
}

TEST(Selector, KeepsAKeyOnItsEndpointWhenAnotherLeaves) {
  AdapterRoute route = three_replicas();
  Selector selector;
  for (const char* key : {"alice", "bob", "carol", "dave"}) {
    const std::string before = selector.for_key(route, key)[0]->id;
    AdapterRoute fewer = route;
    std::erase_if(fewer.endpoints, [&](const Endpoint& e) { return e.id != before && e.id != "e0"; });
    EXPECT_EQ(selector.for_key(fewer, key)[0]->id, before);
  }
}

TEST(Selector, HasNothingToOfferWhenNothingIsReady) {
  AdapterRoute route{.name = "a"};
  EXPECT_TRUE(Selector().for_new_session(route).empty());
}

TEST(RouteTable, TellsWhichEndpointsAreGone) {
  RouteTable table;
  std::vector<std::string> gone;
  table.on_endpoints_gone([&](const std::vector<std::string>& ids) { gone = ids; });
  auto route = std::make_shared<AdapterRoute>(three_replicas());
  table.apply({.set = {route}});
  EXPECT_EQ(table.find("a"), route);
  auto fewer = std::make_shared<AdapterRoute>(*route);
  fewer->endpoints.pop_back();
  table.apply({.set = {fewer}});
  EXPECT_EQ(gone, (std::vector<std::string>{"e2"}));
  table.apply({.removed = {"a", "unknown"}});
  EXPECT_EQ(gone, (std::vector<std::string>{"e0", "e1"}));
  EXPECT_EQ(table.find("a"), nullptr);
}

TEST(UpstreamUrl, SplitsWhatItAccepts) {
  const auto url = parse_upstream_url("https://Example.org:8443/a/mcp?x=1");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->https);
  EXPECT_EQ(url->address, (net::HostPort{"Example.org", 8443}));
  EXPECT_EQ(url->authority, "Example.org:8443");
  EXPECT_EQ(url->target, "/a/mcp?x=1");
  const auto v6 = parse_upstream_url("http://[::1]");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address, (net::HostPort{"::1", 80}));
  EXPECT_EQ(v6->authority, "[::1]");
  EXPECT_EQ(v6->target, "/");
  for (const char* bad : {"", "example.org", "ftp://x/", "http://", "http://u:p@h/", "http://h:0/", "http://h:99999/",
                          "http://a%00.example/", "/mcp"}) {
    EXPECT_FALSE(parse_upstream_url(bad)) << bad;
  }
}

}  // namespace
}  // namespace gw::routing
