// Calls to modern servers, and finding out which kind a server is.
#include "peer/fake_server.h"

namespace gw::peer {
namespace {

using testing::run;

std::string meta_of(const Received& r, std::string_view member) {
  return std::string(
      mcp::json_member(mcp::json_member(r.params, "_meta"), "io.modelcontextprotocol/" + std::string(member)));
}

TEST(ModernCall, CarriesEnvelopeAndHeadersThatAgree) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::result(
          exchange, r, R"({"resultType":"input_required","requestState":"a\/b","inputRequests":{ }})");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    Ask ask = ask_for("tools/call", R"({"name":"gr\u00fc\u00dfe","arguments":{"n":9007199254740993}})",
                      client_of("ann", R"({"elicitation":{"form":{}}})"));
    ask.name = "grüße";
    ask.extra_fields = "Mcp-Param-Region: eu\r\n";
    ask.identity_fields = "X-Mcp-UserId: ann\r\n";
    ask.request_id = "req-1";
    ask.log_level = "info";
    ask.wants_progress = true;
    const auto outcome = co_await peer.call(ask, events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_EQ(outcome->result, R"({"resultType":"input_required","requestState":"a\/b","inputRequests":{ }})");
    const Received call = server.received.back();
    EXPECT_EQ(call.fields.at("MCP-Protocol-Version"), "2026-07-28");
    EXPECT_EQ(call.fields.at("Mcp-Method"), "tools/call");
    EXPECT_EQ(call.fields.at("Mcp-Name"), "=?base64?Z3LDvMOfZQ==?=");
    EXPECT_EQ(call.fields.at("Mcp-Param-Region"), "eu");
    EXPECT_EQ(call.fields.at("X-Mcp-UserId"), "ann");
    EXPECT_EQ(call.fields.at("X-Request-Id"), "req-1");
    EXPECT_FALSE(call.fields.contains("Mcp-Session-Id"));
    EXPECT_TRUE(call.params.starts_with(R"({"name":"gr\u00fc\u00dfe","arguments":{"n":9007199254740993},"_meta":{)"))
        << call.params;
    EXPECT_EQ(meta_of(call, "protocolVersion"), R"("2026-07-28")");
    EXPECT_EQ(meta_of(call, "clientCapabilities"), R"({"elicitation":{"form":{}}})");
    EXPECT_EQ(meta_of(call, "clientInfo"), R"({"name":"mcp-gateway","version":"0"})");
    EXPECT_EQ(meta_of(call, "logLevel"), R"("info")");
    EXPECT_EQ(mcp::json_member(mcp::json_member(call.params, "_meta"), "progressToken"), call.id);
    EXPECT_EQ(server.count("initialize"), 0u);
    EXPECT_EQ(server.count("server/discover"), 1u);
    const auto about = co_await peer.about(ask);
    EXPECT_EQ(about->instructions, "be kind");
    EXPECT_EQ(about->capabilities, server.capabilities);
  });
}

TEST(ModernCall, GivingUpClosesTheStreamAndSaysNothing) {
  run([]() -> Task<> {
    Event never_answered;
    FakeServer server(Dialect::modern);
    server.on["tools/call"] = [&](http::Exchange& exchange, Received) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_await never_answered;
      co_return Result<>();
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    {
      TaskGroup group;
      group.spawn("call", [](RemotePeer& p, Events& e) -> Task<> {
        (void)co_await p.call(ask_for("tools/call"), e);
      }(peer, events));
      co_await server.until_received("tools/call");
    }
    co_await server.stopped;
    EXPECT_EQ(server.count("notifications/cancelled"), 0u);
    EXPECT_EQ(server.count("tools/call"), 1u);
  });
}

