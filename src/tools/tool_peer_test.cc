#include "tools/tool_peer.h"

#include "peer/fake_server.h"
#include "testing/http_wire.h"
#include "testing/web_server.h"
#include "tools/listing.h"

namespace gw::tools {
namespace {

using gw::testing::run;
using gw::testing::WebServer;
using peer::ask_for;
using peer::HeardEvents;
using ::testing::HasSubstr;

constexpr std::string_view plain_definition =
    R"({"name":"score","description":"d","inputSchema":{"type":"object","properties":{"n":{"type":"integer"}},)"
    R"("required":["n"],"additionalProperties":false}})";
constexpr std::string_view harmless_definition =
    R"({"name":"score","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}})";

// The tool "score" at a port of this machine, and the way there.
struct Fixture {
  explicit Fixture(std::uint16_t port, peer::Options options = {}) : world(std::move(options)) {
    spec.definition = plain_definition;
    route.name = "score";
    route.endpoints.push_back({.id = "e1", .address = {"127.0.0.1", port}, .host = "tool.test", .path = "/v1/score"});
  }

  Task<Result<peer::Outcome>> call(std::string arguments) {
    publish();
    ToolPeer peer(world.outbound, cache, health, "score");
    HeardEvents events;
    peer::Ask ask = ask_for("tools/call", R"({"name":"score","arguments":)" + arguments + "}");
    ask.identity_fields = "X-Mcp-UserId: ann\r\n";
    ask.request_id = "r-1";
    co_return co_await peer.call(ask, events);
  }
  Task<std::string> result(std::string arguments) {
    auto outcome = co_await call(std::move(arguments));
    co_return outcome ? outcome->result : "error: " + outcome.error().message();
  }

  peer::World world;
  ToolCache cache;
  ToolHealth health;
  model::ToolSpec spec;
  routing::AdapterRoute route;

 private:
  void publish() {
    route.tool = std::make_shared<const model::ToolSpec>(spec);
    world.routes.apply({.set = {std::make_shared<const routing::AdapterRoute>(route)}});
  }
};

// Sends the same bytes to whoever asks for something, then closes the connection, or not.
class RawServer {
 public:
  RawServer(std::string answer, bool closes) : answer_(std::move(answer)), closes_(closes) {}

  std::uint16_t port() const { return sockets_.bound.port; }
  std::vector<std::string> requests;
  Event asked;

 private:
  Task<> serve(int fd) {
    net::FdStream stream(*Loop::current(), fd);
    const std::string head = co_await gw::testing::receive_until(stream, "\r\n\r\n");
    if (head.empty()) co_return;
    requests.push_back(head);
    asked.pulse();
    co_await gw::testing::send(stream, answer_);
    if (!closes_) co_await never_;
  }

  std::string answer_;
  bool closes_;
  Event never_;
  TaskGroup group_;
  net::ListenSockets sockets_ = *net::listen_on({"127.0.0.1", 0}, 1);
  net::Acceptor acceptor_{*Loop::current(), sockets_.fds[0],
                          [this](int fd, const net::SocketAddress&) { group_.spawn("raw", serve(fd)); }};
};

TEST(ToolPeer, PostsTheArgumentsAsTheyCame) {
  run([]() -> Task<> {
    std::string body, type, user, id, host;
    WebServer server([&](http::Exchange& exchange) -> Task<Result<>> {
      const auto& fields = exchange.request().fields;
      type = fields.get("Content-Type");
      user = fields.get("X-Mcp-UserId");
      id = fields.get("X-Request-Id");
      host = fields.get("Host");
      GW_CO_TRY(body, co_await exchange.read_whole_body(1 << 20));
      co_return co_await exchange.respond(200, "application/json", R"({"m": 9007199254740993})");
    });
    Fixture fixture(server.port());
    EXPECT_EQ(co_await fixture.result(R"({"n":  9007199254740993})"),
              R"({"content":[{"type":"text","text":"{\"m\": 9007199254740993}"}]})");
    EXPECT_EQ(body, R"({"n":  9007199254740993})");
    EXPECT_EQ(server.targets, std::vector<std::string>{"/v1/score"});
    EXPECT_EQ(type + " " + user + " " + id + " " + host, "application/json ann r-1 tool.test");
  });
}

