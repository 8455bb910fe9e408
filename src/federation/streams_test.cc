// What clients are told without asking.
#include "federation/fixture.h"

namespace gw::federation {
namespace {

using catalogue::listing;
using catalogue::prompt;
using catalogue::resource;
using catalogue::tool;

constexpr const char* tools_changed = R"("method":"notifications/tools/list_changed")";
constexpr const char* prompts_changed = R"("method":"notifications/prompts/list_changed")";

TEST(FederationStreams, ALegacyClientHearsOfChangesOfWhatItSees) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.backends.add("private", "alice");
    gateway.offer({listing("a", {tool("t")})});
    LegacyClient client{gateway, as("bob")};
    co_await client.initialize();
    auto stream = gateway.connect();
    co_await send(*stream, client.http("GET"));
    co_await receive_until(*stream, "keepalive\n\n");
    gateway.offer({listing("a", {tool("t")}), listing("private", {tool("mine")})});
    gateway.offer({listing("a", {tool("t"), prompt("p")}), listing("private", {tool("mine")})});
    std::string heard = co_await receive_until(*stream, prompts_changed);
    EXPECT_THAT(heard, Not(HasSubstr(tools_changed))) << "what bob sees of the tools is as it was";
    gateway.offer({listing("a", {tool("t"), tool("u"), prompt("p")})});
    heard = co_await receive_until(*stream, tools_changed);
    EXPECT_THAT(heard, Not(HasSubstr(prompts_changed)));
    gateway.set_rules({deny({.users = {"bob"}, .tools = {"u"}})});
    co_await receive_until(*stream, tools_changed);
    EXPECT_EQ(gateway.counters.announcements.get(), 3u);
  });
}

TEST(FederationStreams, EndWhenTheirReaderIsNotRecognizedAnyMore) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t")})});
    LegacyClient client{gateway, as("bob")};
    co_await client.initialize();
    auto stream = gateway.connect();
    co_await send(*stream, client.http("GET"));
    co_await receive_until(*stream, "keepalive\n\n");
    gateway.settings.auth = auth_state({auth::Way::token});
    gateway.apply();
    gateway.federation.reconsider();
    EXPECT_THAT(co_await receive_all(*stream), HasSubstr("0\r\n\r\n")) << "complete";
  });
}

TEST(FederationStreams, WhatChangedBeforeTheStreamWasOpenedIsToldToo) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t")})});
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    co_await client.ask("tools/list");
    gateway.offer({listing("a", {tool("u")})});
    auto stream = gateway.connect();
    co_await send(*stream, client.http("GET"));
    co_await receive_until(*stream, tools_changed);
  });
}

TEST(FederationStreams, ASessionHasOneStreamAndItEndsWithIt) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({});
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    EXPECT_EQ(status_of(co_await gateway.ask("GET /mcp HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n")), 400);
    auto first = gateway.connect();
    co_await send(*first, client.http("GET"));
    co_await receive_until(*first, "keepalive\n\n");
    auto second = gateway.connect();
    co_await send(*second, client.http("GET"));
    co_await receive_all(*first);
    co_await receive_until(*second, "keepalive\n\n");
    co_await gateway.ask(client.http("DELETE"));
    EXPECT_THAT(co_await receive_all(*second), HasSubstr("0\r\n\r\n")) << "complete";
  });
}

TEST(FederationStreams, AModernClientHearsWhatItAskedFor) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t"), resource("file:///x")}), listing("b", {resource("file:///x")})});
    auto stream = gateway.connect();
    co_await send(
        *stream,
        modern(
            "subscriptions/listen",
            R"({"notifications":{"promptsListChanged":true,"resourceSubscriptions":["gw+b:file:///x","file:///none"]}})"));
    const std::string opened = co_await receive_until(*stream, "}\n\n");
    EXPECT_THAT(
        opened,
        HasSubstr(
            R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"promptsListChanged":true,"resourceSubscriptions":["gw+b:file:///x"]},"_meta":{"io.modelcontextprotocol/subscriptionId":7}}})"));
    while (!gateway.backends.listeners.contains("b")) co_await gateway.backends.changed;
    EXPECT_EQ(gateway.backends.interests["b"].uris, std::vector<std::string>{"file:///x"});
    EXPECT_FALSE(gateway.backends.listeners.contains("a"));
    gateway.backends.listeners.find("b")->second->heard("notifications/resources/updated", R"({"uri":"file:///x"})");
    EXPECT_THAT(co_await receive_until(*stream, "}\n\n"),
                HasSubstr(R"("params":{"uri":"gw+b:file:///x","_meta":{"io.modelcontextprotocol/subscriptionId":7}})"));
    gateway.offer(
        {listing("a", {tool("u"), prompt("p"), resource("file:///x")}), listing("b", {resource("file:///x")})});
    const std::string heard = co_await receive_until(*stream, prompts_changed);
    EXPECT_THAT(heard, Not(HasSubstr(tools_changed))) << "nobody asked for that";
    gateway.server.drain([] {});
    EXPECT_THAT(
        co_await receive_all(*stream),
        HasSubstr(R"("id":7,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":7}})"));
    while (!gateway.backends.listeners.empty()) co_await yield();
  });
}

