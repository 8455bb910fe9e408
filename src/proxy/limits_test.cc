// What bounds a request: limits of callers, time, and size.
#include <gmock/gmock.h>

#include "proxy/gateway_fixture.h"

namespace gw::proxy {
namespace {

using ::testing::HasSubstr;

limits::Rule once_an_hour(std::vector<limits::Per> per, std::vector<std::string> tools = {}) {
  return {.name = "hourly",
          .per = std::move(per),
          .match = {.tools = std::move(tools)},
          .rate = limits::Rate{.count = 1, .period = std::chrono::hours(1)}};
}

TEST(ProxyLimits, ATokenIsTakenForEachRequest) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_limits({once_an_hour({limits::Per::principal})});
    EXPECT_EQ(status_of(co_await gateway.ask(post("x", as("alice")))), 200);
    const std::string refused = co_await gateway.ask(post("x", as("alice")));
    EXPECT_EQ(status_of(refused), 429);
    EXPECT_NE(field_of(refused, "Retry-After"), "");
    EXPECT_EQ(status_of(co_await gateway.ask(post("x", as("bob")))), 200);
    EXPECT_EQ(upstream.seen.size(), 2u);
  });
}

TEST(ProxyLimits, ToolsAreCountedByTheirName) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_limits({once_an_hour({limits::Per::tool}, {"slow*"})});
    const auto use = [&](std::string_view tool) {
      return gateway.ask(post(call("tools/call", fmt::format(R"({{"name":"{}"}})", tool)), as("alice")));
    };
    EXPECT_EQ(status_of(co_await use("slow1")), 200);
    EXPECT_EQ(status_of(co_await use("slow2")), 200);
    EXPECT_EQ(status_of(co_await use("slow1")), 429);
    EXPECT_EQ(status_of(co_await use("fast")), 200);
    const std::string batch = "[" + call("tools/call", R"({"name":"slow3"})", "1") + "," +
                              call("tools/call", R"({"name":"slow3"})", "2") + "]";
    EXPECT_EQ(status_of(co_await gateway.ask(post(batch, as("alice")))), 429) << "a batch is as many calls as it holds";
    EXPECT_EQ(upstream.seen.size(), 3u);
  });
}

TEST(ProxyLimits, APlaceIsHeldUntilTheAnswerIsComplete) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    Event go_on;
    routing::Endpoint slow{.id = "e1", .host = "upstream", .path = "/mcp"};
    TaskGroup group;
    slow.inproc = std::make_shared<net::InprocListener>(*Loop::current(), [&](std::unique_ptr<net::Stream> stream) {
      group.spawn("serve", [](std::unique_ptr<net::Stream> peer, Event& event) -> Task<> {
        co_await receive_until(*peer, "\r\n\r\nx");
        co_await send(*peer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na");
        co_await event;
        co_await send(*peer, "b");
        co_await receive_all(*peer);
      }(std::move(stream), go_on));
    });
    gateway.set("a", {slow});
    gateway.set_limits({{.name = "one", .per = {}, .concurrency = 1, .queue = 0}});
    {
      auto first = gateway.connect();
      co_await send(*first, post("x", as("alice")));
      co_await receive_until(*first, "\r\n\r\na");
      EXPECT_EQ(status_of(co_await gateway.ask(post("x", as("bob")))), 429);
      go_on.set();
      co_await receive_all(*first);
    }
    gateway.set("a", {endpoint(upstream, "e2")});
    EXPECT_EQ(status_of(co_await gateway.ask(post("x", as("bob")))), 200);
    while (group.size() > 0) co_await yield();
  });
}

TEST(ProxyLimits, StreamsTakeNoPlace) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_limits({{.name = "one", .per = {}, .concurrency = 1, .queue = 0}});
    auto stream = gateway.connect();
    co_await send(*stream, "GET /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\n\r\n");
    co_await receive_until(*stream, "data: first\n\n");
    EXPECT_EQ(status_of(co_await gateway.ask(post("x"))), 200);
  });
}

TEST(ProxyLimits, ACallMayTakeSoLongAndNoLonger) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    TaskGroup group;
    bool begins = false;
    routing::Endpoint silent{.id = "e1", .host = "upstream", .path = "/mcp"};
    silent.inproc = std::make_shared<net::InprocListener>(*Loop::current(), [&](std::unique_ptr<net::Stream> stream) {
      group.spawn("serve", [](std::unique_ptr<net::Stream> peer, bool answer) -> Task<> {
        if (answer) co_await send(*peer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun");
        co_await receive_all(*peer);
      }(std::move(stream), begins));
    });
    routing::AdapterRoute route = Gateway::route_of("a", {silent});
    route.call_timeout = std::chrono::milliseconds(20);
    gateway.set(route);
    const std::string late = co_await gateway.ask(post("x"));
    EXPECT_EQ(status_of(late), 504);
    EXPECT_THAT(late, HasSubstr("limits.callTimeout"));
    begins = true;
    EXPECT_TRUE((co_await gateway.ask(post("x"))).ends_with("begun")) << "cut off";
    while (group.size() > 0) co_await yield();

    route.endpoints = {endpoint(upstream, "e2")};
    gateway.set(route);
    auto stream = gateway.connect();
    co_await send(*stream, "GET /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n");
    co_await receive_until(*stream, "data: first\n\n");
    co_await sleep_for(2 * route.call_timeout);
    upstream.finish.set();
    EXPECT_THAT(co_await receive_all(*stream), HasSubstr("data: last")) << "streams are no calls";
  });
}

TEST(ProxyLimits, ABodyMayBeSoLongAndNoLonger) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    routing::AdapterRoute route = Gateway::route_of("a", {endpoint(upstream, "e1")});
    route.max_body_bytes = 64;
    const std::string chunked =
        "POST /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    const std::string longer(65, 'x');
    for (const std::uint32_t depth : {0u, 8u}) {  // Passed on as it comes, and read whole.
      route.max_depth = depth;
      gateway.set(route);
      for (const std::string& request : {post(longer), chunked + "41\r\n" + longer + "\r\n0\r\n\r\n"}) {
        const std::string refused = co_await gateway.ask(request);
        EXPECT_EQ(status_of(refused), 413);
        EXPECT_EQ(field_of(refused, "Content-Type"), "application/problem+json");
        EXPECT_THAT(refused, HasSubstr("64 bytes"));
      }
      EXPECT_EQ(status_of(co_await gateway.ask(post(call("ping", "{}")))), 200);
    }
  });
}

}  // namespace
}  // namespace gw::proxy