TEST(ToolPeer, SaysEverythingThatIsWrongWithTheArgumentsAndSendsNothing) {
  run([]() -> Task<> {
    WebServer server(
        [](http::Exchange& exchange) -> Task<Result<>> { co_return co_await exchange.respond(200, "text/plain", ""); });
    Fixture fixture(server.port());
    EXPECT_EQ(
        co_await fixture.result(R"({"n":"x","count":1})"),
        R"({"content":[{"type":"text","text":"The arguments are not valid:\u000a/count: is not allowed here, only \"n\"\u000a)"
        R"(/n: is \"x\", must be an integer"}],"isError":true})");
    EXPECT_THAT(co_await fixture.result("[]"), HasSubstr("must be an object"));
    EXPECT_TRUE(server.targets.empty());
  });
}

TEST(ToolPeer, SomethingThatCannotStandInThePathIsAnErrorOfTheArguments) {
  run([]() -> Task<> {
    WebServer server(
        [](http::Exchange& exchange) -> Task<Result<>> { co_return co_await exchange.respond(200, "text/plain", ""); });
    Fixture fixture(server.port());
    fixture.spec.definition = harmless_definition;
    fixture.route.endpoints[0].path = "/pets/{id}";
    fixture.spec.parameters = {{"id", model::ToolParameter::Place::path, ""}};
    EXPECT_THAT(co_await fixture.result(R"({"id":".."})"), HasSubstr("/id: is"));
    EXPECT_TRUE(server.targets.empty());
  });
}

TEST(ToolPeer, HarmlessToolsAreAskedAgainUntilTheServerCan) {
  run([]() -> Task<> {
    int asked = 0;
    WebServer server([&](http::Exchange& exchange) -> Task<Result<>> {
      co_return co_await exchange.respond(++asked < 3 ? 503 : 200, "text/plain", "done");
    });
    Fixture fixture(server.port());
    fixture.spec.definition = harmless_definition;
    EXPECT_THAT(co_await fixture.result("{}"), HasSubstr("done"));
    EXPECT_EQ(asked, 3);
    asked = 0;
    fixture.spec.retries = 1;
    EXPECT_THAT(co_await fixture.result("{}"), HasSubstr("503 Service Unavailable: done"));
    EXPECT_EQ(asked, 2);
  });
}

TEST(ToolPeer, OtherToolsAreSentOnce) {
  run([]() -> Task<> {
    int asked = 0;
    WebServer server([&](http::Exchange& exchange) -> Task<Result<>> {
      ++asked;
      co_return co_await exchange.respond(503, "text/plain", "busy");
    });
    Fixture fixture(server.port());
    EXPECT_THAT(co_await fixture.result(R"({"n":1})"), HasSubstr("503 Service Unavailable: busy"));
    EXPECT_EQ(asked, 1);
  });
}

TEST(ToolPeer, AConnectionThatEndsWithoutAnAnswerIsAskedAgainOnlyIfThatIsHarmless) {
  run([]() -> Task<> {
    RawServer server("", true);
    Fixture fixture(server.port());
    const auto once = co_await fixture.call(R"({"n":1})");
    EXPECT_EQ(once.error().code(), Errc::upstream);
    EXPECT_EQ(once.error().message(), "tool 'score': the server closed the connection without an answer");
    EXPECT_EQ(server.requests.size(), 1u);
    fixture.spec.definition = harmless_definition;
    (void)co_await fixture.call("{}");
    EXPECT_EQ(server.requests.size(), 4u);
  });
}