TEST(ModernCall, NotificationsOfTheStreamArePassedOn) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_await stream.event(
          R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":)" + r.id +
          "}}");
      co_await stream.event(R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})");
      co_await stream.event(mcp::result_response(r.id, R"({"resultType":"complete"})"));
      co_return co_await stream.close();
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    Ask ask = ask_for("tools/call");
    ask.wants_progress = true;
    const auto outcome = co_await peer.call(ask, events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_THAT(events.notifications, ::testing::ElementsAre(R"(notifications/progress {"progress":1})"));
    EXPECT_TRUE(events.requests.empty()) << "a modern server asks nothing of its own";
  });
}

TEST(ModernCall, ARefusedVersionIsCorrectedOnce) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    int refusals = 1;
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      if (refusals-- > 0) {
        co_return co_await FakeServer::error(exchange, r, 400, -32022, "not this one",
                                             R"({"supported":["2026-07-28"],"requested":"2026-07-28"})");
      }
      co_return co_await FakeServer::result(exchange, r, R"({"ok":1})");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_EQ(outcome->result, R"({"ok":1})");
    EXPECT_EQ(server.count("server/discover"), 2u);
    refusals = 100;
    const auto refused = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_EQ(refused->failed->code, -32022);
    EXPECT_EQ(refusals, 98);
  });
}

TEST(ModernCall, HeadersThatDoNotFitMakeTheListOld) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 400, -32020, "Mcp-Param-Region is missing");
    };
    World world;
    world.set(server);
    std::vector<std::string> changes;
    world.shared.on_change = [&](std::string_view adapter, std::string_view method) {
      changes.push_back(fmt::format("{} {}", adapter, method));
    };
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    EXPECT_EQ((co_await peer.call(ask_for("tools/call"), events))->failed->code, -32020);
    EXPECT_EQ(server.count("tools/call"), 2u);
    EXPECT_EQ(changes.at(0), "a notifications/tools/list_changed");
  });
}

TEST(ModernCall, ErrorsComeWithAnyStatus) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 400, -32021, "no",
                                           R"({"requiredCapabilities":{"sampling":{}}})");
    };
    server.on["prompts/get"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 404, -32601, "no such method");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto lacking = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_EQ(lacking->failed->code, -32021);
    EXPECT_EQ(lacking->failed->data, R"({"requiredCapabilities":{"sampling":{}}})");
    EXPECT_EQ((co_await peer.call(ask_for("prompts/get"), events))->failed->code, -32601);
    EXPECT_EQ(server.count("tools/call"), 1u);
    EXPECT_EQ(server.count("initialize"), 0u) << "its 404 says nothing about sessions";
  });
}

TEST(AnyCall, AResultThatIsNoObjectIsTheServersFault) {
  for (const Dialect dialect : {Dialect::modern, Dialect::legacy}) {
    run([dialect]() -> Task<> {
      FakeServer server(dialect);
      server.on["tools/call"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
        co_return co_await FakeServer::result(exchange, r, "[]");
      };
      World world;
      world.set(server);
      RemotePeer peer(world.outbound, "a");
      HeardEvents events;
      const auto outcome = co_await peer.call(ask_for("tools/call", "{}", client_of("ann")), events);
      EXPECT_FALSE(outcome.has_value());
      if (!outcome) {
        EXPECT_EQ(outcome.error().code(), Errc::upstream);
        EXPECT_EQ(outcome.error().message(), "adapter 'a': the server's result is not an object");
      }
    });
  }
}

// --- Which dialect ---

TEST(Detection, RecognisesAModernServerByItsRefusals) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    server.on["server/discover"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 400, -32021, "capabilities first");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    EXPECT_TRUE((co_await peer.call(ask_for("tools/call"), events)).has_value());
    EXPECT_EQ(server.count("initialize"), 0u);
  });
}

TEST(Detection, AServerWithoutACommonRevisionIsSpokenToWithAHandshake) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);
    server.needs_session = false;
    server.on["server/discover"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 400, -32022, "not this one",
                                           R"({"supported":["2027-01-01"],"requested":"2026-07-28"})");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    EXPECT_TRUE((co_await peer.call(ask_for("tools/call"), events)).has_value());
    EXPECT_EQ(server.received.back().session(), "s-1");
  });
}

