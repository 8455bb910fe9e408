#include <gmock/gmock.h>

#include <set>

#include "proxy/gateway_fixture.h"

namespace gw::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* secret = "a secret that gateway and router have";

// A gateway in front of routers, which answer like any upstream.
struct RoutedGateway : Gateway {
  struct PassOn final : http::Service {
    explicit PassOn(RoutedGateway& g) : gateway(g) {}
    Task<Result<>> handle(http::Exchange& exchange) override {
      exchange.caller = gateway.people.at(std::string(exchange.request().fields.get("X-Test-User")));
      exchange.request_id = "r1";
      co_return co_await gateway.proxy.pass_on(exchange, gateway.routers);
    }
    RoutedGateway& gateway;
  };

  explicit RoutedGateway(std::vector<routing::Endpoint> endpoints)
      : routers(listed(std::move(endpoints)), SecretString(secret)) {}

  static std::vector<Routers::Router> listed(std::vector<routing::Endpoint> endpoints) {
    std::vector<Routers::Router> list;
    for (routing::Endpoint& each : endpoints) list.push_back({.url = "http://" + each.id, .endpoint = std::move(each)});
    return list;
  }
  Task<std::string> ask_router(std::string request, std::string address = "192.0.2.1") {
    auto [near, far] = testing::stream_pair();
    routed.serve(std::move(far), {.address = std::move(address)});
    co_await send(*near, std::move(request));
    co_return co_await receive_all(*near);
  }

  Routers routers;
  PassOn pass{*this};
  http::Server routed{*Loop::current(), pass, {}, server_counters};
};

// Nobody listens there.
routing::Endpoint dead(std::string id) {
  return {.id = std::move(id), .address = {"127.0.0.1", 1}, .host = "dead"};
}

std::string of_session(std::string_view id) {
  return post("call", fmt::format("Mcp-Session-Id: {}\r\n", id), "/mcp");
}

