#include "stdio/bridge.h"

#include <gmock/gmock.h>

#include "base/strings.h"
#include "http/server.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"
#include "stdio/fake_process.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::stdio {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view initialize =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}})";
constexpr std::string_view initialize_result = R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25"}})";

std::string call(std::string_view method, std::string_view id = "1") {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}"}})", id, method);
}
std::string modern_call(std::string_view method, std::string_view more = "") {
  return fmt::format(
      R"({{"jsonrpc":"2.0","id":1,"method":"{}","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":)"
      R"("2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}{}}}}})",
      method, more);
}

// A server of the legacy era. "quick" is answered, "progress" is answered after a notification, "ask" after a question
// of the server; "hang" never; "exit" ends it.
void legacy_server(FakeServer& self, const std::string& line) {
  const auto m = mcp::scan(line);
  if (!m) return;
  if (m->kind == mcp::Kind::response && m->id == "\"q\"")
    return self.say(R"({"jsonrpc":"2.0","id":1,"result":{"asked":true}})");
  if (m->kind != mcp::Kind::request) return;
  if (m->method == "initialize") {
    self.say("this server is starting");
    return self.say(mcp::result_response(m->id, R"({"protocolVersion":"2025-11-25"})"));
  }
  if (m->method == "quick") return self.say(mcp::result_response(m->id, "{}"));
  if (m->method == "progress") {
    self.say(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})");
    return self.say(mcp::result_response(m->id, "{}"));
  }
  if (m->method == "ask") return self.say(R"({"jsonrpc":"2.0","id":"q","method":"roots/list"})");
  if (m->method == "exit") return self.exit("it exited with status 3");
  if (m->method != "hang") self.say(mcp::error_response(m->id, mcp::code::method_not_found, "unknown method"));
}

// A server of the modern era.
void modern_server(FakeServer& self, const std::string& line) {
  const auto m = mcp::scan(line);
  if (!m || m->kind != mcp::Kind::request || m->method == "hang") return;
  if (m->method == "server/discover")
    return self.say(mcp::result_response(m->id, R"({"supportedVersions":["2026-07-28"]})"));
  if (m->method == "tools/list") return self.say(mcp::result_response(m->id, R"({"tools":[]})"));
  if (m->method == "subscriptions/listen") {
    return self.say(
        fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"_meta":)"
                    R"({{"io.modelcontextprotocol/subscriptionId":{}}}}}}})",
                    m->id));
  }
  self.say(mcp::error_response(m->id, mcp::code::method_not_found, "unknown method"));
}

// A bridge behind a server, and connections to it.
struct World {
  FakeStarter starter;
  Event changed;  // Pulsed when the health may have changed.
  Bridge bridge;
  http::ServerCounters counters;
  http::Server server;

  explicit World(FakeStarter::Script script, BridgeOptions options = {})
      : starter(std::move(script)),
        bridge(*Loop::current(), starter, options, [this] { changed.pulse(); }),
        server(*Loop::current(), bridge, {}, counters) {}

  std::unique_ptr<net::Stream> connect() {
    auto [near, far] = testing::stream_pair();
    server.serve(std::move(far), {.address = "local"});
    return std::move(near);
  }

  static std::string post_text(std::string_view body, std::string_view fields, std::string_view path) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}", path,
        body.size(), fields, body);
  }

  // A request whose answer ends, and the answer.
  Task<std::string> ask(std::string text) {
    const auto stream = connect();
    text.insert(text.find("\r\n") + 2, "Connection: close\r\n");
    co_await testing::send(*stream, text);
    co_return co_await testing::receive_all(*stream);
  }
  Task<std::string> post(std::string_view body, std::string fields = "", std::string path = "/mcp") {
    return ask(post_text(body, fields, path));
  }
  // A request whose answer lasts: the connection, after the request was sent.
  Task<std::unique_ptr<net::Stream>> begin(std::string text) {
    auto stream = connect();
    co_await testing::send(*stream, text);
    co_return stream;
  }

  // The header field for a new session.
  Task<std::string> open_session() {
    const std::string answer = co_await post(initialize);
    const auto at = answer.find("Mcp-Session-Id: ");
    EXPECT_NE(at, std::string::npos) << answer;
    co_return at == std::string::npos ? "" : answer.substr(at, answer.find("\r\n", at) + 2 - at);
  }
};

