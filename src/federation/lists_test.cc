// What is answered without a server: handshakes, lists, pages, and who sees what.
#include "federation/fixture.h"

namespace gw::federation {
namespace {

using catalogue::listing;
using catalogue::prompt;
using catalogue::tool;

TEST(Federation, ServesItsOwnPathsOnly) {
  for (const char* path : {"/mcp", "/servers/x/mcp", "/servers/team/x/mcp"})
    EXPECT_TRUE(Federation::serves(path)) << path;
  for (const char* path :
       {"/mcp/", "/servers/mcp", "/servers//mcp", "/servers/a/b/c/mcp", "/adapters/x/mcp", "/servers/a%00/mcp"}) {
    EXPECT_FALSE(Federation::serves(path)) << path;
  }
}

TEST(Federation, ALegacyClientIsWelcomedAndSeesEverything) {
  testing::run([]() -> Task<> {
    Common common({.instructions = "Be kind."});
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("one"), prompt("p")}), listing("b", {tool("two")})});
    LegacyClient client{gateway, as("alice")};
    const std::string answer = co_await client.initialize();
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_THAT(body_of(answer), HasSubstr(R"("protocolVersion":"2025-11-25")"));
    EXPECT_THAT(body_of(answer), HasSubstr(R"("instructions":"Be kind.")"));
    EXPECT_THAT(body_of(answer), HasSubstr(R"("tools":{"listChanged":true})"));
    EXPECT_EQ(status_of(co_await client.say(notification("notifications/initialized"))), 202);
    EXPECT_EQ(body_of(co_await client.ask("ping")), R"({"jsonrpc":"2.0","id":7,"result":{}})");
    EXPECT_EQ(
        result_of(co_await client.ask("tools/list")),
        R"({"tools":[{"name":"one","inputSchema":{"type":"object"}},{"name":"two","inputSchema":{"type":"object"}}]})");
    EXPECT_EQ(result_of(co_await client.ask("prompts/list")), R"({"prompts":[{"name":"p"}]})");
    EXPECT_EQ(result_of(co_await client.ask("resources/templates/list")), R"({"resourceTemplates":[]})");
    EXPECT_THAT(error_of(co_await client.ask("no/such")), HasSubstr("-32601"));
    EXPECT_TRUE(gateway.backends.asked.empty());
  });
}

TEST(Federation, AnUnknownRevisionIsAnsweredWithTheLatest) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({});
    LegacyClient client{gateway, ""};
    EXPECT_THAT(co_await client.initialize("{}", "2030-01-01"), HasSubstr(R"("protocolVersion":"2025-11-25")"));
    EXPECT_THAT(co_await client.initialize("{}", "2024-11-05"), HasSubstr(R"("protocolVersion":"2024-11-05")"));
  });
}

TEST(Federation, SessionsAreTheirOwnersAndEndWhenTheyAreEnded) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({}, {}, {{.name = "v"}});
    LegacyClient client{gateway, as("alice")};
    EXPECT_EQ(status_of(co_await client.ask("ping")), 400) << "no session";
    co_await client.initialize();
    LegacyClient thief{gateway, as("bob"), "/mcp", client.session};
    EXPECT_EQ(status_of(co_await thief.ask("ping")), 404);
    LegacyClient elsewhere{gateway, as("alice"), "/servers/v/mcp", client.session};
    EXPECT_EQ(status_of(co_await elsewhere.ask("ping")), 404);
    Gateway other(common);
    other.offer({});
    LegacyClient same{other, as("alice"), "/mcp", client.session};
    EXPECT_EQ(status_of(co_await same.ask("ping")), 200) << "another worker";
    EXPECT_EQ(status_of(co_await gateway.ask(client.http("DELETE"))), 204);
    EXPECT_EQ(status_of(co_await client.ask("ping")), 404);
    EXPECT_EQ(status_of(co_await same.ask("ping")), 404);
    EXPECT_EQ(status_of(co_await gateway.ask(client.http("DELETE"))), 404);
  });
}

TEST(Federation, AModernClientNeedsNoSession) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("one")})});
    const std::string discovered = co_await gateway.ask(modern("server/discover", "{}", as("alice")));
    EXPECT_THAT(result_of(discovered), HasSubstr(R"("supportedVersions":["2026-07-28"])"));
    EXPECT_THAT(result_of(discovered), HasSubstr(R"("resultType":"complete","ttlMs":0,"cacheScope":"private")"));
    EXPECT_THAT(result_of(discovered), HasSubstr(R"("io.modelcontextprotocol/serverInfo":{"name":"mcp-gateway")"));
    EXPECT_EQ(field_of(discovered, "Mcp-Session-Id"), "");
    const std::string tools = co_await gateway.ask(modern("tools/list", "{}", as("alice")));
    EXPECT_THAT(result_of(tools),
                HasSubstr(R"({"tools":[{"name":"one","inputSchema":{"type":"object"}}],"resultType")"));
    for (const char* method : {"ping", "logging/setLevel", "resources/subscribe", "no/such"}) {
      const std::string refused = co_await gateway.ask(modern(method, "{}", as("alice")));
      EXPECT_EQ(status_of(refused), 404) << method;
      EXPECT_THAT(error_of(refused), HasSubstr("-32601"));
    }
    EXPECT_EQ(status_of(co_await gateway.ask(
                  "GET /mcp HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nMCP-Protocol-Version: 2026-07-28\r\n\r\n")),
              405);
  });
}