TEST(FederationStreams, AListenThatSaysNothingIsRefused) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({});
    for (const char* params : {"{}", R"({"notifications":{"resourceSubscriptions":5}})",
                               R"({"notifications":{"resourceSubscriptions":[5]}})"}) {
      EXPECT_THAT(error_of(co_await gateway.ask(modern("subscriptions/listen", params))), HasSubstr("-32602"))
          << params;
    }
  });
}

TEST(FederationStreams, SubscriptionsOfASessionWorkAcrossWorkers) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    Gateway other(common);
    const std::vector<catalogue::ListingPtr> servers{listing("a", {resource("file:///x")}),
                                                     listing("b", {resource("file:///x")})};
    gateway.offer(servers);
    other.offer(servers);
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    auto stream = gateway.connect();
    co_await send(*stream, client.http("GET"));
    co_await receive_until(*stream, "keepalive\n\n");
    LegacyClient elsewhere{other, "", "/mcp", client.session};
    const std::string params = R"({"uri":"gw+b:file:///x"})";
    EXPECT_EQ(result_of(co_await elsewhere.ask("resources/subscribe", params)), "{}");
    EXPECT_THAT(error_of(co_await elsewhere.ask("resources/subscribe", R"({"uri":"file:///none"})")),
                HasSubstr("-32002"));
    while (!gateway.backends.listeners.contains("b")) co_await gateway.backends.changed;
    gateway.backends.listeners.find("b")->second->heard("notifications/resources/updated",
                                                        R"({"uri":"file:///x","more":1})");
    co_await receive_until(*stream,
                           R"("method":"notifications/resources/updated","params":{"uri":"gw+b:file:///x","more":1}})");
    EXPECT_EQ(result_of(co_await elsewhere.ask("resources/unsubscribe", params)), "{}");
    while (!gateway.backends.listeners.empty()) co_await yield();
  });
}

TEST(FederationStreams, AClientDoesNotHearOfResourcesThatOthersWatchInItsSession) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {resource("file:///x"), resource("file:///xy")})});
    auto stream = gateway.connect();
    co_await send(*stream,
                  modern("subscriptions/listen", R"({"notifications":{"resourceSubscriptions":["file:///x"]}})"));
    co_await receive_until(*stream, "}\n\n");
    while (!gateway.backends.listeners.contains("a")) co_await gateway.backends.changed;
    peer::Listener& listener = *gateway.backends.listeners.find("a")->second;
    for (const char* params : {R"({"uri":"file:///xy"})", R"({"uri":7})", "{}", R"({"uri":"file:///x/part"})"}) {
      listener.heard("notifications/resources/updated", params);
    }
    EXPECT_THAT(co_await receive_until(*stream, "}\n\n"), HasSubstr(R"(file:///x/part")"));
  });
}

TEST(FederationStreams, WhoMayNotReadAResourceDoesNotHearOfIt) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {resource("file:///x"), resource("file:///y")})});
    gateway.set_rules({{.name = "scope",
                        .effect = policy::Effect::require_scopes,
                        .match = {.resources = {"file:///x"}},
                        .scopes = {"files.read"}}});
    LegacyClient client{gateway, as("bob")};
    co_await client.initialize();
    EXPECT_EQ(status_of(co_await client.ask("resources/subscribe", R"({"uri":"file:///x"})")), 403);
    EXPECT_EQ(result_of(co_await client.ask("resources/subscribe", R"({"uri":"file:///y"})")), "{}");
    auto stream = gateway.connect();
    co_await send(*stream,
                  modern("subscriptions/listen",
                         R"({"notifications":{"resourceSubscriptions":["file:///x","file:///y"]}})", as("bob")));
    EXPECT_THAT(co_await receive_until(*stream, "}\n\n"), HasSubstr(R"("resourceSubscriptions":["file:///y"])"));
  });
}

TEST(FederationStreams, ServersLearnThatRootsChanged) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t")}), listing("b", {})});
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    EXPECT_EQ(status_of(co_await client.say(notification("notifications/roots/list_changed"))), 202);
    EXPECT_THAT(gateway.backends.notified,
                ::testing::ElementsAre("a:notifications/roots/list_changed", "b:notifications/roots/list_changed"));
  });
}

TEST(FederationStreams, AStreamEndsWithTheIdentityOfItsReader) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({});
    auto expired = *person("eve");
    expired.expires = unix_now();
    gateway.people["eve"] = std::make_shared<const identity::Principal>(expired);
    EXPECT_THAT(co_await gateway.ask(modern("subscriptions/listen", R"({"notifications":{}})", as("eve"))),
                HasSubstr("acknowledged"));
  });
}

}  // namespace
}  // namespace gw::federation