TEST(Bridge, InitializeOpensASessionWithAChildOfItsOwn) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string answer = co_await world.post(initialize);
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Type: application/json\r\n"),
                              HasSubstr("Mcp-Session-Id: "), EndsWith(initialize_result)));
    const std::string session = co_await world.open_session();
    EXPECT_EQ(world.bridge.sessions(), 2u);
    EXPECT_EQ(world.starter.servers.size(), 2u);
    EXPECT_THAT(world.starter.servers[0]->received, ElementsAre(initialize));
    const std::string quick = co_await world.post(call("quick"), session);
    EXPECT_THAT(quick, AllOf(StartsWith("HTTP/1.1 200 "), EndsWith(R"({"jsonrpc":"2.0","id":1,"result":{}})")));
  });
}

TEST(Bridge, LineBreaksBetweenTokensDoNotReachTheChild) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    co_await world.post("{\n\"jsonrpc\": \"2.0\",\r\n\"id\":1, \"method\":\"quick\"}", session);
    EXPECT_EQ(world.starter.servers[0]->received.back(), "{ \"jsonrpc\": \"2.0\",  \"id\":1, \"method\":\"quick\"}");
  });
}

TEST(Bridge, SessionsAreNamedOrRefused) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    EXPECT_THAT(co_await world.post(call("quick")), AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("send initialize")));
    EXPECT_THAT(co_await world.post(call("quick"), "Mcp-Session-Id: nonsense\r\n"), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(co_await world.ask("GET /mcp HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(co_await world.ask("PUT /mcp HTTP/1.1\r\nHost: b\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, POST, DELETE\r\n")));
    EXPECT_THAT(co_await world.ask("GET /other HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
    EXPECT_TRUE(world.starter.servers.empty());
  });
}

TEST(Bridge, MalformedMessagesAreRefusedWithTheirCode) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    EXPECT_THAT(co_await world.post("{", session), AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("-32700")));
    EXPECT_THAT(co_await world.post("{}", session), AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("-32600")));
    EXPECT_THAT(co_await world.post(call("quick"), session + "MCP-Protocol-Version: 1999-01-01\r\n"),
                StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(co_await world.post(call("quick"), session + "Accept: text/html\r\n"), StartsWith("HTTP/1.1 406 "));
    EXPECT_THAT(co_await world.ask("POST /mcp HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}"),
                StartsWith("HTTP/1.1 415 "));
  });
}

TEST(Bridge, DeleteEndsTheSessionAndItsChild) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    EXPECT_THAT(co_await world.ask("DELETE /mcp HTTP/1.1\r\nHost: b\r\n" + session + "\r\n"),
                StartsWith("HTTP/1.1 204 "));
    co_await world.starter.servers[0]->stop_seen;
    EXPECT_THAT(co_await world.post(call("quick"), session), StartsWith("HTTP/1.1 404 "));
  });
}

TEST(Bridge, WhatComesBeforeTheAnswerMakesItAStream) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    EXPECT_THAT(co_await world.post(call("progress"), session),
                AllOf(HasSubstr("Content-Type: text/event-stream\r\n"), HasSubstr("event: message\ndata: "),
                      HasSubstr("notifications/message"), HasSubstr(R"("id":1,"result":{})")));
    EXPECT_THAT(
        co_await world.post(call("progress"), session + "Accept: application/json\r\n"),
        AllOf(HasSubstr("Content-Type: application/json\r\n"), EndsWith(R"({"jsonrpc":"2.0","id":1,"result":{}})")));
  });
}

TEST(Bridge, NotificationsAndResponsesAreAccepted) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    const std::string note = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
    EXPECT_THAT(co_await world.post(note, session),
                AllOf(StartsWith("HTTP/1.1 202 "), HasSubstr("Content-Length: 0\r\n")));
    EXPECT_EQ(world.starter.servers[0]->received.back(), note);
    EXPECT_THAT(co_await world.post(R"({"jsonrpc":"2.0","id":77,"result":{}})", session), StartsWith("HTTP/1.1 202 "));
  });
}

TEST(Bridge, TheServersQuestionsGoOutOnTheCallAndTheAnswerMayComeOnAnotherConnection) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    const auto stream = co_await world.begin(World::post_text(call("ask"), session, "/mcp"));
    co_await testing::receive_until(*stream, "roots/list");
    EXPECT_THAT(co_await world.post(R"({"jsonrpc":"2.0","id":"q","result":{"roots":[]}})", session),
                StartsWith("HTTP/1.1 202 "));
    EXPECT_THAT(co_await testing::receive_until(*stream, "0\r\n\r\n"), HasSubstr(R"("result":{"asked":true})"));
  });
}