TEST(Federation, PagesAreFollowedToTheEnd) {
  testing::run([]() -> Task<> {
    Common common({.page_size = 2});
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("a"), tool("b"), tool("c"), tool("d"), tool("e")})});
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    std::string cursor, seen;
    for (int page = 0; page < 3; ++page) {
      const std::string params = cursor.empty() ? "{}" : fmt::format(R"({{"cursor":{}}})", cursor);
      const std::string result = result_of(co_await client.ask("tools/list", params));
      seen += mcp::json_member(result, "tools");
      cursor = mcp::json_member(result, "nextCursor");
    }
    EXPECT_EQ(cursor, "");
    for (const char* name : {"a", "b", "c", "d", "e"})
      EXPECT_THAT(seen, HasSubstr(fmt::format(R"("name":"{}")", name)));
    EXPECT_THAT(error_of(co_await client.ask("tools/list", R"({"cursor":"nonsense"})")), HasSubstr("-32602"));
    EXPECT_THAT(error_of(co_await client.ask("tools/list", R"({"cursor":5})")), HasSubstr("-32602"));
  });
}

TEST(Federation, EverybodySeesWhatHeMayUse) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.backends.add("private", "alice");
    gateway.offer({listing("open", {tool("read"), tool("secret")}), listing("private", {tool("mine")})});
    gateway.set_rules({deny({.users = {"bob"}, .tools = {"secret"}})});
    const auto names = [&](std::string_view user) -> Task<std::string> {
      co_return body_of(co_await gateway.ask(modern("tools/list", "{}", as(user))));
    };
    EXPECT_THAT(co_await names("alice"), HasSubstr("mine"));
    EXPECT_THAT(co_await names("alice"), HasSubstr("secret"));
    EXPECT_THAT(co_await names("bob"), Not(HasSubstr("mine")));
    EXPECT_THAT(co_await names("bob"), Not(HasSubstr("secret")));
    EXPECT_THAT(co_await names("bob"), HasSubstr("read"));
    gateway.set_rules({});
    EXPECT_THAT(co_await names("bob"), HasSubstr("secret")) << "rules count at once";
    gateway.backends.add("private");
    gateway.federation.reconsider();
    EXPECT_THAT(co_await names("bob"), HasSubstr("mine"));
    gateway.backends.routes.erase("open");
    gateway.federation.reconsider();
    EXPECT_THAT(co_await names("bob"), Not(HasSubstr("read")));
  });
}

TEST(Federation, ListsAreJoinedOnceForAllWhoSeeTheSame) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("one")})});
    for (const char* user : {"alice", "bob", "alice", ""}) co_await gateway.ask(modern("tools/list", "{}", as(user)));
    EXPECT_EQ(gateway.counters.views.get(), 1u);
    gateway.offer({listing("a", {tool("two")})});
    EXPECT_THAT(co_await gateway.ask(modern("tools/list", "{}", as("alice"))), HasSubstr("two"));
    EXPECT_EQ(gateway.counters.views.get(), 2u);
  });
}

TEST(Federation, AVirtualServerShowsItsSelection) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    const catalogue::VirtualServer reading{.name = "reading", .instructions = "Only read.", .tools = {{"read*"}}};
    const catalogue::VirtualServer nested{.name = "team/b", .servers = {{"b"}}};
    gateway.offer({listing("a", {tool("read_a"), tool("write_a")}), listing("b", {tool("read_b"), tool("write_b")})},
                  {}, {reading, nested});
    const auto tools = [&](std::string_view path, std::string_view fields = "") -> Task<std::string> {
      co_return body_of(co_await gateway.ask(modern("tools/list", "{}", fields, path)));
    };
    for (const std::string& list :
         {co_await tools("/servers/reading/mcp"), co_await tools("/mcp", "X-Mcp-Virtualserver: reading\r\n")}) {
      EXPECT_THAT(list, HasSubstr("read_a"));
      EXPECT_THAT(list, HasSubstr("read_b"));
      EXPECT_THAT(list, Not(HasSubstr("write")));
    }
    EXPECT_THAT(co_await tools("/servers/team/b/mcp"), Not(HasSubstr("_a")));
    EXPECT_THAT(co_await tools("/servers/team%2Fb/mcp"), HasSubstr("write_b"));
    const std::string unknown = co_await gateway.ask(modern("tools/list", "{}", "", "/servers/readin/mcp"));
    EXPECT_EQ(status_of(unknown), 404);
    EXPECT_THAT(unknown, HasSubstr("did you mean 'reading'?"));
    EXPECT_EQ(status_of(co_await gateway.ask(modern("tools/list", "{}", "X-Mcp-Virtualserver: no\r\n"))), 404);
    LegacyClient client{gateway, "", "/servers/reading/mcp"};
    EXPECT_THAT(co_await client.initialize(), HasSubstr("Only read."));
    EXPECT_THAT(error_of(co_await client.ask("tools/call", R"({"name":"write_a"})")),
                HasSubstr("Unknown tool: write_a"));
    EXPECT_TRUE(gateway.backends.asked.empty());
  });
}

TEST(Federation, WhatIsNoRequestIsRefused) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    EXPECT_EQ(status_of(co_await gateway.ask(modern("tools/list"))), 503) << "nothing is known yet";
    gateway.offer({});
    EXPECT_EQ(status_of(co_await gateway.ask(post("{"))), 400);
    EXPECT_EQ(status_of(co_await gateway.ask("POST /mcp HTTP/1.1\r\nHost: gw\r\nContent-Type: "
                                             "text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")),
              415);
    EXPECT_EQ(status_of(co_await gateway.ask("PUT /mcp HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n")), 405);
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    EXPECT_EQ(status_of(co_await client.say("[" + request("ping") + "]")), 400) << "no batches in this revision";
    EXPECT_EQ(
        status_of(co_await gateway.ask(post(request("ping"), client.head() + "MCP-Protocol-Version: 1999-01-01\r\n"))),
        400);
  });
}

}  // namespace
}  // namespace gw::federation