TEST(ToolPeer, GarbageIsNeverAskedForAgain) {
  run([]() -> Task<> {
    RawServer server("\x01\x02 this is no HTTP\r\n\r\n", false);
    Fixture fixture(server.port());
    fixture.spec.definition = harmless_definition;
    const auto outcome = co_await fixture.call("{}");
    EXPECT_EQ(outcome.error().code(), Errc::upstream);
    EXPECT_EQ(server.requests.size(), 1u);
  });
}

TEST(ToolPeer, AnAnswerThatIsCutShortIsAnError) {
  run([]() -> Task<> {
    RawServer server("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nabc", true);
    Fixture fixture(server.port());
    EXPECT_EQ((co_await fixture.call(R"({"n":1})")).error().code(), Errc::upstream);
  });
}

TEST(ToolPeer, AServerThatHangsCostsTheTimeOfTheTool) {
  run([]() -> Task<> {
    RawServer server("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nabc", false);
    Fixture fixture(server.port());
    fixture.spec.timeout = std::chrono::milliseconds(100);
    const auto outcome = co_await fixture.call(R"({"n":1})");
    EXPECT_EQ(outcome.error().code(), Errc::timeout);
    EXPECT_EQ(outcome.error().message(), "tool 'score': no answer came within 100 ms");
    fixture.route.call_timeout = std::chrono::milliseconds(50);
    EXPECT_THAT((co_await fixture.call(R"({"n":1})")).error().message(), HasSubstr("within 50 ms"));
  });
}

TEST(ToolPeer, AnswersInPiecesAreReadToTheirEnd) {
  run([]() -> Task<> {
    WebServer server([](http::Exchange& exchange) -> Task<Result<>> {
      exchange.start(200, std::nullopt);
      exchange.field("Content-Type", "text/plain");
      for (const char* part : {"a", "b", "c"}) {
        GW_CO_TRY_OK(co_await exchange.write(part, http::Last::no));
        co_await yield();
      }
      co_return co_await exchange.write("d", http::Last::yes);
    });
    Fixture fixture(server.port());
    EXPECT_EQ(co_await fixture.result(R"({"n":1})"), R"({"content":[{"type":"text","text":"abcd"}]})");
  });
}

