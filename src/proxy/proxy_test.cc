#include "proxy/gateway_fixture.h"

namespace gw::proxy {
namespace {

TEST(Proxy, PassesBytesAndFieldsAndHidesWhatIsNotTheirs) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")}, "Authorization: Bearer ours\r\n");
    const std::string answer = co_await gateway.ask(
        post(R"({"id":9007199254740993})",
             "Authorization: Bearer theirs\r\nCookie: c=1\r\nOrigin: http://localhost\r\nMcp-Name: x\r\nX-Hop: "
             "1\r\nConnection: X-Hop\r\nX-Forwarded-For: 6.6.6.6\r\nTE: trailers\r\n"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.find(R"({"id":9007199254740993})") != std::string::npos);
    EXPECT_EQ(field_of(answer, "X-Custom"), "kept");
    EXPECT_EQ(field_of(answer, "Set-Cookie"), "");
    EXPECT_EQ(field_of(answer, "WWW-Authenticate"), "");
    EXPECT_EQ(field_of(answer, "Access-Control-Allow-Origin"), "") << "the gateway gives its own";
    auto& seen = upstream.seen.at(0);
    EXPECT_EQ(seen["Authorization"], "Bearer ours");
    EXPECT_EQ(seen["Host"], "upstream");
    EXPECT_EQ(seen["Mcp-Name"], "x");
    EXPECT_EQ(seen["X-Forwarded-For"], "192.0.2.1");
    EXPECT_EQ(seen["Forwarded"], "for=192.0.2.1;proto=http");
    for (const char* hidden : {"Cookie", "Origin", "X-Hop", "TE", "Connection"})
      EXPECT_FALSE(seen.contains(hidden)) << hidden;
  });
}

TEST(Proxy, TellsNoAddressToClientsWhenEgressForbidsIt) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    gateway.set("a", {{.id = "e1",
                       .address = {"localhost", 9},
                       .egress = std::make_shared<const net::EgressRules>(),
                       .host = "docs.example",
                       .path = "/mcp"}});
    const std::string answer = co_await gateway.ask(post("initialize"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 502 ")) << answer;
    EXPECT_NE(answer.find("adapter 'a': the gateway may not connect to the address of this server"), std::string::npos)
        << answer;
    for (const char* address : {"127.0.0.1", "::1", "localhost"}) EXPECT_EQ(answer.find(address), std::string::npos);
  });
}

TEST(Proxy, FollowsNoRedirect) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    upstream.status = 307;
    gateway.set("a", {endpoint(upstream, "e1")});
    const std::string answer = co_await gateway.ask(post("call"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 307 ")) << answer;
    EXPECT_EQ(upstream.seen.size(), 1u);
  });
}

TEST(Proxy, KeepsASessionOnItsEndpointAcrossRestartsOfTheGateway) {
  testing::run([]() -> Task<> {
    Upstream first("s-1");
    Upstream second("s-2");
    std::string sealed;
    {
      Gateway gateway;
      gateway.set("a", {endpoint(first, "e1"), endpoint(second, "e2")});
      sealed = field_of(co_await gateway.ask(post("initialize")), "Mcp-Session-Id");
    }
    const bool chose_first = !first.seen.empty();
    Upstream& owner = chose_first ? first : second;
    Upstream& other = chose_first ? second : first;
    EXPECT_EQ(sealed.size(), 58u);
    Gateway restarted;
    restarted.set("a", {endpoint(first, "e1"), endpoint(second, "e2")});
    for (int i = 0; i < 5; ++i) {
      const std::string answer = co_await restarted.ask(post("call", "Mcp-Session-Id: " + sealed + "\r\n"));
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    }
    EXPECT_EQ(owner.seen.size(), 6u);
    EXPECT_TRUE(other.seen.empty());
    EXPECT_EQ(owner.seen.back()["Mcp-Session-Id"], chose_first ? "s-1" : "s-2");
  });
}

TEST(Proxy, AnswersUnknownSessionsWith404SoThatClientsInitializeAgain) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set("b", {endpoint(upstream, "e1")});
    const std::string sealed = field_of(co_await gateway.ask(post("initialize")), "Mcp-Session-Id");
    std::string forged = sealed;
    forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
    const auto status = [&](std::string id, std::string path) -> Task<std::string> {
      const std::string answer = co_await gateway.ask(post("call", "Mcp-Session-Id: " + id + "\r\n", path));
      co_return answer.substr(9, 3);
    };
    EXPECT_EQ(co_await status(sealed, "/adapters/a/mcp"), "200");
    EXPECT_EQ(co_await status(forged, "/adapters/a/mcp"), "404");
    EXPECT_EQ(co_await status("upstream-session-1", "/adapters/a/mcp"), "404");
    EXPECT_EQ(co_await status(sealed, "/adapters/b/mcp"), "404") << "a session of another adapter";
    EXPECT_EQ(co_await status(sealed, "/adapters/a/messages?session_id=" + sealed), "404")
        << "a session of another transport";
    gateway.set("a", {endpoint(upstream, "e2")});
    EXPECT_EQ(co_await status(sealed, "/adapters/a/mcp"), "404") << "its endpoint is gone";
  });
}

