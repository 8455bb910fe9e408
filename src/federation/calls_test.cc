// Calls of items: which server gets what, and what the client gets back.
#include "federation/fixture.h"

namespace gw::federation {
namespace {

using catalogue::listing;
using catalogue::prompt;
using catalogue::resource;
using catalogue::tool;
using catalogue::uri_template;

TEST(FederationCalls, ACallReachesItsServerAsItWasWritten) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("search")}), listing("b", {tool("search")})});
    gateway.backends.handler = [](peer::Ask, peer::Events&) -> Task<Answer> {
      co_return result(R"({"content":[], "x":9007199254740993})");
    };
    LegacyClient client{gateway, as("alice")};
    co_await client.initialize(R"({"roots":{"listChanged":true}})");
    const std::string params =
        R"({"_meta":{"progressToken":5,"mine":1},"name":"b_search", "arguments":{"n": 9007199254740993},"unknown":[1 ]})";
    const std::string answer = co_await client.ask("tools/call", params, R"("x")");
    EXPECT_EQ(field_of(answer, "Content-Type"), "application/json");
    EXPECT_EQ(body_of(answer), R"({"jsonrpc":"2.0","id":"x","result":{"content":[], "x":9007199254740993}})");
    const auto& [source, ask] = gateway.backends.asked.at(0);
    EXPECT_EQ(source, "b");
    EXPECT_EQ(ask.method, "tools/call");
    EXPECT_EQ(ask.name, "search");
    EXPECT_EQ(ask.params,
              R"({"_meta":{"mine":1},"name":"search", "arguments":{"n": 9007199254740993},"unknown":[1 ]})");
    EXPECT_TRUE(ask.wants_progress);
    EXPECT_FALSE(ask.repeatable);
    EXPECT_EQ(ask.client->capabilities, R"({"roots":{}})");
    EXPECT_EQ(ask.client->info, R"({"name":"test","version":"1"})");
    EXPECT_EQ(ask.client->who->user, "alice");
    EXPECT_NE(ask.client->session, "");
    EXPECT_EQ(ask.request_id, "request-1");
  });
}

TEST(FederationCalls, ServersSeeWhoAsksNow) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("search")})});
    LegacyClient client{gateway, as("alice")};
    co_await client.initialize();
    co_await client.ask("tools/call", R"({"name":"search"})");
    co_await client.ask("tools/call", R"({"name":"search"})");
    const auto renewed = std::make_shared<const identity::Principal>(
        identity::Principal{.method = identity::Method::trusted_header, .user = "alice", .name = "Alice"});
    gateway.people["alice"] = renewed;
    co_await client.ask("tools/call", R"({"name":"search"})");
    const auto& asked = gateway.backends.asked;
    EXPECT_EQ(asked.at(0).second.client, asked.at(1).second.client);
    EXPECT_EQ(asked.at(2).second.client->who, renewed);
    EXPECT_EQ(asked.at(2).second.client->session, asked.at(0).second.client->session);
  });
}

TEST(FederationCalls, AModernClientGetsAModernResult) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t", R"(,"annotations":{"readOnlyHint":true})"), prompt("p")})});
    gateway.backends.handler = [](peer::Ask, peer::Events&) -> Task<Answer> { co_return result(R"({"content":[]})"); };
    const std::string answer = co_await gateway.ask(
        modern("tools/call", R"({"name":"t"})", "", "/mcp", R"({"sampling":{}})", R"(,"trace":"1")"));
    EXPECT_EQ(
        result_of(answer),
        R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"mcp-gateway","version":"0"}},"content":[]})");
    const peer::Ask& ask = gateway.backends.asked.at(0).second;
    EXPECT_EQ(ask.params, R"({"name":"t","_meta":{"trace":"1"}})");
    EXPECT_EQ(ask.client->capabilities, R"({"sampling":{}})");
    EXPECT_TRUE(ask.repeatable);
    EXPECT_EQ(ask.log_level, "");
    gateway.backends.handler = [](peer::Ask, peer::Events&) -> Task<Answer> {
      co_return result(R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}})");
    };
    EXPECT_EQ(result_of(co_await gateway.ask(modern("prompts/get", R"({"name":"p"})"))),
              R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}})");
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    EXPECT_EQ(result_of(co_await client.ask("prompts/get", R"({"name":"p"})")),
              R"({"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}})");
  });
}

