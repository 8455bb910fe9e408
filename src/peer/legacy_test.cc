// Calls to legacy servers over Streamable HTTP.
#include "peer/fake_server.h"
#include "peer/reaper.h"

namespace gw::peer {
namespace {

using testing::run;

TEST(LegacyCall, OpensASessionOnceAndPassesBytesThrough) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::result(exchange, r, R"({"big": 9007199254740993 , "unknown":[1,  2]})");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    for (int i = 0; i < 3; ++i) {
      const auto outcome =
          co_await peer.call(ask_for("tools/call", R"({"name":"x","arguments":{"n":1e400, "z" : 1}})"), events);
      EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
      EXPECT_EQ(outcome->result, R"({"big": 9007199254740993 , "unknown":[1,  2]})");
    }
    EXPECT_EQ(server.count("initialize"), 1u);
    EXPECT_EQ(server.count("notifications/initialized"), 1u);
    EXPECT_EQ(server.count("server/discover"), 1u);
    EXPECT_EQ(server.count("tools/call"), 3u);
    const Received call = server.received.back();
    EXPECT_EQ(call.params, R"({"name":"x","arguments":{"n":1e400, "z" : 1}})");
    EXPECT_EQ(call.session(), "s-1");
    EXPECT_EQ(call.fields.at("MCP-Protocol-Version"), "2025-11-25");
    EXPECT_EQ(call.fields.at("X-Forwarded-For"), "192.0.2.1");
    EXPECT_EQ(call.fields.at("Accept"), "application/json, text/event-stream");
    EXPECT_FALSE(call.fields.contains("Mcp-Method")) << "that is of the modern revision";
    std::set<std::string> ids;
    for (const Received& r : server.received) {
      if (r.method == "tools/call") ids.insert(r.id);
    }
    EXPECT_EQ(ids.size(), 3u) << "an id is used once in a session";
  });
}

TEST(LegacyCall, ManyAtOnceShareOneOpening) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    TaskGroup calls;
    int answered = 0;
    Event all;
    for (int i = 0; i < 20; ++i) {
      calls.spawn("call", [](RemotePeer& p, Events& e, int& n, Event& done) -> Task<> {
        const auto outcome = co_await p.call(ask_for("tools/call"), e);
        EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
        if (++n == 20) done.set();
      }(peer, events, answered, all));
    }
    co_await all;
    EXPECT_EQ(server.count("initialize"), 1u);
    EXPECT_EQ(server.count("server/discover"), 1u);
  });
}

TEST(LegacyCall, AFailedOpeningFailsEverybodyWhoWaitedOnce) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["initialize"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 200, -32603, "out of order");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    TaskGroup calls;
    int answered = 0;
    Event all;
    for (int i = 0; i < 10; ++i) {
      calls.spawn("call", [](RemotePeer& p, Events& e, int& n, Event& done) -> Task<> {
        const auto outcome = co_await p.call(ask_for("tools/call"), e);
        EXPECT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().code(), Errc::upstream);
        EXPECT_NE(outcome.error().message().find("out of order"), std::string::npos) << outcome.error().message();
        EXPECT_NE(outcome.error().message().find("'a'"), std::string::npos) << outcome.error().message();
        if (++n == 10) done.set();
      }(peer, events, answered, all));
    }
    co_await all;
    EXPECT_LE(server.count("initialize"), 2u);
  });
}

TEST(LegacyCall, PrincipalsAndCapabilitiesDoNotShareSessions) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto session_of = [&](ClientPtr client) -> Task<std::string> {
      const auto outcome = co_await peer.call(ask_for("tools/call", "{}", client), events);
      EXPECT_TRUE(outcome.has_value());
      co_return server.received.back().session();
    };
    const std::string ann = co_await session_of(client_of("ann", R"({"roots":{},"sampling":{}})"));
    EXPECT_EQ(co_await session_of(client_of("ann", R"({ "sampling" : {}, "roots":{} })")), ann)
        << "the same capabilities in another order";
    EXPECT_NE(co_await session_of(client_of("ann", R"({"roots":{}})")), ann);
    EXPECT_NE(co_await session_of(client_of("bob", R"({"roots":{},"sampling":{}})")), ann);
    const Received first = co_await server.until_received("initialize");
    EXPECT_EQ(mcp::json_member(first.params, "capabilities"), R"({"roots":{},"sampling":{}})");

    auto route = World::route_to(server);
    route->session_per_client = true;
    world.routes.apply({.set = {route}});
    auto one = std::make_shared<Client>(*client_of("ann", R"({"roots":{},"sampling":{}})"));
    one->session = "down-1";
    auto other = std::make_shared<Client>(*one);
    other->session = "down-2";
    const std::string of_one = co_await session_of(one);
    EXPECT_NE(co_await session_of(other), of_one);
    EXPECT_EQ(co_await session_of(one), of_one);
  });
}

