// Rules about what servers say of their tools.
#include <gmock/gmock.h>

#include "proxy/gateway_fixture.h"

namespace gw::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Scripted = Upstream::Scripted;

constexpr std::string_view first_page =
    R"("result":{"tools":[{"name":"look","annotations":{"readOnlyHint":true}}],"nextCursor":"p\"2"}})";
constexpr std::string_view second_page =
    R"("result":{"tools":[{"name":"wipe","annotations":{"readOnlyHint":false}}]}})";

// What comes behind "id": in a JSON text.
std::string id_of(const std::string& body) {
  const auto at = body.find("\"id\":") + 5;
  return body.substr(at, body.find(',', at) - at);
}

struct Hinted {
  Gateway gateway;
  Upstream upstream;
  bool as_events = false;
  int questions = 0;

  Hinted() {
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_rules(rules_of({deny({.annotations = {{"readOnlyHint", false}}})}));
    upstream.script = [this](auto& request) -> std::optional<Scripted> {
      const std::string& body = request[":body"];
      if (body.find("tools/list") == std::string::npos) return {};
      ++questions;
      const bool first = body.find("cursor") == std::string::npos;
      const std::string list =
          fmt::format(R"({{"jsonrpc":"2.0","id":{},{})", id_of(body), first ? first_page : second_page);
      if (!as_events) return Scripted{.parts = {list}};
      return Scripted{
          .content_type = "text/event-stream",
          .parts = {"data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\n", "data: " + list + "\n\n"}};
    };
  }
  Task<std::string> use(std::string_view tool, std::string fields = "") {
    return gateway.ask(post(call("tools/call", fmt::format(R"({{"name":"{}"}})", tool)), as("bob") + fields));
  }
};

TEST(ProxyHints, AreLearnedFromListsThatPass) {
  testing::run([]() -> Task<> {
    Hinted world;
    const std::string list = co_await world.gateway.ask(post(call("tools/list", "{}"), as("bob")));
    EXPECT_THAT(body_of(list), HasSubstr("look"));
    co_await world.gateway.ask(post(call("tools/list", R"({"cursor":"p\"2"})"), as("bob")));
    EXPECT_EQ(world.questions, 2);
    EXPECT_THAT(co_await world.use("wipe"), HasSubstr("Unknown tool: wipe"));
    EXPECT_THAT(co_await world.use("look"), Not(HasSubstr("Unknown tool")));
    EXPECT_EQ(world.questions, 2) << "what is known is not asked for";
  });
}

TEST(ProxyHints, AreAskedForInTheSessionOfTheCall) {
  for (const bool as_events : {false, true}) {
    testing::run([=]() -> Task<> {
      Hinted world;
      world.as_events = as_events;
      const std::string opened = co_await world.gateway.ask(post(call("initialize", "{}"), as("bob")));
      const std::string session = "Mcp-Session-Id: " + field_of(opened, "Mcp-Session-Id") + "\r\n";
      const std::string version = "MCP-Protocol-Version: 2025-06-18\r\n";
      EXPECT_THAT(co_await world.use("wipe", session + version), HasSubstr("Unknown tool: wipe"));
      EXPECT_EQ(world.questions, 2) << "the tool is on the second page";
      EXPECT_EQ(world.upstream.seen.size(), 3u) << "the call was not sent";
      auto& question = world.upstream.seen.back();
      EXPECT_EQ(question["Mcp-Session-Id"], "upstream-session-1");
      EXPECT_EQ(question["MCP-Protocol-Version"], "2025-06-18");
      EXPECT_EQ(question[":target"], "/mcp");
      EXPECT_THAT(question[":body"], HasSubstr(R"("params":{"cursor":"p\"2"})"));
    });
  }
}

TEST(ProxyHints, AreAskedForWithTheEnvelopeOfAModernCall) {
  testing::run([]() -> Task<> {
    Hinted world;
    const std::string body = call(
        "tools/call",
        R"({"name":"look","_meta":{"progressToken":1,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"x":1}}})");
    const std::string answer = co_await world.gateway.ask(
        post(body,
             as("bob") +
                 "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: look\r\nMcp-Param-X: y\r\n"));
    EXPECT_EQ(body_of(answer), body);
    EXPECT_EQ(world.questions, 1);
    auto& question = world.upstream.seen.at(0);
    EXPECT_EQ(question["Mcp-Method"], "tools/list");
    EXPECT_FALSE(question.contains("Mcp-Name"));
    EXPECT_FALSE(question.contains("Mcp-Param-X"));
    EXPECT_THAT(question[":body"],
                HasSubstr(R"("params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                          R"("io.modelcontextprotocol/clientCapabilities":{"x":1}}}})"));
  });
}

// Else a server, or who slows it down, could get round the rule.
TEST(ProxyHints, AreTheDefaultsOfTheProtocolWhenTheServerDoesNotTell) {
  testing::run([]() -> Task<> {
    Hinted world;
    EXPECT_THAT(co_await world.use("unlisted"), HasSubstr("Unknown tool"));
    EXPECT_EQ(world.questions, 2);
    world.upstream.script = [](auto& request) -> std::optional<Scripted> {
      if (request[":body"].find("tools/list") == std::string::npos) return {};
      return Scripted{.status = 500, .parts = {"{}"}};
    };
    EXPECT_THAT(co_await world.use("other"), HasSubstr("Unknown tool"));
  });
}

}  // namespace
}  // namespace gw::proxy