TEST(FederationCalls, AWrongNameSaysWhichAreClose) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.backends.add("private", "alice");
    gateway.offer({listing("a", {tool("read_file"), tool("write_file")}), listing("private", {tool("read_fil")})});
    LegacyClient client{gateway, as("bob")};
    co_await client.initialize();
    const std::string answer = co_await client.ask("tools/call", R"({"name":"read_fille"})");
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(error_of(answer), R"x({"code":-32602,"message":"Unknown tool: read_fille (did you mean read_file?)"})x");
    EXPECT_EQ(error_of(co_await client.ask("tools/call", R"({"name":"read_fil"})")),
              R"x({"code":-32602,"message":"Unknown tool: read_fil (did you mean read_file?)"})x")
        << "somebody else's is not there";
    EXPECT_THAT(error_of(co_await client.ask("tools/call")), HasSubstr("does not say what it is about"));
    gateway.set_rules({deny({.tools = {"write_file"}})});
    EXPECT_THAT(error_of(co_await client.ask("tools/call", R"({"name":"write_file"})")), HasSubstr("Unknown tool"));
    EXPECT_TRUE(gateway.backends.asked.empty());
    EXPECT_EQ(gateway.access_counters.denied.get(), 2u) << "the refusals are known";
  });
}

TEST(FederationCalls, AServerThatCannotBeReachedSaysSoInTheResult) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t"), prompt("p")})});
    gateway.backends.handler = [](peer::Ask, peer::Events&) -> Task<Answer> {
      co_return fail(Errc::unavailable, "adapter 'a': the connection was refused");
    };
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    EXPECT_EQ(result_of(co_await client.ask("tools/call", R"({"name":"t"})")),
              R"({"content":[{"type":"text","text":"adapter 'a': the connection was refused"}],"isError":true})");
    EXPECT_THAT(error_of(co_await client.ask("prompts/get", R"({"name":"p"})")), HasSubstr("-32603"));
    EXPECT_THAT(result_of(co_await gateway.ask(modern("tools/call", R"({"name":"t"})"))),
                HasSubstr(R"("isError":true)"));
    EXPECT_EQ(gateway.counters.failed_calls.get(), 3u);
  });
}

TEST(FederationCalls, ProgressAndLogsComeBeforeTheAnswer) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t")})});
    gateway.backends.handler = [](peer::Ask ask, peer::Events& events) -> Task<Answer> {
      co_await events.notification("notifications/progress", R"({"progress":1})");
      if (!ask.log_level.empty()) {
        co_await events.notification("notifications/message", R"({"level":"info","logger":"http","data":1})");
      }
      co_return result("{}");
    };
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    EXPECT_EQ(result_of(co_await client.ask("logging/setLevel", R"({"level":"debug"})")), "{}");
    EXPECT_THAT(error_of(co_await client.ask("logging/setLevel", R"({"level":"loud"})")), HasSubstr("-32602"));
    const std::string answer = co_await client.ask("tools/call", R"({"name":"t","_meta":{"progressToken":"tok"}})");
    EXPECT_EQ(field_of(answer, "Content-Type"), "text/event-stream");
    const std::string body = body_of(answer);
    EXPECT_THAT(body, HasSubstr(R"("method":"notifications/progress","params":{"progress":1,"progressToken":"tok"})"));
    EXPECT_THAT(body, HasSubstr(R"("params":{"level":"info","logger":"a/http","data":1})"));
    EXPECT_THAT(body, HasSubstr(R"(data: {"jsonrpc":"2.0","id":7,"result":{}})"));

    const std::string silent = co_await gateway.ask(modern("tools/call", R"({"name":"t"})"));
    EXPECT_EQ(field_of(silent, "Content-Type"), "application/json") << "nothing was wanted";
    const std::string logged = co_await gateway.ask(
        modern("tools/call", R"({"name":"t"})", "", "/mcp", "{}", R"(,"io.modelcontextprotocol/logLevel":"info")"));
    EXPECT_THAT(body_of(logged), HasSubstr("notifications/message"));
    const std::string wrong = co_await gateway.ask(
        modern("tools/call", R"({"name":"t"})", "", "/mcp", "{}", R"(,"io.modelcontextprotocol/logLevel":"loud")"));
    EXPECT_THAT(error_of(wrong), HasSubstr("-32602"));
  });
}