TEST(LegacyCall, ALostSessionIsOpenedAgainWithItsLogLevel) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    Ask noisy = ask_for("tools/call");
    noisy.log_level = "info";
    (void)co_await peer.call(noisy, events);
    EXPECT_EQ(server.count("logging/setLevel"), 1u);
    server.sessions.clear();
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_EQ(server.count("initialize"), 2u);
    EXPECT_EQ(server.received.back().session(), "s-2");
    const Received level = co_await server.until_received("logging/setLevel", 2);
    EXPECT_EQ(level.session(), "s-2");
    EXPECT_EQ(level.params, R"({"level":"info"})");
    EXPECT_EQ(world.counters.sessions_lost.get(), 1u);
  });
}

TEST(LegacyCall, SomeServersSayInWordsThatTheSessionIsLost) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    (void)co_await peer.call(ask_for("tools/list"), events);
    int refused = 0;
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      if (refused++ == 0) {
        co_return co_await FakeServer::json(
            exchange, 400, mcp::error_response("null", -32000, "Bad Request: No valid session ID provided"));
      }
      co_return co_await FakeServer::result(exchange, r, R"({"ok":true})");
    };
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value());
    EXPECT_EQ(server.count("initialize"), 2u);
  });
}

TEST(LegacyCall, AnEndpointThatIsGoneTakesItsSessionsAlong) {
  run([]() -> Task<> {
    FakeServer before(Dialect::legacy);
    FakeServer after(Dialect::legacy);
    World world;
    world.set(before, "start-1");
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    (void)co_await peer.call(ask_for("tools/call"), events);
    world.set(after, "start-2");
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value());
    EXPECT_EQ(before.count("tools/call"), 1u);
    EXPECT_EQ(after.count("tools/call"), 1u);
  });
}

// The server takes the call and closes the connection.
TEST(LegacyCall, OnlyWhatIsHarmlessIsSentTwice) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [](http::Exchange& exchange, Received) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_return co_await stream.close();
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto once = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_EQ(once.error().code(), Errc::upstream);
    EXPECT_EQ(server.count("tools/call"), 1u);
    Ask harmless = ask_for("tools/call");
    harmless.repeatable = true;
    const auto twice = co_await peer.call(harmless, events);
    EXPECT_EQ(twice.error().code(), Errc::upstream);
    EXPECT_EQ(server.count("tools/call"), 3u);
  });
}

TEST(LegacyCall, WhatComesBeforeTheAnswerIsPassedOn) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      const std::string token(mcp::json_member(mcp::json_member(r.params, "_meta"), "progressToken"));
      FakeStream stream(exchange);
      co_await stream.open();
      co_await stream.event(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + token +
                            R"(,"progress":1,"total":2.50}})");
      co_await stream.event(
          R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":99,"progress":1}})");
      co_await stream.event(
          R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"debug","data":"low"}})");
      co_await stream.event(
          R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":"high"}})");
      co_await stream.event(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
      co_await stream.event(mcp::result_response(r.id, R"({"done":1})"));
      co_return co_await stream.close();
    };
    World world;
    world.set(server);
    std::vector<std::string> changes;
    world.shared.on_change = [&](std::string_view adapter, std::string_view method) {
      changes.push_back(fmt::format("{} {}", adapter, method));
    };
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    Ask ask = ask_for("tools/call", R"({"name":"x","_meta":{"mine":1}})");
    ask.wants_progress = true;
    ask.log_level = "warning";
    const auto outcome = co_await peer.call(ask, events);
    EXPECT_EQ(outcome->result, R"({"done":1})");
    EXPECT_THAT(events.notifications,
                ::testing::ElementsAre(R"(notifications/progress {"progress":1,"total":2.50})",
                                       R"(notifications/message {"level":"error","data":"high"})"));
    EXPECT_THAT(changes, ::testing::ElementsAre("a notifications/tools/list_changed"));
    const Received call = co_await server.until_received("tools/call");
    EXPECT_EQ(call.params, fmt::format(R"({{"name":"x","_meta":{{"mine":1,"progressToken":{}}}}})", call.id));
  });
}