TEST(Proxy, SendsNewSessionsToReadyEndpointsOnly) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream ready;
    Upstream starting;
    auto not_ready = endpoint(starting, "e2");
    not_ready.ready = false;
    gateway.set("a", {not_ready, endpoint(ready, "e1")});
    for (int i = 0; i < 4; ++i) co_await gateway.ask(post("initialize"));
    EXPECT_EQ(ready.seen.size(), 4u);
    gateway.set("a", {not_ready});
    const std::string refused = co_await gateway.ask(post("initialize"));
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
    EXPECT_EQ(field_of(refused, "Retry-After"), "1");
  });
}

TEST(Proxy, KeepsModernClientsOnOneEndpointAndMintsNoSession) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream one;
    Upstream two;
    gateway.set("a", {endpoint(one, "e1"), endpoint(two, "e2")});
    const std::string modern = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Session-Id: ignored\r\n";
    for (int client = 0; client < 8; ++client) {
      const std::string address = fmt::format("192.0.2.{}", client);
      const std::size_t before = one.seen.size();
      for (int i = 0; i < 3; ++i) {
        const std::string answer = co_await gateway.ask(post("initialize", modern), address);
        EXPECT_EQ(field_of(answer, "Mcp-Session-Id"), "");
      }
      EXPECT_TRUE(one.seen.size() == before || one.seen.size() == before + 3) << "a client must stay on one endpoint";
    }
    EXPECT_EQ(one.seen.size() + two.seen.size(), 24u);
    EXPECT_FALSE(one.seen.empty() || two.seen.empty());
  });
}

TEST(Proxy, PassesStatusesOfTheUpstreamThrough) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    upstream.status = 406;
    gateway.set("a", {endpoint(upstream, "e1")});
    EXPECT_TRUE((co_await gateway.ask(post("initialize"))).starts_with("HTTP/1.1 406 "));
  });
}

TEST(Proxy, FlushesEventsAndKeepsIdleStreamsAlive) {
  testing::run([]() -> Task<> {
    Gateway gateway({.keep_alive_interval = std::chrono::milliseconds(5)});
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    auto client = gateway.connect();
    co_await send(*client, "GET /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n");
    EXPECT_NE((co_await receive_until(*client, "data: first\n\n")).find("text/event-stream"), std::string::npos);
    co_await receive_until(*client, ": keepalive\n\n");
    co_await receive_until(*client, ": keepalive\n\n");
    upstream.finish.set();
    EXPECT_NE((co_await receive_all(*client)).find("data: last\n\n"), std::string::npos);
    EXPECT_GE(gateway.counters.keepalives.get(), 2u);
    EXPECT_EQ(gateway.counters.streams_open.get(), 0u);
  });
}

TEST(Proxy, CancelsUpstreamWhenTheClientLeaves) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    auto client = gateway.connect();
    co_await send(*client, "GET /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\n\r\n");
    co_await receive_until(*client, "data: first\n\n");
    upstream.request_ended.reset();
    client.reset();
    co_await upstream.request_ended;
  });
}

TEST(Proxy, DoesNotBlameTheUpstreamForTheBodyOfTheClient) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    const std::string head = "POST /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_TRUE((co_await gateway.ask(head + "3\r\nabc\r\nzz\r\n")).starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(gateway.counters.upstream_failures.get(), 0u);
  });
}

TEST(Proxy, EndsStandaloneStreamsWhenTheServerDrains) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    auto client = gateway.connect();
    co_await send(*client, "GET /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\n\r\n");
    co_await receive_until(*client, "data: first\n\n");
    Event drained;
    gateway.server.drain([&] { drained.set(); });
    EXPECT_TRUE((co_await receive_all(*client)).ends_with("0\r\n\r\n"));
    co_await drained;
  });
}

TEST(Proxy, RewritesTheEndpointEventOfHttpSse) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    auto client = gateway.connect();
    co_await send(*client, "GET /adapters/a/sse HTTP/1.1\r\nHost: gw\r\n\r\n");
    const std::string opening = co_await receive_until(*client, "data: 1\n\n");
    const std::string marker = "data: ";
    const auto at = opening.find(marker);
    const std::string target = opening.substr(at + marker.size(), opening.find('\n', at) - at - marker.size());
    EXPECT_TRUE(target.starts_with("/adapters/a/messages?session_id=")) << opening;
    EXPECT_EQ(target.find("known-upstream-only"), std::string::npos) << "the upstream's session must not show";
    const std::string answer = co_await gateway.ask(post("hello", "", target));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << answer;
    EXPECT_EQ(upstream.seen.back()[":target"], "/message?sessionId=known-upstream-only");
    EXPECT_EQ(upstream.seen.back()[":body"], "hello");
  });
}