// A handler that never answers.
Task<Answer> never(peer::Ask, peer::Events&) {
  Event forever;
  co_await forever;
  co_return result("{}");
}

TEST(FederationCalls, CancellingIsTheErasOwnWay) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    Gateway other(common);
    other.offer({});
    gateway.offer({listing("a", {tool("t")})});
    gateway.backends.handler = never;

    LegacyClient client{gateway, ""};
    co_await client.initialize();
    auto left = gateway.connect();
    co_await send(*left, post(request("tools/call", R"({"name":"t"})", "1"), client.head()));
    while (gateway.backends.asked.empty()) co_await gateway.backends.changed;
    left.reset();
    while (gateway.server.connections() > 0) co_await yield();
    EXPECT_EQ(gateway.backends.abandoned, 0) << "a lost connection cancels nothing";
    EXPECT_EQ(gateway.federation.calls(), 1u);

    LegacyClient elsewhere{other, "", "/mcp", client.session};
    EXPECT_EQ(status_of(co_await elsewhere.say(notification("notifications/cancelled", R"({"requestId":2})"))), 202);
    EXPECT_EQ(status_of(co_await elsewhere.say(notification("notifications/cancelled", R"({"requestId":1})"))), 202);
    while (gateway.backends.abandoned == 0) co_await gateway.backends.changed;
    while (gateway.federation.calls() > 0) co_await yield();
    EXPECT_EQ(gateway.counters.cancelled_calls.get(), 1u);

    auto third = gateway.connect();
    co_await send(*third, post(request("tools/call", R"({"name":"t"})", "3"), client.head()));
    while (gateway.backends.asked.size() < 2) co_await gateway.backends.changed;
    co_await other.ask(elsewhere.http("DELETE"));
    EXPECT_EQ(status_of(co_await receive_all(*third)), 202) << "the session ended";
    EXPECT_EQ(gateway.backends.abandoned, 2);

    auto modern_client = gateway.connect();
    co_await send(*modern_client, modern("tools/call", R"({"name":"t"})"));
    while (gateway.backends.asked.size() < 3) co_await gateway.backends.changed;
    modern_client.reset();
    while (gateway.backends.abandoned < 3) co_await gateway.backends.changed;
  });
}

std::string question_id(const std::string& text) {
  const auto at = text.find(R"("id":"gw-)");
  if (at == std::string::npos) return {};
  return text.substr(at + 5, text.find('"', at + 6) - at - 4);
}

TEST(FederationCalls, AQuestionOfAServerIsAnsweredAtAnyWorker) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    Gateway other(common);
    other.offer({});
    gateway.offer({listing("a", {tool("t")})});
    gateway.backends.handler = [](peer::Ask, peer::Events& events) -> Task<Answer> {
      const auto asked = co_await events.request("elicitation/create", R"({"message":"who?"})");
      const auto sampled = co_await events.request("sampling/createMessage", "{}");
      EXPECT_FALSE(sampled) << "the client does not know that";
      co_return result(asked ? *asked : fmt::format(R"({{"refused":{}}})", asked.error().code));
    };
    LegacyClient client{gateway, as("alice")};
    co_await client.initialize(R"({"elicitation":{}})");
    LegacyClient elsewhere{other, as("alice"), "/mcp", client.session};
    LegacyClient thief{other, as("bob")};
    co_await thief.initialize();
    for (const bool refuses : {false, true}) {
      auto stream = gateway.connect();
      co_await send(*stream, post(request("tools/call", R"({"name":"t"})"), client.head()));
      const std::string asked = co_await receive_until(*stream, R"("params":{"message":"who?"}})");
      const std::string id = question_id(asked);
      EXPECT_NE(id, "") << asked;
      co_await thief.say(fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{{"action":"decline"}}}})", id));
      const std::string said = refuses ? R"("error":{"code":-1,"message":"no"})" : R"("result":{"action":"accept"})";
      EXPECT_EQ(status_of(co_await elsewhere.say(fmt::format(R"({{"jsonrpc":"2.0","id":{},{}}})", id, said))), 202);
      EXPECT_THAT(co_await receive_all(*stream),
                  HasSubstr(refuses ? R"("result":{"refused":-1})" : R"("result":{"action":"accept"})"));
    }
    EXPECT_EQ(gateway.counters.questions.get(), 2u);
    EXPECT_THAT(result_of(co_await gateway.ask(
                    modern("tools/call", R"({"name":"t"})", "", "/mcp", R"({"elicitation":{"form":{}}})"))),
                HasSubstr(R"("refused":-32603)"));
  });
}