TEST(Detection, AnOverloadedServerSaysNothingAboutItsEra) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    bool overloaded = true;
    server.on["server/discover"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      if (overloaded) co_return co_await exchange.respond(503, "text/plain", "");
      co_return co_await FakeServer::result(exchange, r, R"({"supportedVersions":["2026-07-28"],"capabilities":{}})");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    EXPECT_EQ((co_await peer.call(ask_for("tools/call"), events)).error().code(), Errc::unavailable);
    EXPECT_EQ(server.count("initialize"), 0u);
    overloaded = false;
    EXPECT_TRUE((co_await peer.call(ask_for("tools/call"), events)).has_value());
  });
}

TEST(Detection, AServerThatKeepsSilentToTheQuestionMayStillShakeHands) {
  run([]() -> Task<> {
    Event never_answered;
    FakeServer server(Dialect::legacy);
    server.needs_session = false;
    server.on["server/discover"] = [&](http::Exchange&, Received) -> Task<Result<>> {
      co_await never_answered;
      co_return Result<>();
    };
    World world({.probe_timeout = std::chrono::milliseconds(300)});
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_EQ(server.received.back().session(), "s-1");
  });
}

TEST(Detection, AServerThatChangesItsEraIsNoticed) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    EXPECT_TRUE((co_await peer.call(ask_for("tools/call"), events)).has_value());
    server.dialect = Dialect::legacy;
    EXPECT_TRUE((co_await peer.call(ask_for("tools/call"), events)).has_value());
    EXPECT_EQ(server.received.back().session(), "s-1");
    server.dialect = Dialect::modern;
    world.shared.sessions.remove_adapter("uid-a");
    EXPECT_TRUE((co_await peer.call(ask_for("tools/call"), events)).has_value());
    EXPECT_EQ(server.received.back().session(), "");
  });
}

TEST(Detection, AVerdictExpires) {
  run([]() -> Task<> {
    FakeServer server(Dialect::modern);
    World world({.era_lifetime = Duration::zero()});
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    for (int i = 0; i < 3; ++i) (void)co_await peer.call(ask_for("tools/call"), events);
    EXPECT_EQ(server.count("server/discover"), 3u);
  });
}

TEST(Detection, ThoseWhoWaitedForARefusedHandshakeFallBackAsWell) {
  run([]() -> Task<> {
    FakeServer server(Dialect::sse);
    World world;
    auto route = World::route_to(server);
    route->endpoints[0].path = "/sse";
    world.routes.apply({.set = {route}});
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    TaskGroup calls;
    int answered = 0;
    Event all;
    for (int i = 0; i < 5; ++i) {
      calls.spawn("call", [](RemotePeer& p, Events& e, int& n, Event& done) -> Task<> {
        const auto outcome = co_await p.call(ask_for("tools/call"), e);
        EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
        if (++n == 5) done.set();
      }(peer, events, answered, all));
    }
    co_await all;
  });
}

TEST(Detection, FallsBackToTheStreamWhereTheHandshakeIsRefused) {
  run([]() -> Task<> {
    FakeServer server(Dialect::sse);
    World world;
    auto route = World::route_to(server);
    route->endpoints[0].path = "/sse";  // Answers 404 to every POST.
    world.routes.apply({.set = {route}});
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_EQ((co_await peer.about(ask_for("")))->dialect, Dialect::sse);
  });
}

// --- HTTP+SSE ---