TEST(Bridge, UnsolicitedMessagesGoToTheStandaloneStream) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    const auto stream =
        co_await world.begin("GET /mcp HTTP/1.1\r\nHost: b\r\nAccept: text/event-stream\r\n" + session + "\r\n");
    co_await testing::receive_until(*stream, "keepalive");
    world.starter.servers[0]->say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
    co_await testing::receive_until(*stream, "list_changed");
  });
}

TEST(Bridge, SilentStreamsAreKeptAlive) {
  testing::run([]() -> Task<> {
    World world(legacy_server, {.keepalive = std::chrono::milliseconds(1)});
    const std::string session = co_await world.open_session();
    const auto stream = co_await world.begin(World::post_text(call("hang"), session, "/mcp"));
    const std::string received = co_await testing::receive_until(*stream, ": keepalive\n\n");
    EXPECT_THAT(received, HasSubstr("Content-Type: text/event-stream\r\n"));
  });
}

TEST(Bridge, WhenTheChildEndsItsCallsFailAndItsSessionsAreGone) {
  testing::run([]() -> Task<> {
    World world(legacy_server, {.adapter = "git"});
    const std::string session = co_await world.open_session();
    EXPECT_THAT(co_await world.post(call("exit"), session),
                AllOf(StartsWith("HTTP/1.1 200 "),
                      HasSubstr("adapter 'git': its server has ended before it answered: it exited with status 3")));
    EXPECT_THAT(co_await world.post(call("quick"), session), StartsWith("HTTP/1.1 404 "));
    const std::string again = co_await world.open_session();
    EXPECT_THAT(co_await world.post(call("quick"), again), StartsWith("HTTP/1.1 200 "));
  });
}

TEST(Bridge, AServerThatCannotStartIsSaidToAndLeftAloneForAWhile) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    world.starter.problem = "command 'nope' was not found in PATH";
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(co_await world.post(initialize), AllOf(StartsWith("HTTP/1.1 502 "), HasSubstr("'nope' was not found"),
                                                         Not(HasSubstr("Mcp-Session-Id"))));
    }
    EXPECT_THAT(co_await world.post(initialize),
                AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("failed to start 2 times")));
    EXPECT_EQ(world.bridge.health().state, process::InstanceState::backoff);
    EXPECT_EQ(world.bridge.sessions(), 0u);
  });
}

TEST(Bridge, FailedStartsStayInTheHealthUntilOneSucceeds) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    world.starter.problem = "no such command";
    co_await world.post(initialize);
    EXPECT_EQ(world.bridge.health().state, process::InstanceState::backoff);
    EXPECT_EQ(world.bridge.health().last_error, "the server has ended: no such command");
    world.starter.problem.clear();
    co_await world.open_session();
    EXPECT_EQ(world.bridge.health().state, process::InstanceState::ready);
    EXPECT_EQ(world.bridge.health().restarts, 1u);
  });
}

TEST(Bridge, ARefusedInitializeLeavesNoSession) {
  testing::run([]() -> Task<> {
    World world([](FakeServer& self, const std::string& line) {
      self.say(mcp::error_response(mcp::scan(line)->id, -32602, "unsupported"));
    });
    EXPECT_THAT(co_await world.post(initialize), AllOf(HasSubstr("unsupported"), Not(HasSubstr("Mcp-Session-Id"))));
    EXPECT_EQ(world.bridge.sessions(), 0u);
    co_await world.starter.servers[0]->stop_seen;
  });
}

TEST(Bridge, AClientThatLeavesBeforeInitializeIsAnsweredLeavesNoSession) {
  testing::run([]() -> Task<> {
    World world([](FakeServer&, const std::string&) {});
    auto stream = co_await world.begin(World::post_text(initialize, "", "/mcp"));
    while (world.starter.servers.empty()) co_await yield();
    stream.reset();
    co_await world.starter.servers[0]->stop_seen;
    EXPECT_EQ(world.bridge.sessions(), 0u);
  });
}

TEST(Bridge, SessionsAreLimited) {
  testing::run([]() -> Task<> {
    World world(legacy_server, {.max_sessions = 1});
    co_await world.open_session();
    EXPECT_THAT(co_await world.post(initialize), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("limits.maxSessions")));
  });
}

TEST(Bridge, UnusedSessionsEnd) {
  testing::run([]() -> Task<> {
    World world(legacy_server, {.idle_timeout = std::chrono::milliseconds(2)});
    co_await world.open_session();
    co_await world.starter.servers[0]->stop_seen;
    EXPECT_EQ(world.bridge.sessions(), 0u);
  });
}