constexpr std::string_view wants_input =
    R"({"resultType":"input_required","inputRequests":{"name":{"method":"elicitation/create","params":{"message":"who?","requestedSchema":{}}}},"requestState":"st\u0041te"})";

TEST(FederationCalls, TheStateOfADialogueComesBackToItsServerOnly) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t"), tool("u")})});
    gateway.backends.handler = [](peer::Ask ask, peer::Events&) -> Task<Answer> {
      co_return result(ask.params.find("inputResponses") == std::string::npos ? std::string(wants_input)
                                                                              : R"({"content":[]})");
    };
    const std::string asked = result_of(co_await gateway.ask(modern("tools/call", R"({"name":"t"})", as("alice"))));
    EXPECT_THAT(asked, HasSubstr(R"("inputRequests":{"name":{"method":"elicitation/create")"));
    EXPECT_THAT(asked, Not(HasSubstr("ttlMs")));
    const std::string state = mcp::json_unquote(mcp::json_member(asked, "requestState"));
    EXPECT_THAT(state, HasSubstr(".stAte"));
    const auto again = [&](std::string_view name, const std::string& with, std::string_view user) {
      return gateway.ask(
          modern("tools/call",
                 fmt::format(R"({{"name":"{}","inputResponses":{{"name":{{"action":"accept"}}}},"requestState":"{}"}})",
                             name, with),
                 as(user)));
    };
    EXPECT_THAT(result_of(co_await again("t", state, "alice")), HasSubstr("complete"));
    EXPECT_THAT(gateway.backends.asked.back().second.params, HasSubstr(R"("requestState":"stAte")"));
    const std::size_t before = gateway.backends.asked.size();
    EXPECT_THAT(error_of(co_await again("t", state + "x", "alice")), HasSubstr("-32602"));
    EXPECT_THAT(error_of(co_await again("t", "stAte", "alice")), HasSubstr("-32602"));
    EXPECT_THAT(error_of(co_await again("u", state, "alice")), HasSubstr("-32602")) << "another tool's";
    EXPECT_THAT(error_of(co_await again("t", state, "bob")), HasSubstr("-32602")) << "somebody else's";
    EXPECT_EQ(gateway.backends.asked.size(), before);
  });
}

TEST(FederationCalls, ALegacyClientIsAskedWhatAModernServerWantsToKnow) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t")})});
    gateway.backends.handler = [](peer::Ask ask, peer::Events&) -> Task<Answer> {
      const auto answers = mcp::json_member(ask.params, "inputResponses");
      co_return result(answers.empty() ? std::string(wants_input)
                                       : fmt::format(R"({{"resultType":"complete","said":{},"state":{}}})", answers,
                                                     mcp::json_member(ask.params, "requestState")));
    };
    LegacyClient client{gateway, ""};
    co_await client.initialize(R"({"elicitation":{"form":{}}})");
    auto stream = gateway.connect();
    co_await send(*stream, post(request("tools/call", R"({"name":"t","arguments":{}})"), client.head()));
    const std::string asked = co_await receive_until(*stream, "\"requestedSchema\":{}}}");
    co_await client.say(fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{{"action":"accept","content":{{"n":1}}}}}})",
                                    question_id(asked)));
    EXPECT_THAT(co_await receive_all(*stream),
                HasSubstr(R"("result":{"said":{"name":{"action":"accept","content":{"n":1}}},"state":"st\u0041te"}})"));
    LegacyClient silent{gateway, ""};
    co_await silent.initialize();
    EXPECT_THAT(result_of(co_await silent.ask("tools/call", R"({"name":"t"})")),
                HasSubstr(R"("said":{"name":{"action":"cancel"}})"));
  });
}