TEST(LegacyCall, RequestsOfTheServerAreAnsweredInTheSameSession) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_await stream.event(R"({"jsonrpc":"2.0","id":"p-1","method":"ping"})");
      co_await stream.event(
          R"({"jsonrpc":"2.0","id":"q-1","method":"elicitation/create","params":{"message":"who?"}})");
      co_await server.until([&] {
        return std::ranges::count_if(server.received, [](const Received& a) { return a.method.empty(); }) == 2;
      });
      co_await stream.event(mcp::result_response(r.id, R"({"done":1})"));
      co_return co_await stream.close();
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    events.reply = R"({"action":"accept","content":{"n":1.0}})";
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_THAT(events.requests, ::testing::ElementsAre(R"(elicitation/create {"message":"who?"})"));
    std::vector<std::string> answers;
    for (const Received& r : server.received) {
      if (!r.method.empty()) continue;
      answers.push_back(r.body);
      EXPECT_EQ(r.session(), "s-1");
    }
    EXPECT_THAT(answers, ::testing::UnorderedElementsAre(
                             R"({"jsonrpc":"2.0","id":"p-1","result":{}})",
                             R"({"jsonrpc":"2.0","id":"q-1","result":{"action":"accept","content":{"n":1.0}}})"));
  });
}

TEST(LegacyCall, ADeclinedRequestOfTheServerIsAnError) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_await stream.event(R"({"jsonrpc":"2.0","id":7,"method":"roots/list"})");
      co_await server.until(
          [&] { return std::ranges::any_of(server.received, [](auto& a) { return a.method.empty(); }); });
      co_await stream.event(mcp::result_response(r.id, "{}"));
      co_return co_await stream.close();
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    events.reply = std::unexpected(Events::Declined{-32601, "no roots", "{}"});
    (void)co_await peer.call(ask_for("tools/call"), events);
    const auto answer = std::ranges::find_if(server.received, [](auto& a) { return a.method.empty(); });
    EXPECT_EQ(answer->body, R"({"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"no roots","data":{}}})");
  });
}

TEST(LegacyCall, GivingUpTellsTheServer) {
  run([]() -> Task<> {
    Event never_answered;
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [&](http::Exchange& exchange, Received) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_await never_answered;
      co_return co_await stream.close();
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    Received call;
    {
      TaskGroup group;
      group.spawn("call", [](RemotePeer& p, Events& e) -> Task<> {
        (void)co_await p.call(ask_for("tools/call"), e);
      }(peer, events));
      call = co_await server.until_received("tools/call");
    }
    const Received cancelled = co_await server.until_received("notifications/cancelled");
    EXPECT_EQ(mcp::json_member(cancelled.params, "requestId"), call.id);
    EXPECT_EQ(cancelled.session(), "s-1");
    EXPECT_EQ(world.counters.cancelled.get(), 1u);
  });
}

TEST(LegacyCall, AHandshakeThatNobodyWaitsForIsDoneByTheNext) {
  run([]() -> Task<> {
    Event never_answered;
    FakeServer server(Dialect::legacy);
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    server.on["initialize"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      if (server.count("initialize") == 1) co_await never_answered;
      co_return co_await server.handshake(exchange, r);
    };
    const auto call = [](RemotePeer& p, Events& e, Event& done) -> Task<> {
      const auto outcome = co_await p.call(ask_for("tools/call"), e);
      EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
      done.set();
    };
    Event left;
    Event done;
    TaskGroup stays;
    {
      TaskGroup leaves;
      leaves.spawn("leaves", call(peer, events, left));
      co_await server.until_received("initialize");
      stays.spawn("stays", call(peer, events, done));
      co_await yield();
    }
    co_await done;
    EXPECT_FALSE(left.is_set());
    EXPECT_EQ(server.count("initialize"), 2u);
    EXPECT_EQ(server.count("notifications/cancelled"), 0u) << "initialize is never cancelled";
  });
}

TEST(LegacyCall, GoesOnWithAStreamThatTheServerBrokeOff) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    SteadyTime closed;
    std::string call_id;
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      call_id = r.id;
      FakeStream stream(exchange);
      co_await stream.open();
      co_await stream.raw("id: ev-1\nretry: 50\ndata:\n\n");
      closed = steady_now();
      co_return co_await stream.close();
    };
    server.on["GET"] = [&](http::Exchange& exchange, Received) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      if (server.count("GET") == 1) {
        co_await stream.event(R"({"jsonrpc":"2.0","method":"notifications/other","params":{}})", "ev-2");
        co_return co_await stream.close();
      }
      co_await stream.event(mcp::result_response(call_id, R"({"late":true})"), "ev-3");
      co_return co_await stream.close();
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    if (!outcome) co_return;
    EXPECT_EQ(outcome->result, R"({"late":true})");
    EXPECT_EQ((co_await server.until_received("GET", 1)).fields.at("Last-Event-ID"), "ev-1");
    EXPECT_EQ((co_await server.until_received("GET", 2)).fields.at("Last-Event-ID"), "ev-2");
    EXPECT_GE(steady_now() - closed, std::chrono::milliseconds(50)) << "retry is honoured";
    EXPECT_EQ(server.count("tools/call"), 1u);
    EXPECT_EQ(world.counters.resumed.get(), 2u);
  });
}

