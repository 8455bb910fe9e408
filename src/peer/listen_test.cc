// Hearing of what belongs to no call.
#include "peer/fake_server.h"

namespace gw::peer {
namespace {

using testing::run;

struct Ears final : Listener {
  std::vector<Interest> honoured;
  std::vector<std::string> said;
  std::optional<Result<>> ended;
  Event changed;

  void listening(const Interest& interest) override {
    honoured.push_back(interest);
    changed.pulse();
  }
  void heard(std::string_view method, std::string_view params) override {
    said.push_back(fmt::format("{} {}", method, params));
    changed.pulse();
  }
  Task<> until(std::function<bool()> holds) {
    while (!holds()) co_await changed;
  }
};

Task<> listen(RemotePeer& peer, Interest interest, Ears& ears) {
  ears.ended = co_await peer.listen(ask_for(""), interest, ears);
  ears.changed.pulse();
}

const Interest everything{.tools = true, .prompts = true, .resources = true, .uris = {"x:1"}};

// A GET stream of a legacy server that says what it is told.
struct Announcements {
  std::deque<std::string> texts;
  Event more;
  bool open = true;
  std::string opening;  // Raw.

  void say(std::string text) {
    texts.push_back(std::move(text));
    more.pulse();
  }
  void close() {
    open = false;
    more.pulse();
  }
  FakeServer::Handler handler() {
    return [this](http::Exchange& exchange, Received) -> Task<Result<>> {
      open = true;
      FakeStream stream(exchange);
      co_await stream.open();
      if (!opening.empty()) co_await stream.raw(opening);
      while (open) {
        while (!texts.empty()) {
          co_await stream.event(texts.front());
          texts.pop_front();
        }
        if (open) co_await more;
      }
      co_return co_await stream.close();
    };
  }
};

TEST(Listen, OneStreamServesAllListenersOfASession) {
  run([]() -> Task<> {
    Announcements stream;
    FakeServer server(Dialect::legacy);
    server.capabilities = R"({"tools":{"listChanged":true},"prompts":{},"resources":{"subscribe":true}})";
    server.on["GET"] = stream.handler();
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    Ears one;
    Ears other;
    {
      TaskGroup first;
      first.spawn("listen", listen(peer, everything, one));
      co_await one.until([&] { return !one.honoured.empty(); });
      EXPECT_EQ(one.honoured[0], (Interest{.tools = true, .uris = {"x:1"}})) << "what the server is able to tell";
      {
        TaskGroup second;
        second.spawn("listen", listen(peer, everything, other));
        co_await other.until([&] { return !other.honoured.empty(); });
        stream.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
        stream.say(R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x:1"}})");
        co_await one.until([&] { return one.said.size() == 2; });
        co_await other.until([&] { return other.said.size() == 2; });
        EXPECT_EQ(one.said, other.said);
        EXPECT_EQ(one.said[1], R"(notifications/resources/updated {"uri":"x:1"})");
        EXPECT_EQ(server.count("GET"), 1u);
      }
      co_await yield();
      EXPECT_EQ(server.count("resources/unsubscribe"), 0u) << "the first still wants it";
    }
    const Received gone = co_await server.until_received("resources/unsubscribe");
    EXPECT_EQ(gone.params, R"({"uri":"x:1"})");
    stream.close();
  });
}

TEST(Listen, TheStreamEndsWithItsLastListener) {
  run([]() -> Task<> {
    Announcements stream;
    FakeServer server(Dialect::legacy);
    server.on["GET"] = stream.handler();
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    Ears ears;
    {
      TaskGroup group;
      group.spawn("listen", listen(peer, everything, ears));
      co_await ears.until([&] { return !ears.honoured.empty(); });
    }
    co_await server.stopped;
    EXPECT_TRUE(stream.open) << "it was the gateway that closed it";
  });
}

TEST(Listen, AStreamThatBreaksOffIsTakenUpAgain) {
  run([]() -> Task<> {
    Announcements stream;
    stream.opening = "id: 41\nretry: 100\ndata:\n\n";
    FakeServer server(Dialect::legacy);
    server.on["GET"] = stream.handler();
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    Ears ears;
    TaskGroup group;
    group.spawn("listen", listen(peer, everything, ears));
    co_await ears.until([&] { return !ears.honoured.empty(); });
    stream.close();
    co_await ears.until([&] { return ears.honoured.size() == 2; });
    EXPECT_EQ((co_await server.until_received("GET", 2)).fields.at("Last-Event-ID"), "41");
    stream.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
    co_await ears.until([&] { return ears.said.size() == 1; });
    EXPECT_FALSE(ears.ended);
  });
}

TEST(Listen, ALostSessionEndsTheListening) {
  run([]() -> Task<> {
    Announcements stream;
    stream.opening = "retry: 100\n\n";
    FakeServer server(Dialect::legacy);
    server.on["GET"] = stream.handler();
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    Ears ears;
    TaskGroup group;
    group.spawn("listen", listen(peer, everything, ears));
    co_await ears.until([&] { return !ears.honoured.empty(); });
    server.sessions.clear();
    stream.close();
    co_await ears.until([&] { return ears.ended.has_value(); });
    EXPECT_FALSE(ears.ended->has_value());
    Ears again;
    group.spawn("listen", listen(peer, everything, again));
    co_await again.until([&] { return !again.honoured.empty(); });
    EXPECT_EQ(server.count("initialize"), 2u);
  });
}

TEST(Listen, SaysWhenTheServerOffersNoStream) {
  run([]() -> Task<> {
    FakeServer server(Dialect::legacy);  // Answers 405.
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    Ears ears;
    const auto ended = co_await peer.listen(ask_for(""), everything, ears);
    EXPECT_EQ(ended.error().code(), Errc::unsupported);
    const auto nothing = co_await peer.listen(ask_for(""), {.prompts = true}, ears);
    EXPECT_EQ(nothing.error().code(), Errc::unsupported) << "a capability that the server does not have";
    EXPECT_EQ(server.count("GET"), 1u);
  });
}

TEST(Listen, ServerRequestsThatNobodyAskedForAreAnswered) {
  run([]() -> Task<> {
    Announcements stream;
    FakeServer server(Dialect::legacy);
    server.on["GET"] = stream.handler();
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    Ears ears;
    TaskGroup group;
    group.spawn("listen", listen(peer, everything, ears));
    co_await ears.until([&] { return !ears.honoured.empty(); });
    stream.say(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
    stream.say(R"({"jsonrpc":"2.0","id":2,"method":"roots/list"})");
    const auto answered = [&](std::string_view text) {
      return std::ranges::any_of(server.received, [&](auto& r) {
        return r.method.empty() && r.session() == "s-1" && r.body.find(text) != std::string::npos;
      });
    };
    co_await server.until(
        [&] { return answered(R"("id":1,"result":{})") && answered(R"("id":2,"error":{"code":-32602)"); });
  });
}

TEST(Listen, AModernServerIsAskedForWhatIsWanted) {
  run([]() -> Task<> {
    Event end;
    FakeServer server(Dialect::modern);
    server.capabilities = R"({"tools":{"listChanged":true},"resources":{"subscribe":true}})";
    server.on["subscriptions/listen"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      const std::string meta = R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + r.id;
      co_await stream.event(
          R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":)"
          R"({"toolsListChanged":true},)" +
          meta + "}}}");
      co_await stream.event(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{)" + meta +
                            "}}}");
      co_await stream.event(R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x:1",)" +
                            meta + R"(,"k":1}}})");
      co_await end;
      co_await stream.event(mcp::result_response(r.id, R"({"resultType":"complete"})"));
      co_return co_await stream.close();
    };
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    Ears ears;
    TaskGroup group;
    group.spawn("listen", listen(peer, everything, ears));
    co_await ears.until([&] { return ears.said.size() == 2; });
    EXPECT_EQ(ears.honoured, (std::vector<Interest>{{.tools = true}}));
    EXPECT_THAT(ears.said, ::testing::ElementsAre("notifications/tools/list_changed {}",
                                                  R"(notifications/resources/updated {"uri":"x:1","_meta":{"k":1}})"));
    const Received asked = co_await server.until_received("subscriptions/listen");
    EXPECT_EQ(mcp::json_member(asked.params, "notifications"),
              R"({"toolsListChanged":true,"resourceSubscriptions":["x:1"]})");
    end.set();
    co_await ears.until([&] { return ears.ended.has_value(); });
    EXPECT_TRUE(ears.ended->has_value()) << "the server ended it in good order";
  });
}

TEST(Listen, AStreamSessionTellsAsWell) {
  run([]() -> Task<> {
    FakeServer server(Dialect::sse);
    World world;
    world.set(server);
    RemotePeer peer(world.outbound, "a");
    Ears ears;
    TaskGroup group;
    group.spawn("listen", listen(peer, everything, ears));
    co_await ears.until([&] { return !ears.honoured.empty(); });
    server.say("e-1", R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
    co_await ears.until([&] { return ears.said.size() == 1; });
    server.hang_up("e-1");
    co_await ears.until([&] { return ears.ended.has_value(); });
    EXPECT_FALSE(ears.ended->has_value());
  });
}

}  // namespace
}  // namespace gw::peer