TEST(Bridge, ASharedServerHasOneProcessForAllSessions) {
  testing::run([]() -> Task<> {
    World world(legacy_server, {.sharing = Sharing::shared});
    const std::string a = co_await world.open_session();
    const std::string b = co_await world.open_session();
    EXPECT_NE(a, b);
    EXPECT_EQ(world.starter.servers.size(), 1u);
    EXPECT_THAT(co_await world.post(call("quick", "\"x\""), a), EndsWith(R"({"jsonrpc":"2.0","id":"x","result":{}})"));
    EXPECT_THAT(co_await world.post(call("exit"), b), HasSubstr("exited with status 3"));
    EXPECT_THAT(co_await world.post(call("quick"), a), StartsWith("HTTP/1.1 404 "));
  });
}

TEST(Bridge, ASharedServerRunsBeforeAnyClientComesAndIsStartedAgain) {
  testing::run([]() -> Task<> {
    World world(legacy_server, {.sharing = Sharing::shared, .backoff = {.first = std::chrono::milliseconds(1)}});
    EXPECT_EQ(world.bridge.health().state, process::InstanceState::starting);
    while (world.bridge.health().state != process::InstanceState::ready) co_await world.changed;
    world.starter.servers[0]->exit("it exited with status 3");
    while (world.bridge.health().state == process::InstanceState::ready) co_await world.changed;
    EXPECT_EQ(world.bridge.health().state, process::InstanceState::backoff);
    EXPECT_EQ(world.bridge.health().last_error, "the server has ended: it exited with status 3");
    while (world.bridge.health().state != process::InstanceState::ready) co_await world.changed;
    EXPECT_EQ(world.starter.servers.size(), 2u);
    EXPECT_EQ(world.bridge.health().restarts, 1u);
  });
}

TEST(Bridge, ASharedServerThatNobodyUsesIsStoppedUntilSomebodyDoes) {
  testing::run([]() -> Task<> {
    World world(legacy_server, {.sharing = Sharing::shared, .idle_timeout = std::chrono::milliseconds(2)});
    while (world.starter.servers.empty()) co_await yield();
    co_await world.starter.servers[0]->stop_seen;
    EXPECT_EQ(world.bridge.health().state, process::InstanceState::ready);
    co_await world.open_session();
    EXPECT_GE(world.starter.servers.size(), 2u);
  });
}

TEST(Bridge, BatchesOfTheOldRevisionAreAnswered) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    const std::string batch = "[" + call("quick", "1") + "," + call("quick", "2") + "]";
    EXPECT_THAT(co_await world.post(batch, session),
                AllOf(HasSubstr(R"("id":1,"result")"), HasSubstr(R"("id":2,"result")")));
    EXPECT_THAT(co_await world.post("[" + std::string(R"({"jsonrpc":"2.0","method":"x"})") + "]", session),
                StartsWith("HTTP/1.1 202 "));
    EXPECT_THAT(co_await world.post(batch, session + "MCP-Protocol-Version: 2025-06-18\r\n"),
                StartsWith("HTTP/1.1 400 "));
  });
}

const std::string modern_fields = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: ";

TEST(Bridge, AModernClientOfALegacyServerIsToldToFallBack) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(co_await world.post(modern_call("tools/list"), modern_fields + "tools/list\r\n"),
                  AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr(R"("code":-32000)"), HasSubstr("send initialize")));
    }
    EXPECT_EQ(world.starter.servers.size(), 1u) << "the verdict is remembered";
    EXPECT_TRUE(world.starter.servers[0]->stopped);
  });
}

TEST(Bridge, AServerThatDoesNotAnswerTheProbeInTimeCountsAsLegacy) {
  testing::run([]() -> Task<> {
    World world([](FakeServer&, const std::string&) {}, {.probe_timeout = std::chrono::milliseconds(1)});
    EXPECT_THAT(co_await world.post(modern_call("tools/list"), modern_fields + "tools/list\r\n"),
                StartsWith("HTTP/1.1 400 "));
  });
}

TEST(Bridge, ModernRequestsShareOneProcessAndNeedNoSession) {
  testing::run([]() -> Task<> {
    World world(modern_server);
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(co_await world.post(modern_call("tools/list"), modern_fields + "tools/list\r\n"),
                  AllOf(StartsWith("HTTP/1.1 200 "), EndsWith(R"({"jsonrpc":"2.0","id":1,"result":{"tools":[]}})"),
                        Not(HasSubstr("Mcp-Session-Id"))));
    }
    EXPECT_EQ(world.starter.servers.size(), 2u) << "one for the probe, one for all requests";
    EXPECT_EQ(world.bridge.sessions(), 0u);
  });
}