TEST(LegacyCall, ErrorsOfTheServerAreOutcomes) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["resources/read"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 200, -32002, "no such thing", R"({"uri":"x:1"})");
    };
    server.on["tools/call"] = [](http::Exchange& exchange, Received) -> Task<Result<>> {
      co_return co_await FakeServer::json(exchange, 200, "this is not JSON");
    };
    server.on["prompts/get"] = [](http::Exchange& exchange, Received) -> Task<Result<>> {
      co_return co_await exchange.respond(401, "text/plain", "");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto read = co_await peer.call(ask_for("resources/read"), events);
    EXPECT_EQ(read->failed->code, -32002);
    EXPECT_EQ(read->failed->message, "no such thing");
    EXPECT_EQ(read->failed->data, R"({"uri":"x:1"})");
    EXPECT_EQ((co_await peer.call(ask_for("tools/call"), events)).error().code(), Errc::upstream);
    EXPECT_EQ((co_await peer.call(ask_for("prompts/get"), events)).error().code(), Errc::forbidden);
    EXPECT_EQ((co_await RemotePeer(world.outbound, "b").call(ask_for("tools/call"), events)).error().code(),
              Errc::not_found);
  });
}

TEST(LegacyCall, SeveralDocumentsInOneBodyAreSeveralMessages) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::json(
          exchange, 200,
          R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}})"
          "\n" +
              mcp::result_response(r.id, "{\n \"a\": {\n}\n}") + "\n");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_EQ(outcome->result, "{\n \"a\": {\n}\n}");
  });
}

TEST(LegacyCall, AnAnswerThatIsTooLargeIsRefused) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::result(exchange, r, "\"" + std::string(5'000, 'x') + "\"");
    };
    World world({.max_message = 4'000});
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_EQ(outcome.error().code(), Errc::upstream);
    EXPECT_NE(outcome.error().message().find("4000"), std::string::npos) << outcome.error().message();
  });
}

TEST(LegacyCall, ACallThatTakesTooLongEndsAndIsCancelled) {
  run([]() -> Task<> {
    Event never_answered;
    FakeServer server(Dialect::legacy);
    server.on["tools/call"] = [&](http::Exchange& exchange, Received) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_await never_answered;
      co_return Result<>();
    };
    World world;
    auto route = World::route_to(server);
    route->call_timeout = std::chrono::milliseconds(200);
    world.routes.apply({.set = {route}});
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_EQ(outcome.error().code(), Errc::timeout);
    co_await server.until_received("notifications/cancelled");
  });
}

TEST(Sessions, IdleOnesAreEndedOnTheirServers) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    World world({.session_idle_timeout = Duration::zero()});
    world.set(server);
    Reaper reaper(world.outbound);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    (void)co_await peer.call(ask_for("tools/call", "{}", client_of("ann")), events);
    (void)co_await peer.call(ask_for("tools/call", "{}", client_of("bob")), events);
    co_await reaper.reap();
    EXPECT_EQ(server.count("DELETE"), 2u);
    EXPECT_EQ(world.shared.sessions.size(), 0u);
    co_await reaper.reap();
    EXPECT_EQ(server.count("DELETE"), 2u) << "each is ended once";
  });
}

TEST(Sessions, AFullTableGivesUpTheOneThatWasNotUsedForLongest) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    World world({.max_sessions = 2});
    world.set(server);
    Reaper reaper(world.outbound);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    for (const char* user : {"ann", "bob", "ann", "cid"}) {
      (void)co_await peer.call(ask_for("tools/call", "{}", client_of(user)), events);
    }
    EXPECT_EQ(world.shared.sessions.size(), 2u);
    co_await reaper.reap();
    EXPECT_EQ(server.count("DELETE"), 1u);
    EXPECT_EQ((co_await server.until_received("DELETE")).session(), "s-2") << "bob's";
    EXPECT_EQ(server.count("initialize"), 3u);
  });
}

}  // namespace
}  // namespace gw::peer
