// Finding tools among many.
#include "federation/fixture.h"

namespace gw::federation {
namespace {

using catalogue::tool;

catalogue::ListingPtr described(std::string adapter, std::vector<catalogue::Definition> tools,
                                std::vector<std::string> categories, std::string hint, std::vector<std::string> tags) {
  return std::make_shared<catalogue::Listing>(catalogue::Listing{.adapter = std::move(adapter),
                                                                 .tags = std::move(tags),
                                                                 .categories = std::move(categories),
                                                                 .hint = std::move(hint),
                                                                 .definitions = std::move(tools)});
}

std::vector<catalogue::ListingPtr> servers() {
  return {described("git", {tool("create_branch", R"(,"description":"Makes a branch")"), tool("merge")}, {"Code"},
                    "Repositories", {"dev"}),
          described("mail", {tool("send_mail", R"(,"description":"Sends a letter to somebody")")}, {"Office"}, "", {})};
}

std::string structured(const std::string& answer) {
  return std::string(mcp::json_member(result_of(answer), "structuredContent"));
}

TEST(MetaTools, AreThereOnlyWhenTheyAreConfigured) {
  testing::run([]() -> Task<> {
    Common without;
    Gateway plain(without);
    plain.offer(servers());
    EXPECT_THAT(co_await plain.ask(modern("tools/list")), Not(HasSubstr("search_tools")));
    EXPECT_THAT(error_of(co_await plain.ask(modern("tools/call", R"({"name":"list_tags"})"))),
                HasSubstr("Unknown tool"));
    Common with({.page_size = 2, .meta_tools = true});
    Gateway gateway(with);
    gateway.offer(servers());
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    const std::string first = result_of(co_await client.ask("tools/list"));
    for (const char* name : {"search_tools", "discover_tools", "list_tags", "filter_tools_by_tags", "select_tools",
                             "create_branch", "merge"}) {
      EXPECT_THAT(first, HasSubstr(fmt::format(R"("name":"{}")", name)));
    }
    const std::string second = result_of(
        co_await client.ask("tools/list", fmt::format(R"({{"cursor":{}}})", mcp::json_member(first, "nextCursor"))));
    EXPECT_THAT(second, HasSubstr("send_mail"));
    EXPECT_THAT(second, Not(HasSubstr("search_tools")));
    gateway.offer({catalogue::listing("a", {tool("search_tools")})});
    EXPECT_THAT(result_of(co_await gateway.ask(modern("tools/list"))), Not(HasSubstr("list_tags")))
        << "nobody has tags";
    co_await gateway.ask(modern("tools/call", R"({"name":"search_tools"})"));
    EXPECT_EQ(gateway.backends.asked.size(), 1u) << "the server's own tool of that name";
  });
}

TEST(MetaTools, TellOfWhatTheCallerMayUse) {
  testing::run([]() -> Task<> {
    Common common({.meta_tools = true});
    Gateway gateway(common);
    gateway.backends.add("mail", "alice");
    gateway.offer(servers());
    const auto call = [&](std::string params, std::string user) {
      return gateway.ask(modern("tools/call", params, as(user)));
    };
    EXPECT_EQ(
        structured(co_await call(R"({"name":"discover_tools"})", "alice")),
        R"({"servers":[{"name":"git","categories":["Code"],"hint":"Repositories","tools":["create_branch","merge"]},{"name":"mail","categories":["Office"],"hint":"","tools":["send_mail"]}]})");
    EXPECT_EQ(structured(co_await call(R"({"name":"discover_tools","arguments":{"category":"office"}})", "bob")),
              R"({"servers":[]})");
    EXPECT_EQ(structured(co_await call(R"({"name":"list_tags"})", "bob")), R"({"tags":["dev"]})");
    EXPECT_EQ(
        structured(co_await call(R"({"name":"filter_tools_by_tags","arguments":{"tags":["DEV","x"]}})", "bob")),
        R"({"tools":[{"name":"create_branch","description":"Makes a branch"},{"name":"merge","description":""}]})");
    const std::string found =
        structured(co_await call(R"({"name":"search_tools","arguments":{"query":"send letters"}})", "alice"));
    EXPECT_THAT(
        found,
        HasSubstr(
            R"({"tools":[{"name":"send_mail","inputSchema":{"type":"object"},"description":"Sends a letter to somebody"}]})"));
    EXPECT_EQ(structured(co_await call(R"({"name":"search_tools","arguments":{"query":"send letters"}})", "bob")),
              R"({"tools":[]})");
    for (const char* arguments :
         {R"({})", R"({"query":"x","limit":0})", R"({"query":"x","limit":1.5})", R"({"query":"x","limit":51})"}) {
      EXPECT_THAT(
          result_of(co_await call(fmt::format(R"({{"name":"search_tools","arguments":{}}})", arguments), "bob")),
          HasSubstr(R"("isError":true)"))
          << arguments;
    }
  });
}

TEST(MetaTools, PastTheBudgetOnlyTheyAreListed) {
  testing::run([]() -> Task<> {
    using Federated = catalogue::FederationOptions;
    for (const Federated& options : {Federated{.tool_threshold = 2}, Federated{.context_budget = 10}}) {
      Common common(options);
      Gateway gateway(common);
      gateway.offer(servers());
      const std::string list = result_of(co_await gateway.ask(modern("tools/list")));
      EXPECT_THAT(list, HasSubstr("search_tools"));
      EXPECT_THAT(list, Not(HasSubstr("create_branch")));
      EXPECT_THAT(list, Not(HasSubstr("select_tools"))) << "there is no session";
      EXPECT_EQ(status_of(co_await gateway.ask(modern("tools/call", R"({"name":"merge"})"))), 200);
      EXPECT_EQ(gateway.backends.asked.size(), 1u) << "what is not listed may be called";
    }
    Common common({.tool_threshold = 3});
    Gateway gateway(common);
    gateway.offer(servers());
    EXPECT_THAT(result_of(co_await gateway.ask(modern("tools/list"))), HasSubstr("create_branch"));
  });
}

TEST(MetaTools, ASelectionIsTheSessionsOwn) {
  testing::run([]() -> Task<> {
    Common common({.tool_threshold = 1});
    Gateway gateway(common);
    gateway.offer(servers());
    LegacyClient client{gateway, ""};
    LegacyClient neighbour{gateway, ""};
    co_await client.initialize();
    co_await neighbour.initialize();
    EXPECT_THAT(result_of(co_await client.ask("tools/list")), Not(HasSubstr("merge")));
    co_await neighbour.ask("tools/list");
    auto stream = gateway.connect();
    co_await send(*stream, client.http("GET"));
    co_await receive_until(*stream, "keepalive\n\n");
    const auto select = [&](std::string tools) {
      return client.ask("tools/call", fmt::format(R"({{"name":"select_tools","arguments":{{"tools":{}}}}})", tools));
    };
    EXPECT_THAT(result_of(co_await select(R"(["merge","no_such"])")), HasSubstr("tool not available"));
    EXPECT_THAT(result_of(co_await client.ask("tools/list")), Not(HasSubstr("merge"))) << "all or nothing";
    EXPECT_EQ(structured(co_await select(R"(["merge"])")), R"({"selected":["merge"]})");
    co_await receive_until(*stream, "notifications/tools/list_changed");
    const std::string list = result_of(co_await client.ask("tools/list"));
    EXPECT_THAT(list, HasSubstr(R"("name":"merge")"));
    EXPECT_THAT(list, HasSubstr("search_tools"));
    EXPECT_THAT(list, Not(HasSubstr("send_mail")));
    EXPECT_THAT(result_of(co_await neighbour.ask("tools/list")), Not(HasSubstr(R"("name":"merge")")));
    co_await select("[]");
    EXPECT_THAT(result_of(co_await client.ask("tools/list")), Not(HasSubstr(R"("name":"merge")")));
    EXPECT_THAT(result_of(co_await select("5")), HasSubstr(R"("isError":true)"));
  });
}

}  // namespace
}  // namespace gw::federation