TEST(ToolPeer, AnswersAreBounded) {
  run([]() -> Task<> {
    const std::string large(5'000, 'x');
    WebServer server([&](http::Exchange& exchange) -> Task<Result<>> {
      co_return co_await exchange.respond(200, "text/plain", large);
    });
    Fixture fixture(server.port(), {.max_message = 4'000});
    const auto outcome = co_await fixture.call(R"({"n":1})");
    EXPECT_EQ(outcome.error().code(), Errc::upstream);
    EXPECT_EQ(outcome.error().message(), "tool 'score': the server's answer is larger than 4000 bytes");
  });
}

TEST(ToolPeer, ResultsAreBoundedToo) {
  run([]() -> Task<> {
    const std::string zeros(3'500, '\0');
    WebServer server([&](http::Exchange& exchange) -> Task<Result<>> {
      co_return co_await exchange.respond(200, "image/gif", zeros);
    });
    Fixture fixture(server.port(), {.max_message = 4'000});
    const std::string result = co_await fixture.result(R"({"n":1})");
    EXPECT_THAT(result, HasSubstr("bytes, which is more than 4000 bytes"));
    EXPECT_THAT(result, HasSubstr(R"("isError":true)"));
  });
}

TEST(ToolPeer, BinaryAnswersComeWhole) {
  run([]() -> Task<> {
    WebServer server([](http::Exchange& exchange) -> Task<Result<>> {
      co_return co_await exchange.respond(200, "image/gif", std::string_view("\0\xff\0", 3));
    });
    Fixture fixture(server.port());
    EXPECT_EQ(co_await fixture.result(R"({"n":1})"),
              R"({"content":[{"type":"image","data":"AP8A","mimeType":"image/gif"}]})");
  });
}

TEST(ToolPeer, AnotherEndpointIsTriedWhenOneCannotBeReached) {
  run([]() -> Task<> {
    WebServer server([](http::Exchange& exchange) -> Task<Result<>> {
      co_return co_await exchange.respond(200, "text/plain", "ok");
    });
    Fixture fixture(server.port());
    for (const char* id : {"e2", "e3", "e4"}) fixture.route.endpoints.push_back({.id = id, .host = "x"});
    const std::string last = fixture.world.outbound.selector.for_key(fixture.route, "ann").back()->id;
    // Port 1 of this machine: nobody listens.
    for (auto& endpoint : fixture.route.endpoints) {
      endpoint.address = {"127.0.0.1", endpoint.id == last ? server.port() : std::uint16_t{1}};
    }
    EXPECT_THAT(co_await fixture.result(R"({"n":1})"), HasSubstr("ok"));
    EXPECT_GT(fixture.world.pool_counters.failed.get(), 0u);
  });
}

TEST(ToolPeer, WithoutAReadyEndpointItSaysWhy) {
  run([]() -> Task<> {
    Fixture fixture(1);
    fixture.route.endpoints.clear();
    fixture.route.unavailable_reason = "process 'score' is starting";
    const auto outcome = co_await fixture.call(R"({"n":1})");
    EXPECT_EQ(outcome.error().code(), Errc::unavailable);
    EXPECT_EQ(outcome.error().message(), "tool 'score': process 'score' is starting");
  });
}

TEST(ToolPeer, CallsWithoutAnAnswerAreRememberedUntilTheNextAnswer) {
  run([]() -> Task<> {
    WebServer server([](http::Exchange& exchange) -> Task<Result<>> {
      co_return co_await exchange.respond(500, "text/plain", "broken");
    });
    Fixture fixture(server.port());
    fixture.route.endpoints[0].address.port = 1;  // Nobody listens.
    (void)co_await fixture.call(R"({"n":1})");
    (void)co_await fixture.call(R"({"n":"refused by the schema"})");
    const auto last = co_await fixture.call(R"({"n":1})");
    const auto trouble = fixture.health.find("score");
    EXPECT_EQ(trouble->attempts, 2u);
    EXPECT_EQ("tool 'score': " + trouble->error, last.error().message());
    fixture.route.endpoints[0].address.port = server.port();
    EXPECT_THAT(co_await fixture.result(R"({"n":1})"), HasSubstr("broken"));
    EXPECT_FALSE(fixture.health.find("score"));
  });
}

TEST(ToolPeer, AServerIsThereOnceItsAnswerBegins) {
  run([]() -> Task<> {
    const std::string begun = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nabc";
    RawServer cut(begun, true), hanging(begun, false), silent("", false);
    const auto known = [](const RawServer& server) -> Task<bool> {
      Fixture fixture(server.port());
      fixture.spec.timeout = std::chrono::milliseconds(50);
      EXPECT_FALSE(co_await fixture.call(R"({"n":1})"));
      co_return fixture.health.find("score").has_value();
    };
    EXPECT_FALSE(co_await known(cut));
    EXPECT_FALSE(co_await known(hanging));
    EXPECT_TRUE(co_await known(silent));
  });
}

// A call of a server that never answers; `change` happens while it is under way.
Task<> call_in_vain(Fixture& fixture, RawServer& silent, std::function<void()> change) {
  const auto when_asked = [](RawServer& server, std::function<void()> then) -> Task<> {
    co_await server.asked;
    then();
  };
  fixture.spec.timeout = std::chrono::milliseconds(50);
  TaskGroup group;
  group.spawn("change", when_asked(silent, std::move(change)));
  EXPECT_EQ((co_await fixture.call(R"({"n":1})")).error().code(), Errc::timeout);
}

TEST(ToolPeer, ACallThatFailsAfterItsToolIsGoneIsForgotten) {
  run([]() -> Task<> {
    RawServer silent("", false);
    Fixture fixture(silent.port());
    co_await call_in_vain(fixture, silent, [&] { fixture.world.routes.apply({.removed = {"score"}}); });
    EXPECT_FALSE(fixture.health.find("score"));
  });
}

TEST(ToolPeer, WhatBecomesOfTheServerThatAToolHadBeforeSaysNothingOfTheOneItHas) {
  run([]() -> Task<> {
    const auto move = [](Fixture& fixture) {
      routing::AdapterRoute elsewhere = *fixture.world.routes.find("score");
      elsewhere.endpoints[0].path = "/elsewhere";
      fixture.world.routes.apply({.set = {std::make_shared<const routing::AdapterRoute>(std::move(elsewhere))}});
    };
    RawServer silent("", false);
    Fixture fails(silent.port());
    co_await call_in_vain(fails, silent, [&] { move(fails); });
    EXPECT_FALSE(fails.health.find("score"));

    Fixture* answered = nullptr;
    WebServer server([&](http::Exchange& exchange) -> Task<Result<>> {
      move(*answered);
      answered->health.unanswered("score", "the new one");
      co_return co_await exchange.respond(200, "text/plain", "ok");
    });
    Fixture late(server.port());
    answered = &late;
    EXPECT_THAT(co_await late.result(R"({"n":1})"), HasSubstr("ok"));
    EXPECT_TRUE(late.health.find("score"));
  });
}

TEST(ToolPeer, WithoutAReadyEndpointItIsUnreachable) {
  run([]() -> Task<> {
    Fixture fixture(1);
    fixture.route.endpoints.clear();
    fixture.route.unavailable_reason = "process 'score' is starting";
    (void)co_await fixture.call(R"({"n":1})");
    EXPECT_EQ(fixture.health.find("score")->error, "process 'score' is starting");
  });
}

TEST(ToolPeer, AnswersNothingButCalls) {
  run([]() -> Task<> {
    Fixture fixture(1);
    ToolPeer peer(fixture.world.outbound, fixture.cache, fixture.health, "score");
    HeardEvents events;
    const auto outcome = co_await peer.call(ask_for("resources/read"), events);
    EXPECT_EQ(outcome->failed->code, -32601);
    EXPECT_EQ((co_await peer.call(ask_for("tools/call"), events)).error().code(), Errc::not_found);
  });
}

TEST(ToolPeer, ANewDefinitionCountsAtOnce) {
  run([]() -> Task<> {
    WebServer server([](http::Exchange& exchange) -> Task<Result<>> {
      co_return co_await exchange.respond(200, "text/plain", "ok");
    });
    Fixture fixture(server.port());
    EXPECT_THAT(co_await fixture.result(R"({"m":1})"), HasSubstr("isError"));
    fixture.spec.definition = harmless_definition;
    EXPECT_THAT(co_await fixture.result(R"({"m":1})"), HasSubstr("ok"));
  });
}

TEST(Listing, HasTheOneDefinitionOrWhyItIsNotOffered) {
  routing::AdapterRoute route;
  route.name = "score";
  route.federated.emplace().tags = {"t"};
  model::ToolSpec spec{.definition = std::string(plain_definition)};
  route.tool = std::make_shared<const model::ToolSpec>(spec);
  const auto listing = listing_of(route);
  EXPECT_EQ(listing->definitions.at(0).name, "score");
  EXPECT_EQ(listing->definitions.at(0).json, plain_definition);
  EXPECT_EQ(listing->tags, route.federated->tags);
  spec.definition = R"({"name":"score"})";
  route.tool = std::make_shared<const model::ToolSpec>(spec);
  EXPECT_THAT(listing_of(route)->invalid.at(0).why, HasSubstr("inputSchema"));
}

}  // namespace
}  // namespace gw::tools
