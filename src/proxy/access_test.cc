// Who may use what: adapters, sessions, items; and what upstreams learn of it.
#include <gmock/gmock.h>

#include "proxy/gateway_fixture.h"

namespace gw::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Without the fields that differ from one answer to the next.
std::string timeless(std::string answer) {
  const auto at = answer.find("\r\nDate: ");
  if (at != std::string::npos) answer.erase(at, answer.find("\r\n", at + 2) - at);
  return answer;
}

routing::AdapterRoute private_route(const std::string& name, const Upstream& upstream, std::string owner) {
  routing::AdapterRoute route = Gateway::route_of(name, {endpoint(upstream, "e-" + name)});
  route.ownership = {.created_by = std::move(owner), .required_roles = {}};
  return route;
}

TEST(ProxyAccess, AHiddenAdapterAnswersLikeOneThatIsNotThere) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("weather", {endpoint(upstream, "e1")});
    for (const char* path : {"/adapters/secret/mcp", "/adapters/secret/sse", "/adapters/secret/messages",
                             "/adapters/secrets/mcp", "/adapters/weathr/mcp"}) {
      const bool sse = std::string_view(path).ends_with("sse");
      const std::string request =
          sse ? fmt::format("GET {} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n{}\r\n", path, as("bob"))
              : post(call("ping", "{}"), as("bob"), path);
      const std::string missing = co_await gateway.ask(request);
      gateway.set(private_route("secret", upstream, "alice"));
      EXPECT_EQ(timeless(co_await gateway.ask(request)), timeless(missing));
      EXPECT_EQ(status_of(missing), 404);
      EXPECT_THAT(missing, Not(HasSubstr("mean 'secret'")));
      gateway.routes.apply({.set = {}, .removed = {"secret"}});
    }
    EXPECT_TRUE(upstream.seen.empty());
    gateway.set(private_route("secret", upstream, "alice"));
    EXPECT_EQ(status_of(co_await gateway.ask(post("x", as("alice"), "/adapters/secret/mcp"))), 200);
    EXPECT_EQ(status_of(co_await gateway.ask(post("x", "", "/adapters/secret/mcp"))), 200) << "an administrator";
    EXPECT_THAT(co_await gateway.ask(post("x", as("alice"), "/adapters/secrets/mcp")),
                HasSubstr("did you mean 'secret'?"));
  });
}

TEST(ProxyAccess, AnAdapterThatARuleDeniesIsNotThereEither) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_rules(rules_of({deny({.users = {"bob"}, .adapters = {"a"}})}));
    EXPECT_EQ(status_of(co_await gateway.ask(post("x", as("bob")))), 404);
    EXPECT_THAT(co_await gateway.ask(post("x", as("bob"), "/adapters/b/mcp")), Not(HasSubstr("mean 'a'")));
    EXPECT_EQ(status_of(co_await gateway.ask(post(call("ping", "{}"), as("alice")))), 200);
  });
}

TEST(ProxyAccess, AMissingScopeIsSaid) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_rules(rules_of({{.name = "scope",
                                 .effect = policy::Effect::require_scopes,
                                 .match = {.tools = {"write"}},
                                 .scopes = {"files.write"}}}));
    const std::string refused = co_await gateway.ask(post(call("tools/call", R"({"name":"write"})"), as("alice")));
    EXPECT_EQ(status_of(refused), 403);
    EXPECT_THAT(field_of(refused, "WWW-Authenticate"), HasSubstr("files.write"));
    EXPECT_TRUE(upstream.seen.empty());
    EXPECT_EQ(status_of(co_await gateway.ask(post(call("tools/call", R"({"name":"read"})"), as("alice")))), 200);
  });
}

TEST(ProxyAccess, ASessionOfSomebodyElseIsAnUnknownOne) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    const std::string sealed = field_of(co_await gateway.ask(post("initialize", as("alice"))), "Mcp-Session-Id");
    const auto with = [&](std::string_view user, std::string id) {
      return gateway.ask(post("call", as(user) + "Mcp-Session-Id: " + id + "\r\n"));
    };
    EXPECT_EQ(status_of(co_await with("alice", sealed)), 200);
    std::string forged = sealed;
    forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
    const std::string unknown = co_await with("bob", forged);
    EXPECT_EQ(status_of(unknown), 404);
    EXPECT_EQ(timeless(co_await with("bob", sealed)), timeless(unknown));
    EXPECT_EQ(timeless(co_await with("", sealed)), timeless(unknown));

    auto client = gateway.connect();
    co_await send(*client, "GET /adapters/a/sse HTTP/1.1\r\nHost: gw\r\n" + as("alice") + "\r\n");
    const std::string opening = co_await receive_until(*client, "data: 1\n\n");
    const auto at = opening.find("data: /") + 6;
    const std::string target = opening.substr(at, opening.find('\n', at) - at);
    EXPECT_EQ(status_of(co_await gateway.ask(post("hello", as("bob"), target))), 404);
    EXPECT_EQ(status_of(co_await gateway.ask(post("hello", as("alice"), target))), 200);
  });
}