TEST(StreamSession, AnswersFindTheirCalls) {
  run([]() -> Task<> {
    FakeServer server(Dialect::sse);
    std::vector<Received> calls;
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      calls.push_back(r);
      if (calls.size() == 2) {
        const std::string session = r.fields["session"];
        server.say(session, fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/progress","params":)"
                                        R"({{"progressToken":{},"progress":3}}}})",
                                        calls[0].id));
        for (const Received& call : {calls[1], calls[0]}) {
          server.say(session, mcp::result_response(call.id, call.params));
        }
      }
      co_return co_await exchange.respond(202, "text/plain", "");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents first_events;
    HeardEvents second_events;
    TaskGroup group;
    Event done;
    int answered = 0;
    const auto call = [&](const char* params, HeardEvents& events) -> Task<> {
      Ask ask = ask_for("tools/call", params);
      ask.wants_progress = true;
      const auto outcome = co_await peer.call(ask, events);
      EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
      EXPECT_EQ(mcp::json_member(outcome->result, "name"), mcp::json_member(params, "name"));
      if (++answered == 2) done.set();
    };
    group.spawn("first", call(R"({"name":"one"})", first_events));
    co_await server.until([&] { return calls.size() == 1; });
    group.spawn("second", call(R"({"name":"two"})", second_events));
    co_await done;
    EXPECT_EQ(server.count("initialize"), 1u);
    EXPECT_THAT(first_events.notifications, ::testing::ElementsAre(R"(notifications/progress {"progress":3})"));
    EXPECT_TRUE(second_events.notifications.empty());
    EXPECT_EQ(server.count("server/discover"), 0u);
  });
}

TEST(StreamSession, RequestsOfTheServerGoToTheOnlyCall) {
  run([]() -> Task<> {
    FakeServer server(Dialect::sse);
    std::string waiting;
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      waiting = r.id;
      server.say(r.fields["session"],
                 R"({"jsonrpc":"2.0","id":"q","method":"sampling/createMessage","params":{"n":1}})");
      server.say(r.fields["session"], R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
      co_return co_await exchange.respond(202, "text/plain", "");
    };
    server.on[""] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      if (r.body.find(R"("id":"q")") != std::string::npos) {
        server.say(r.fields["session"], mcp::result_response(waiting, R"({"done":1})"));
      }
      co_return co_await exchange.respond(202, "text/plain", "");
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    events.reply = R"({"role":"assistant"})";
    const auto outcome = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_THAT(events.requests, ::testing::ElementsAre(R"(sampling/createMessage {"n":1})"));
    co_await server.until([&] {
      return std::ranges::any_of(server.received,
                                 [](auto& r) { return r.body == R"({"jsonrpc":"2.0","id":"p","result":{}})"; });
    });
  });
}

TEST(StreamSession, EndsWithItsStreamAndIsOpenedAgain) {
  run([]() -> Task<> {
    FakeServer server(Dialect::sse);
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    EXPECT_TRUE((co_await peer.call(ask_for("tools/call"), events)).has_value());
    server.hang_up("e-1");
    const auto again = co_await peer.call(ask_for("tools/call"), events);
    EXPECT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(server.count("initialize"), 2u);
  });
}

TEST(StreamSession, ACallWhoseStreamEndsFailsUnlessTwiceIsHarmless) {
  run([]() -> Task<> {
    FakeServer server(Dialect::sse);
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      const auto sent = co_await exchange.respond(202, "text/plain", "");
      if (server.count("tools/call") == 3) {
        server.say(r.fields["session"], mcp::result_response(r.id, R"({"ok":1})"));
      } else {
        server.hang_up(r.fields["session"]);
      }
      co_return sent;
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    HeardEvents events;
    EXPECT_EQ((co_await peer.call(ask_for("tools/call"), events)).error().code(), Errc::unavailable);
    EXPECT_EQ(server.count("tools/call"), 1u);
    Ask harmless = ask_for("tools/call");
    harmless.repeatable = true;
    const auto outcome = co_await peer.call(harmless, events);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_EQ(server.count("tools/call"), 3u);
  });
}

}  // namespace
}  // namespace gw::peer