TEST(FederationCalls, AddressesAreTheServersOwnBehindAndTheClientsInFront) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {resource("file:///x"), resource("file:///only")}),
                   listing("b", {resource("file:///x"), uri_template("item:///{id}")})});
    gateway.backends.handler = [](peer::Ask ask, peer::Events&) -> Task<Answer> {
      co_return result(fmt::format(R"({{"contents":[{{"uri":{},"text":"t"}}]}})", mcp::json_member(ask.params, "uri")));
    };
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    const auto read = [&](std::string uri) {
      return client.ask("resources/read", fmt::format(R"({{"uri":"{}"}})", uri));
    };
    EXPECT_THAT(co_await read("gw+b:file:///x"), HasSubstr(R"({"contents":[{"uri":"gw+b:file:///x","text":"t"}]})"));
    EXPECT_EQ(gateway.backends.asked.back().first, "b");
    EXPECT_EQ(gateway.backends.asked.back().second.params, R"({"uri":"file:///x"})");
    EXPECT_EQ(gateway.backends.asked.back().second.name, "file:///x");
    EXPECT_THAT(co_await read("file:///only"), HasSubstr(R"("uri":"file:///only")"));
    EXPECT_THAT(co_await read("item:///5"), HasSubstr(R"("uri":"item:///5")"));
    EXPECT_EQ(gateway.backends.asked.back().first, "b");
    EXPECT_THAT(error_of(co_await read("file:///none")), HasSubstr(R"("code":-32002)"));
    const std::string missing = co_await gateway.ask(modern("resources/read", R"({"uri":"file:///none"})"));
    EXPECT_THAT(error_of(missing), HasSubstr(R"("code":-32602)"));
    EXPECT_THAT(error_of(missing), HasSubstr(R"("data":{"uri":"file:///none"})"));
    EXPECT_THAT(result_of(co_await gateway.ask(modern("resources/read", R"({"uri":"file:///only"})"))),
                HasSubstr(R"("ttlMs":0,"cacheScope":"private")"));
    gateway.backends.handler = [](peer::Ask, peer::Events&) -> Task<Answer> {
      co_return failure(-32002, "gone", R"({"uri":"file:///x"})");
    };
    EXPECT_THAT(error_of(co_await read("gw+b:file:///x")),
                HasSubstr(R"("code":-32002,"message":"gone","data":{"uri":"gw+b:file:///x"})"));
    EXPECT_THAT(error_of(co_await gateway.ask(modern("resources/read", R"({"uri":"gw+b:file:///x"})"))),
                HasSubstr(R"("code":-32602)"));
  });
}

TEST(FederationCalls, WhatIsHiddenIsNotReadUnderAnotherNameEither) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    const catalogue::Override hide{
        .adapter = "a", .kind = catalogue::Kind::resource, .match = "file:///secret", .hide = true};
    const catalogue::VirtualServer only_b{.name = "only-b", .servers = {{"b"}}};
    gateway.offer({listing("a", {resource("file:///secret"), resource("file:///open")}), listing("b", {tool("t")})},
                  {.overrides = {hide}}, {only_b});
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    for (const char* uri : {"file:///secret", "gw+a:file:///secret"}) {
      EXPECT_THAT(error_of(co_await client.ask("resources/read", fmt::format(R"({{"uri":"{}"}})", uri))),
                  HasSubstr("-32002"))
          << uri;
    }
    LegacyClient selected{gateway, "", "/servers/only-b/mcp"};
    co_await selected.initialize();
    for (const char* uri : {"file:///open", "gw+a:file:///open"}) {
      EXPECT_THAT(error_of(co_await selected.ask("resources/read", fmt::format(R"({{"uri":"{}"}})", uri))),
                  HasSubstr("-32002"))
          << uri;
    }
    EXPECT_TRUE(gateway.backends.asked.empty());
  });
}

TEST(FederationCalls, CompletionsAskTheServerOfTheReference) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {prompt("p")}), listing("b", {prompt("p"), uri_template("item:///{id}")})});
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    co_await client.ask("completion/complete",
                        R"({"ref":{"type":"ref/prompt","name":"b_p"},"argument":{"name":"x","value":""}})");
    EXPECT_EQ(gateway.backends.asked.at(0).first, "b");
    EXPECT_EQ(gateway.backends.asked.at(0).second.params,
              R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"x","value":""}})");
    EXPECT_EQ(gateway.backends.asked.at(0).second.name, "");
    co_await client.ask("completion/complete", R"({"ref":{"type":"ref/resource","uri":"item:///{id}"},"argument":{}})");
    EXPECT_EQ(gateway.backends.asked.at(1).first, "b");
    EXPECT_THAT(error_of(co_await client.ask("completion/complete", R"({"ref":{"type":"ref/prompt","name":"q"}})")),
                HasSubstr("-32602"));
    EXPECT_THAT(error_of(co_await client.ask("completion/complete", R"({"ref":7})")), HasSubstr("-32602"));
  });
}

TEST(FederationCalls, MirroredArgumentsMustAgree) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing(
        "a",
        {catalogue::definition_of(
            catalogue::Kind::tool,
            R"({"name":"t","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"n":{"type":"integer","x-mcp-header":"N"}}}})")})});
    const auto ask = [&](std::string_view arguments, std::string_view fields) {
      return gateway.ask(modern("tools/call", fmt::format(R"({{"name":"t","arguments":{}}})", arguments), fields));
    };
    EXPECT_EQ(status_of(co_await ask(R"({"region":"eu","n":5})", "Mcp-Param-Region: eu\r\nmcp-param-n: 5\r\n")), 200);
    EXPECT_EQ(gateway.backends.asked.at(0).second.extra_fields, "Mcp-Param-Region: eu\r\nMcp-Param-N: 5\r\n");
    EXPECT_EQ(status_of(co_await ask(R"({"region":"\u00fc"})", "Mcp-Param-Region: =?base64?w7w=?=\r\n")), 200);
    EXPECT_EQ(status_of(co_await ask(R"({"region":null})", "")), 200);
    const std::size_t before = gateway.backends.asked.size();
    for (const auto& [arguments, fields] : std::vector<std::pair<const char*, const char*>>{
             {R"({"region":"eu"})", ""},
             {R"({"region":"eu"})", "Mcp-Param-Region: us\r\n"},
             {R"({})", "Mcp-Param-Region: eu\r\n"},
             {R"({"region":"eu"})", "Mcp-Param-Region: =?base64?w7w?=\r\n"}}) {
      const std::string refused = co_await ask(arguments, fields);
      EXPECT_EQ(status_of(refused), 400) << arguments << fields;
      EXPECT_THAT(error_of(refused), HasSubstr("-32020"));
    }
    EXPECT_EQ(gateway.backends.asked.size(), before);
    LegacyClient client{gateway, ""};
    co_await client.initialize();
    EXPECT_EQ(result_of(co_await client.ask("tools/call", R"({"name":"t","arguments":{"region":"eu"}})")), "{}")
        << "nothing is mirrored there";
  });
}

TEST(FederationCalls, ABatchIsAnsweredAsAWhole) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t")})});
    LegacyClient client{gateway, ""};
    co_await client.initialize("{}", "2025-03-26");
    const std::string answer = co_await client.say(
        "[" + request("ping", "{}", "1") + "," + notification("notifications/initialized") + "," +
        request("tools/call", R"({"name":"t"})", "2") + "," + request("tools/call", R"({"name":"u"})", "3") + "]");
    EXPECT_EQ(field_of(answer, "Content-Type"), "text/event-stream");
    for (const char* id : {"1", "2", "3"}) EXPECT_THAT(body_of(answer), HasSubstr(fmt::format(R"("id":{},)", id)));
    EXPECT_EQ(status_of(co_await client.say("[" + notification("notifications/initialized") + "]")), 202);
    EXPECT_EQ(status_of(co_await client.say("[" + request("initialize") + "]")), 400);
  });
}

TEST(FederationCalls, LimitsAreThoseOfTheServerAndTheTool) {
  testing::run([]() -> Task<> {
    Common common;
    Gateway gateway(common);
    gateway.offer({listing("a", {tool("t")}), listing("b", {tool("u")})});
    common.limiter.apply({{.name = "few", .match = {.tools = {"t"}}, .rate = limits::Rate{1, std::chrono::hours(1)}}});
    EXPECT_EQ(status_of(co_await gateway.ask(modern("tools/call", R"({"name":"t"})", as("alice")))), 200);
    const std::string refused = co_await gateway.ask(modern("tools/call", R"({"name":"t"})", as("alice")));
    EXPECT_EQ(status_of(refused), 429);
    EXPECT_NE(field_of(refused, "Retry-After"), "");
    EXPECT_EQ(status_of(co_await gateway.ask(modern("tools/call", R"({"name":"u"})", as("alice")))), 200);
    EXPECT_EQ(status_of(co_await gateway.ask(modern("tools/list", "{}", as("alice")))), 200);
  });
}

}  // namespace
}  // namespace gw::federation