TEST(ProxyAccess, ModernRequestsOfOnePersonStayOnOneEndpointWhereverTheyComeFrom) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream one;
    Upstream two;
    gateway.set("a", {endpoint(one, "e1"), endpoint(two, "e2")});
    const std::string modern = "MCP-Protocol-Version: 2026-07-28\r\n";
    for (int i = 0; i < 16; ++i) co_await gateway.ask(post("x", modern + as("alice")), fmt::format("192.0.2.{}", i));
    EXPECT_TRUE(one.seen.empty() || two.seen.empty());
    for (int i = 0; i < 16; ++i) {
      const std::string user = fmt::format("user{}", i);
      gateway.people[user] = person(user);
      co_await gateway.ask(post("x", modern + as(user)));
    }
    EXPECT_FALSE(one.seen.empty() || two.seen.empty());
  });
}

TEST(ProxyAccess, WhatClientsSayAboutThemselvesDoesNotReachServers) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    const std::vector<std::string> hidden = {
        "Authorization",      "Cookie",       "Proxy-Authorization", "Proxy-Anything", "Proxy",
        "X-API-Key",          "DPoP",         "X-Dev-UserId",        "X-Dev-Whatever", "X-Gateway-Secret",
        "X-Mcp-UserId",       "X-Mcp-Roles",  "X-Mcp-UserName",      "X-Mcp-Identity", "x-mcp-authorized",
        "x-authorized-tools", "X_Mcp_UserId", "x-mcp_roles",         "X_API_Key",      "Mcp_Session_Id"};
    std::string fields = "X_Harmless: 1\r\nX-Mcp-Other: 2\r\n";
    for (const std::string& name : hidden) fields += name + ": forged\r\n";
    EXPECT_EQ(status_of(co_await gateway.ask(post("x", fields))), 200);
    auto& seen = upstream.seen.at(0);
    for (const std::string& name : hidden) EXPECT_FALSE(seen.contains(name)) << name;
    EXPECT_EQ(seen["X_Harmless"], "1");
    EXPECT_EQ(seen["X-Mcp-Other"], "2");
  });
}

TEST(ProxyAccess, ServersThatAskForItLearnWhoCalls) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    routing::AdapterRoute route = Gateway::route_of("a", {endpoint(upstream, "e1")});
    route.forwarded_identity = model::ForwardedIdentity::headers;
    gateway.set(route);
    co_await gateway.ask(post("x", as("alice") + "X-Mcp-UserId: root\r\n"));
    EXPECT_EQ(upstream.seen.at(0)["X-Mcp-UserId"], "alice");
  });
}

TEST(ProxyAccess, AHiddenItemIsAnUnknownOne) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_rules(rules_of({deny({.tools = {"secret*"}}), deny({.resources = {"file:///etc/*"}})}));
    const std::string tool =
        co_await gateway.ask(post(call("tools/call", R"({"name":"s\u0065cret"})", R"("x")"), as("bob")));
    EXPECT_EQ(status_of(tool), 200);
    EXPECT_EQ(field_of(tool, "Content-Type"), "application/json");
    EXPECT_EQ(body_of(tool), R"({"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"Unknown tool: secret"}})");
    const std::string resource =
        co_await gateway.ask(post(call("resources/read", R"({"uri":"file:///etc/passwd"})"), as("bob")));
    EXPECT_THAT(body_of(resource), HasSubstr(R"("code":-32002)"));
    EXPECT_TRUE(upstream.seen.empty());

    const std::string allowed = call("tools/call", R"({"name":"open","arguments":{"n":9007199254740993} })");
    EXPECT_EQ(body_of(co_await gateway.ask(post(allowed, as("bob")))), allowed);
    EXPECT_EQ(upstream.seen.at(0)[":body"], allowed) << "the same bytes";
    const std::string response = R"({"jsonrpc":"2.0","id":1,"result":{"x":1}})";
    co_await gateway.ask(post(response, as("bob")));
    EXPECT_EQ(upstream.seen.at(1)[":body"], response);
  });
}

TEST(ProxyAccess, InspectedBodiesKeepTheirChunksAndTrailers) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_rules(rules_of({deny({.tools = {"secret"}})}));
    const std::string body = call("ping", "{}");
    const std::string head = "POST /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n";
    co_await gateway.ask(head + "Connection: close\r\n\r\n" +
                         fmt::format("5\r\n{}\r\n{:x}\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n", body.substr(0, 5),
                                     body.size() - 5, body.substr(5)));
    EXPECT_EQ(upstream.seen.at(0)[":body"], body);
    EXPECT_EQ(upstream.seen.at(0)[":trailers"], "X-Sum: 1\r\n");
  });
}