TEST(Proxy, BelievesForwardedAddressesOfTrustedProxiesOnly) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    gateway.settings.trusted_proxies = {*net::AddressBlock::parse("10.0.0.0/8")};
    gateway.apply();
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    const std::string claim =
        "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: https\r\nForwarded: for=198.51.100.7\r\n";
    co_await gateway.ask(post("x", claim), "10.1.1.1");
    EXPECT_EQ(upstream.seen.back()["X-Forwarded-For"], "198.51.100.7, 10.1.1.1");
    EXPECT_EQ(upstream.seen.back()["X-Forwarded-Proto"], "https");
    EXPECT_EQ(upstream.seen.back()["Forwarded"], "for=198.51.100.7, for=10.1.1.1;proto=http");
    co_await gateway.ask(post("x", claim), "192.0.2.9");
    EXPECT_EQ(upstream.seen.back()["X-Forwarded-For"], "192.0.2.9");
    EXPECT_EQ(upstream.seen.back()["X-Forwarded-Proto"], "http");
  });
}

TEST(Proxy, SaysWhatIsWrong) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("weather", {endpoint(upstream, "e1")});
    const std::string unknown = co_await gateway.ask(post("x", "", "/adapters/wether/mcp"));
    EXPECT_TRUE(unknown.starts_with("HTTP/1.1 404 "));
    EXPECT_NE(unknown.find("did you mean 'weather'?"), std::string::npos) << unknown;
    const std::string method =
        co_await gateway.ask("PUT /adapters/weather/mcp HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(method.starts_with("HTTP/1.1 405 "));
    EXPECT_EQ(field_of(method, "Allow"), "GET, POST, DELETE");
    routing::Endpoint dead{.id = "dead", .address = {"127.0.0.1", 1}, .host = "x", .path = "/mcp"};
    gateway.set("dead", {dead});
    const std::string refused = co_await gateway.ask(post("x", "", "/adapters/dead/mcp"));
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
    EXPECT_NE(refused.find("127.0.0.1:1"), std::string::npos);
    EXPECT_NE(refused.find(R"("jsonrpc":"2.0")"), std::string::npos);
  });
}

TEST(Proxy, ARegisteredToolIsNoAdapter) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    routing::AdapterRoute tool = Gateway::route_of("weather", {endpoint(upstream, "e1")});
    tool.tool = std::make_shared<const model::ToolSpec>();
    gateway.set(tool);
    for (const char* front : {"mcp", "sse", "messages"}) {
      const auto asked = [&](const std::string& name) {
        const std::string path = fmt::format("/adapters/{}/{}", name, front);
        return std::string_view(front) == "sse"
                   ? fmt::format("GET {} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n", path)
                   : post("x", "", path);
      };
      const std::string answer = co_await gateway.ask(asked("weather"));
      EXPECT_EQ(status_of(answer), 404) << front;
      EXPECT_NE(answer.find("there is no adapter 'weather'; GET /adapters lists them"), std::string::npos) << answer;
      const std::string near = co_await gateway.ask(asked("wether"));
      EXPECT_EQ(near.find("did you mean"), std::string::npos) << near;
    }
    EXPECT_TRUE(upstream.seen.empty());
  });
}

TEST(Proxy, GoesToAnotherEndpointWhenTheFirstCannotBeReached) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    routing::Endpoint dead{.id = "dead", .address = {"127.0.0.1", 1}, .host = "x", .path = "/mcp"};
    gateway.set("a", {dead, endpoint(upstream, "e1")});
    for (int i = 0; i < 4; ++i) EXPECT_TRUE((co_await gateway.ask(post("initialize"))).starts_with("HTTP/1.1 200 "));
  });
}

TEST(Proxy, GivesTheAnswerOfAnUpstreamThatDoesNotWantTheBody) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    TaskGroup group;
    routing::Endpoint strict{.id = "e1", .host = "upstream", .path = "/mcp"};
    strict.inproc = std::make_shared<net::InprocListener>(*Loop::current(), [&](std::unique_ptr<net::Stream> stream) {
      group.spawn("refuse", [](std::unique_ptr<net::Stream> peer) -> Task<> {
        co_await receive_until(*peer, "\r\n\r\n");
        co_await send(*peer, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nmuch");
      }(std::move(stream)));
    });
    gateway.set("a", {strict});
    auto client = gateway.connect();
    group.spawn("send", send(*client, post(std::string(4'000'000, 'z'))));
    const std::string answer = co_await receive_until(*client, "much");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
    EXPECT_EQ(gateway.pool.idle(), 0u);
    while (group.size() > 0) co_await yield();
  });
}

TEST(Proxy, StreamsRequestBodiesChunkByChunk) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    const std::string answer = co_await gateway.ask(
        "POST /adapters/a/mcp?x=1 HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        "5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n");
    EXPECT_TRUE(answer.find("hello world") != std::string::npos) << answer;
    EXPECT_EQ(upstream.seen.back()[":target"], "/mcp?x=1");
    EXPECT_EQ(upstream.seen.back()[":trailers"], "X-Sum: 1\r\n");
  });
}

}  // namespace
}  // namespace gw::proxy
