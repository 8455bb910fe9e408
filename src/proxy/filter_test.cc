// Lists in answers of every kind.
#include <gmock/gmock.h>

#include "proxy/gateway_fixture.h"

namespace gw::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Scripted = Upstream::Scripted;

const std::string list_body =
    R"({"jsonrpc":"2.0","id":7,"result":{"tools":[{"name":"secret"},{"name":"open","max":9007199254740993}],"_x":1e400}})";
const std::string shown_body =
    R"({"jsonrpc":"2.0","id":7,"result":{"tools":[{"name":"open","max":9007199254740993}],"_x":1e400}})";

// A gateway with a rule about single tools, and a server that answers each POST as scripted.
struct Filtered {
  Gateway gateway;
  Upstream upstream;
  Scripted answer;

  Filtered() {
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_rules(rules_of({deny({.tools = {"secret"}})}));
    upstream.script = [this](auto& request) -> std::optional<Scripted> {
      if (request[":body"].empty()) return {};
      return answer;
    };
  }
  Task<std::string> list() {
    return gateway.ask(post(call("tools/list", "{}"), as("bob") + "Accept-Encoding: gzip\r\n"));
  }
};

TEST(ProxyFilter, ListsLoseWhatMayNotBeCalled) {
  testing::run([]() -> Task<> {
    Filtered world;
    world.answer = {.parts = {list_body}, .fields = {{"X-Custom", "kept"}, {"Mcp-Session-Id", "s"}}};
    const std::string answer = co_await world.list();
    EXPECT_EQ(body_of(answer), shown_body);
    EXPECT_EQ(field_of(answer, "Content-Length"), std::to_string(shown_body.size()));
    EXPECT_EQ(field_of(answer, "X-Custom"), "kept");
    EXPECT_NE(field_of(answer, "Mcp-Session-Id"), "");
    EXPECT_FALSE(world.upstream.seen.at(0).contains("Accept-Encoding"));
  });
}

TEST(ProxyFilter, OtherAnswersStayByteForByte) {
  testing::run([]() -> Task<> {
    Filtered world;
    const std::string body =
        R"( {"result" : {"content":[{"name":"secret"}],"structuredContent":{"tools":[{"name":"secret"}]}},"id":1})";
    world.answer = {.parts = {body.substr(0, 20), body.substr(20)}};
    EXPECT_EQ(body_of(co_await world.list()), body);
    world.answer = {.status = 202, .parts = {}};
    EXPECT_EQ(status_of(co_await world.list()), 202);
    world.answer = {.status = 202, .content_type = "text/plain", .parts = {"Accepted"}};
    const std::string taken = co_await world.list();
    EXPECT_EQ(status_of(taken), 202) << "as servers of HTTP+SSE answer";
    EXPECT_EQ(body_of(taken), "");
    world.answer = {.status = 500, .content_type = "text/html", .parts = {"<p>sorry"}};
    const std::string sorry = co_await world.list();
    EXPECT_EQ(status_of(sorry), 500);
    EXPECT_EQ(body_of(sorry), "<p>sorry");
  });
}

TEST(ProxyFilter, EventsLoseItHoweverTheyAreCut) {
  testing::run([]() -> Task<> {
    Filtered world;
    const std::string events = "id: 1\ndata:\n\nevent: message\nid: 2\ndata: " + list_body + "\n\n";
    const std::string shown = "id: 1\ndata:\n\nevent: message\nid: 2\ndata: " + shown_body + "\n\n";
    for (std::size_t cut = 0; cut <= events.size(); ++cut) {
      world.answer = {.content_type = "text/event-stream", .parts = {}};
      if (cut > 0) world.answer.parts.push_back(events.substr(0, cut));
      if (cut < events.size()) world.answer.parts.push_back(events.substr(cut));
      EXPECT_EQ(body_of(co_await world.list()), shown) << cut;
    }
  });
}

TEST(ProxyFilter, StandaloneStreamsAreFilteredToo) {
  testing::run([]() -> Task<> {
    Filtered world;
    world.upstream.script = [](auto& request) -> std::optional<Scripted> {
      if (request[":target"] == "/sse") {
        return Scripted{.content_type = "text/event-stream",
                        .parts = {"event: endpoint\ndata: /m?sessionId=1\n\ndata: " + list_body + "\n\n"}};
      }
      return Scripted{.content_type = "text/event-stream", .parts = {"data: " + list_body + "\n\n"}};
    };
    for (const char* path : {"/adapters/a/mcp", "/adapters/a/sse"}) {
      const std::string answer = co_await world.gateway.ask(
          fmt::format("GET {} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n{}\r\n", path, as("bob")));
      EXPECT_THAT(answer, HasSubstr("data: " + shown_body + "\n\n")) << path;
      EXPECT_THAT(answer, Not(HasSubstr("secret"))) << path;
    }
  });
}

TEST(ProxyFilter, FailsClosed) {
  testing::run([]() -> Task<> {
    Filtered world;
    world.answer = {.parts = {list_body}, .fields = {{"Content-Encoding", "gzip"}}};
    EXPECT_EQ(status_of(co_await world.list()), 502);
    world.answer = {.parts = {R"({"result":{"tools":[{"name":"secret"}],"x":NaN}})"}};
    EXPECT_EQ(status_of(co_await world.list()), 502);
    world.answer = {.content_type = "text/plain", .parts = {list_body}};
    EXPECT_EQ(status_of(co_await world.list()), 502);
    world.answer = {.parts = std::vector<std::string>(17, "\"" + std::string((1 << 20) - 2, ' '))};
    const std::string answer = co_await world.list();
    EXPECT_EQ(status_of(answer), 502);
    EXPECT_THAT(answer, HasSubstr("larger than 16777216 bytes"));
    world.answer = {.content_type = "text/event-stream",
                    .parts = {"data: {'result':{'tools':[{'name':'secret'}]}}\n\n"}};
    EXPECT_THAT(co_await world.list(), Not(HasSubstr("secret")));
  });
}

}  // namespace
}  // namespace gw::proxy