TEST(Bridge, ModernRequestsAreCheckedAndUnknownMethodsAreNotFound) {
  testing::run([]() -> Task<> {
    World world(modern_server);
    EXPECT_THAT(co_await world.post(modern_call("tools/list"), modern_fields + "tools/call\r\n"),
                AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("-32020")));
    EXPECT_THAT(co_await world.post(modern_call("nope"), modern_fields + "nope\r\n"),
                AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("-32601")));
    EXPECT_THAT(
        co_await world.post(R"({"jsonrpc":"2.0","method":"notifications/x"})", modern_fields + "notifications/x\r\n"),
        StartsWith("HTTP/1.1 202 "));
  });
}

TEST(Bridge, ClosingAModernResponseCancelsTheRequest) {
  testing::run([]() -> Task<> {
    World world(modern_server);
    auto stream = co_await world.begin(World::post_text(modern_call("hang"), modern_fields + "hang\r\n", "/mcp"));
    while (world.starter.servers.size() < 2 || world.starter.servers[1]->received.empty()) co_await yield();
    stream.reset();
    co_await world.starter.servers[1]->heard;
    EXPECT_THAT(world.starter.servers[1]->received.back(), HasSubstr("notifications/cancelled"));
  });
}

TEST(Bridge, SubscriptionsStayOpen) {
  testing::run([]() -> Task<> {
    World world(modern_server);
    auto stream = co_await world.begin(World::post_text(modern_call("subscriptions/listen", R"(,"notifications":{})"),
                                                        modern_fields + "subscriptions/listen\r\n", "/mcp"));
    co_await testing::receive_until(*stream, "acknowledged");
    world.starter.servers[1]->say(
        R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1}}})");
    co_await testing::receive_until(*stream, "list_changed");
    world.server.drain([] {});
    EXPECT_THAT(co_await testing::receive_all(*stream), EndsWith("0\r\n\r\n")) << "draining ends it properly";
  });
}

TEST(Bridge, ServesTheOldTransportOnTwoPaths) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    auto stream = co_await world.begin("GET /sse HTTP/1.1\r\nHost: b\r\nAccept: text/event-stream\r\n\r\n");
    co_await testing::receive_until(*stream, "event: endpoint\ndata: ");
    std::string endpoint = co_await testing::receive_until(*stream, "\n\n");
    endpoint.resize(endpoint.size() - 2);
    EXPECT_THAT(endpoint, StartsWith("/messages?session_id="));
    EXPECT_THAT(co_await world.post(initialize, "", endpoint), StartsWith("HTTP/1.1 202 "));
    EXPECT_THAT(co_await testing::receive_until(*stream, std::string(initialize_result)),
                HasSubstr("event: message\ndata: "));
    EXPECT_THAT(co_await world.post(call("ask"), "", endpoint), StartsWith("HTTP/1.1 202 "));
    co_await testing::receive_until(*stream, "roots/list");
    const std::string id = endpoint.substr(endpoint.find('=') + 1);
    EXPECT_THAT(co_await world.post(call("quick"), "Mcp-Session-Id: " + id + "\r\n"), StartsWith("HTTP/1.1 404 "))
        << "not a session of Streamable HTTP";
    EXPECT_THAT(co_await world.post(initialize, "", "/messages"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(co_await world.post(initialize, "", "/messages?session_id=x"), StartsWith("HTTP/1.1 404 "));
    stream.reset();
    co_await world.starter.servers[0]->stop_seen;
    EXPECT_EQ(world.bridge.sessions(), 0u);
  });
}

TEST(Bridge, ALargeResultPassesWhole) {
  testing::run([]() -> Task<> {
    const std::string big(1 << 20, 'x');
    World world([&](FakeServer& self, const std::string& line) {
      const auto m = mcp::scan(line);
      if (m->method == "big")
        self.say(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})");
      self.say(mcp::result_response(m->id, m->method == "big" ? json_quote(big) : "{}"));
    });
    const std::string session = co_await world.open_session();
    const std::string answer = co_await world.post(call("big"), session);
    EXPECT_NE(answer.find(big), std::string::npos);
  });
}

TEST(Bridge, ShuttingDownEndsEverything) {
  testing::run([]() -> Task<> {
    World world(legacy_server);
    const std::string session = co_await world.open_session();
    co_await world.bridge.shut_down();
    EXPECT_EQ(world.bridge.processes(), 0u);
    EXPECT_TRUE(world.starter.servers[0]->stopped);
    EXPECT_THAT(co_await world.post(call("quick"), session), StartsWith("HTTP/1.1 503 "));
  });
}

}  // namespace
}  // namespace gw::stdio