TEST(ProxyAccess, ARefusedMessageOfABatchRefusesAllOfIt) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_rules(rules_of({deny({.tools = {"secret"}})}));
    const std::string good = call("tools/call", R"({"name":"open"})", "1");
    const std::string bad = call("tools/call", R"({"name":"secret"})", "2");
    const std::string note = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
    const std::string refused = co_await gateway.ask(post("[" + good + "," + note + "," + bad + "]", as("bob")));
    EXPECT_EQ(status_of(refused), 200);
    EXPECT_EQ(
        body_of(refused),
        R"([{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"Not sent: another message of the batch was )"
        R"(refused."}},{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"Unknown tool: secret"}}])");
    EXPECT_TRUE(upstream.seen.empty());
    EXPECT_EQ(status_of(co_await gateway.ask(post("[" + good + "," + note + "]", as("bob")))), 200);
    EXPECT_EQ(upstream.seen.size(), 1u);
  });
}

TEST(ProxyAccess, HttpSseClientsAreToldByTheStatus) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    auto client = gateway.connect();
    co_await send(*client, "GET /adapters/a/sse HTTP/1.1\r\nHost: gw\r\n" + as("alice") + "\r\n");
    const std::string opening = co_await receive_until(*client, "data: 1\n\n");
    const auto at = opening.find("data: /") + 6;
    const std::string target = opening.substr(at, opening.find('\n', at) - at);
    gateway.set_rules(rules_of({deny({.tools = {"secret"}})}));
    EXPECT_EQ(status_of(co_await gateway.ask(post(call("tools/call", R"({"name":"secret"})"), as("alice"), target))),
              403);
    EXPECT_EQ(upstream.seen.size(), 1u);
  });
}

TEST(ProxyAccess, HeadersThatDifferFromTheMessageAreRefused) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    const std::string body = call(
        "tools/call",
        R"({"name":"open","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}})");
    const auto ask = [&](std::string_view name) {
      return gateway.ask(post(body, as("bob") +
                                        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: " +
                                        std::string(name) + "\r\n"));
    };
    EXPECT_EQ(status_of(co_await ask("secret")), 200) << "without rules the server is left to check that";
    gateway.set_rules(rules_of({deny({.tools = {"secret"}})}));
    const std::string mismatch = co_await ask("secret");
    EXPECT_EQ(status_of(mismatch), 400);
    EXPECT_THAT(body_of(mismatch), HasSubstr(R"("id":7,"error":{"code":-32020)"));
    EXPECT_EQ(status_of(co_await ask("open")), 200);
    EXPECT_EQ(upstream.seen.size(), 2u);
  });
}

TEST(ProxyAccess, WhatCannotBeUnderstoodIsNotSent) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    routing::AdapterRoute route = Gateway::route_of("a", {endpoint(upstream, "e1")});
    route.max_depth = 4;
    gateway.set(route);
    EXPECT_THAT(co_await gateway.ask(post("{")), HasSubstr("-32700"));
    EXPECT_EQ(status_of(co_await gateway.ask(post(call("ping", R"({"a":[[[]]]})")))), 400);
    EXPECT_EQ(status_of(co_await gateway.ask(post(call("ping", R"({"a":[[]]})")))), 200);
    const std::string get =
        "GET /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    EXPECT_EQ(status_of(co_await gateway.ask(get)), 400);
    EXPECT_EQ(upstream.seen.size(), 1u);
  });
}

TEST(ProxyAccess, StreamsEndWithTheIdentityOfTheirReader) {
  testing::run([]() -> Task<> {
    Gateway gateway;
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    const auto expires_in = [](std::chrono::seconds time) {
      identity::Principal who = *person("carol");
      who.expires = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch() + time).count();
      return std::make_shared<const identity::Principal>(who);
    };
    const auto get = [](std::string_view path) {
      return fmt::format("GET {} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n{}\r\n", path, as("carol"));
    };
    for (const char* path : {"/adapters/a/mcp", "/adapters/a/sse"}) {
      gateway.people["carol"] = expires_in(std::chrono::seconds(1));
      const std::string all = co_await gateway.ask(get(path));
      EXPECT_EQ(status_of(all), 200);
      EXPECT_TRUE(all.ends_with("0\r\n\r\n")) << all;
    }
    EXPECT_EQ(gateway.counters.streams_open.get(), 0u);

    gateway.people["carol"] = expires_in(std::chrono::hours(1));
    auto client = gateway.connect();
    co_await send(*client, get("/adapters/a/mcp"));
    co_await receive_until(*client, "data: first\n\n");
    upstream.finish.set();
    EXPECT_THAT(co_await receive_all(*client), HasSubstr("data: last"));
  });
}

}  // namespace
}  // namespace gw::proxy