TEST(ToRouter, SaysWhoAsksAndNothingThatTheClientInvented) {
  testing::run([]() -> Task<> {
    Upstream router;
    RoutedGateway gateway({endpoint(router, "r")});
    gateway.people["eve"] = person("eve", {"reader, writer"});
    const std::string answer = co_await gateway.ask_router(
        post("{}",
             "Authorization: Bearer x\r\nX-Gateway-Secret: forged\r\nX-Gateway-Caller: forged\r\nX-Mcp-UserId: root\r\n"
             "X_Gateway_Caller: forged\r\nX-Mcp-Authorized: eyJ.a.b\r\nx-mcp-virtualserver: dev\r\n" +
                 as("eve"),
             "/servers/dev/mcp?a=b"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    auto& seen = router.seen.at(0);
    EXPECT_EQ(seen[":target"], "/servers/dev/mcp?a=b");
    EXPECT_EQ(seen["X-Gateway-Secret"], secret);
    EXPECT_EQ(seen["X-Gateway-Caller"], identity::to_text(*gateway.people["eve"]) + " 192.0.2.1");
    EXPECT_EQ(seen["X-Mcp-Authorized"], "eyJ.a.b");
    EXPECT_EQ(seen["x-mcp-virtualserver"], "dev");
    EXPECT_EQ(seen["X-Request-Id"], "r1");
    for (const auto& [name, value] : seen) EXPECT_THAT(value, Not(HasSubstr("forged"))) << name;
    EXPECT_FALSE(seen.contains("Authorization") || seen.contains("X-Mcp-UserId"));
    EXPECT_EQ(gateway.counters.router_requests.get(), 1u);
  });
}

TEST(ToRouter, PassesTheIdsAndChallengesOfRouters) {
  testing::run([]() -> Task<> {
    Upstream router("sealed-by-the-router");
    RoutedGateway gateway({endpoint(router, "r")});
    const std::string answer = co_await gateway.ask_router(post("initialize", "", "/mcp"));
    EXPECT_EQ(field_of(answer, "Mcp-Session-Id"), "sealed-by-the-router");
    EXPECT_NE(field_of(answer, "WWW-Authenticate"), "");
    EXPECT_EQ(field_of(answer, "Set-Cookie"), "");
    co_await gateway.ask_router(of_session("sealed-by-the-router"));
    EXPECT_EQ(router.seen.back()["Mcp-Session-Id"], "sealed-by-the-router");
  });
}

TEST(ToRouter, KeepsEachSessionOnOneRouterAndUsesAll) {
  testing::run([]() -> Task<> {
    Upstream one;
    Upstream two;
    RoutedGateway gateway({endpoint(one, "r1"), endpoint(two, "r2")});
    RoutedGateway another({endpoint(two, "r2"), endpoint(one, "r1")});
    for (int session = 0; session < 16; ++session) {
      const std::size_t before = one.seen.size();
      for (int i = 0; i < 2; ++i) {
        co_await gateway.ask_router(of_session(fmt::format("session-{}", session)));
        co_await another.ask_router(of_session(fmt::format("session-{}", session)));
      }
      EXPECT_TRUE(one.seen.size() == before || one.seen.size() == before + 4);
    }
    EXPECT_FALSE(one.seen.empty() || two.seen.empty());
    one.seen.clear();
    two.seen.clear();
    for (int i = 0; i < 4; ++i) co_await gateway.ask_router(post("initialize", "", "/mcp"));
    EXPECT_EQ(one.seen.size(), 2u);
    EXPECT_EQ(two.seen.size(), 2u);
  });
}

TEST(ToRouter, AsksTheNextWhenOneCannotBeReachedAndLeavesThatAlone) {
  testing::run([]() -> Task<> {
    Upstream alive;
    RoutedGateway gateway({dead("r1"), endpoint(alive, "r2")});
    for (int session = 0; session < 16; ++session) {
      const std::string answer = co_await gateway.ask_router(of_session(fmt::format("session-{}", session)));
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    }
    EXPECT_EQ(alive.seen.size(), 16u);
    EXPECT_LE(gateway.counters.router_diversions.get(), 2u) << "it was asked again although it was just missed";
    const auto status = gateway.routers.status();
    EXPECT_EQ(status[0].url, "http://r1");
    EXPECT_FALSE(status[0].reachable);
    EXPECT_NE(status[0].error, "");
    EXPECT_TRUE(status[1].reachable);
  });
}

TEST(ToRouter, SaysSoWhenNoneCanBeReached) {
  testing::run([]() -> Task<> {
    RoutedGateway gateway({dead("r1"), dead("r2")});
    const std::string answer = co_await gateway.ask_router(post("initialize", "", "/mcp"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
    EXPECT_THAT(answer, HasSubstr("the router: "));
    EXPECT_EQ(gateway.counters.upstream_failures.get(), 1u);
  });
}

TEST(ToRouter, TheReachableComeFirstUntilItIsTimeToTryAgain) {
  Routers routers({{.url = "a", .endpoint = dead("a")}, {.url = "b", .endpoint = dead("b")}}, SecretString(secret));
  const auto& endpoints = routers.route()->endpoints;
  const auto order = [&](SteadyTime now) {
    std::vector<const routing::Endpoint*> list{&endpoints[0], &endpoints[1]};
    routers.prefer_reachable(list, now);
    return list[0]->id + list[1]->id;
  };
  const SteadyTime now = steady_now();
  EXPECT_EQ(order(now), "ab");
  routers.missed(endpoints[0], Error(Errc::unavailable, "refused"), now);
  EXPECT_EQ(order(now), "ba");
  EXPECT_EQ(order(now + router_pause), "ab") << "one request tries";
  EXPECT_EQ(order(now + router_pause), "ba") << "the others do not wait for it";
  routers.reached(endpoints[0]);
  EXPECT_EQ(order(now), "ab");
  EXPECT_TRUE(routers.status()[0].reachable);
}

TEST(ToRouter, WhoAsksAndHowOftenIsDecidedHere) {
  testing::run([]() -> Task<> {
    Upstream router;
    RoutedGateway gateway({endpoint(router, "r")});
    gateway.set_rules(rules_of({deny({.users = {"alice"}})}));
    EXPECT_EQ(status_of(co_await gateway.ask_router(post("{}", as("alice"), "/mcp"))), 403);
    EXPECT_EQ(status_of(co_await gateway.ask_router(post("{}", as("bob"), "/mcp"))), 200);
    EXPECT_EQ(status_of(co_await gateway.ask_router("PUT /mcp HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n")), 405);
    EXPECT_EQ(router.seen.size(), 1u);
  });
}

}  // namespace
}  // namespace gw::proxy
