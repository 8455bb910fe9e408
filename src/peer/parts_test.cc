// The parts that need no server: texts, turns, tables. And all of it over several threads.
#include <atomic>

#include "peer/fake_server.h"
#include "peer/incoming.h"
#include "peer/request_text.h"
#include "runtime/workers.h"

namespace gw::peer {
namespace {

using testing::run;

TEST(RequestText, PutsMetadataBehindWhatIsThere) {
  const auto text = [](std::string_view params, std::string meta) {
    const RequestText request(7, "tools/call", params, std::move(meta));
    const std::string whole = request.whole();
    EXPECT_TRUE(mcp::scan(whole)) << whole;
    return std::string(mcp::json_member(whole, "params"));
  };
  EXPECT_EQ(text("{}", ""), "{}");
  EXPECT_EQ(text("{ }", R"("k":1)"), R"({ "_meta":{"k":1}})");
  EXPECT_EQ(text(R"({"a":1 })", R"("k":1)"), R"({"a":1 ,"_meta":{"k":1}})");
  EXPECT_EQ(text(R"({"_meta":{},"a":1})", R"("k":1)"), R"({"_meta":{"k":1},"a":1})");
  EXPECT_EQ(text(R"({"a":"_meta"})", R"("k":1)"), R"({"a":"_meta","_meta":{"k":1}})");
  EXPECT_EQ(text(R"({"a":{"_meta":{"x":2}}})", R"("k":1)"), R"({"a":{"_meta":{"x":2}},"_meta":{"k":1}})");
  EXPECT_EQ(text(R"({"\u005fmeta":{"x":2}})", R"("k":1)"), R"({"\u005fmeta":{"x":2,"k":1}})") << "the same name";
  const std::string large(1'000, 'x');
  EXPECT_EQ(text(R"({"a":")" + large + R"(","_meta":{"x":2},"z":"_meta"})", R"("k":1)"),
            R"({"a":")" + large + R"(","_meta":{"x":2,"k":1},"z":"_meta"})");
}

TEST(RequestText, LeavesMembersOut) {
  EXPECT_EQ(without_member(R"({"a":1, "b" : [1,  2],"c":3})", "a"), R"({"b":[1,  2],"c":3})");
  EXPECT_EQ(without_member(R"({"a":1})", "a"), "{}");
  EXPECT_EQ(without_member(R"({"a":1})", "b"), R"({"a":1})");
}

TEST(SessionTable, GivesOutWhatIsIdleButNotWhatIsUsed) {
  const Options options{.session_idle_timeout = std::chrono::seconds(10)};
  SessionTable table(options);
  const auto route = std::make_shared<routing::AdapterRoute>();
  route->endpoints.emplace_back();
  const auto session = [&] {
    return std::make_shared<Session>(route, route->endpoints[0], "s", std::make_shared<const ServerInfo>());
  };
  const SessionKey ann{.adapter_uid = "u", .user = "ann", .capabilities = "{}", .client = ""};
  const SessionKey bob{.adapter_uid = "u", .user = "bob", .capabilities = "{}", .client = ""};
  const SteadyTime start{};
  table.put(ann, session(), start);
  SessionPtr used = session();
  table.put(bob, used, start);
  EXPECT_TRUE(table.take_ended(start + std::chrono::seconds(9), 10).empty());
  EXPECT_EQ(table.take_ended(start + std::chrono::seconds(10), 10).size(), 1u);
  EXPECT_EQ(table.find(ann, start), nullptr);
  EXPECT_EQ(table.find(bob, start), used);
  table.remove_adapter("u");
  EXPECT_EQ(table.size(), 0u);
  EXPECT_TRUE(table.take_ended(start, 10).empty()) << "what is under way ends first";
  used.reset();
  EXPECT_EQ(table.take_ended(start, 10).size(), 1u);
}

TEST(Flights, TheNextInLineTakesOverFromOneThatGivesUp) {
  run([]() -> Task<> {
    Flights flights;
    std::vector<std::string> order;
    Event done;
    const auto fly = [&](std::string name) -> Task<> {
      while (true) {
        auto turn = co_await flights.take_turn("key");
        EXPECT_TRUE(turn.has_value());
        if (!*turn) continue;
        order.push_back(name);
        if (order.size() == 2) done.set();
        co_return;
      }
    };
    TaskGroup group;
    {
      auto mine = co_await flights.take_turn("key");
      EXPECT_TRUE(mine->has_value());
      group.spawn("one", fly("one"));
      group.spawn("two", fly("two"));
      co_await yield();
      EXPECT_TRUE(order.empty());
      auto unrelated = co_await flights.take_turn("other");
      EXPECT_TRUE(unrelated->has_value());
    }
    co_await done;
    EXPECT_THAT(order, ::testing::UnorderedElementsAre("one", "two"));
  });
}

TEST(Flights, AFailureIsSharedByThoseWhoWait) {
  run([]() -> Task<> {
    Flights flights;
    std::optional<Error> error;
    Event done;
    TaskGroup group;
    {
      auto mine = co_await flights.take_turn("key");
      group.spawn("waits", [](Flights& f, std::optional<Error>& e, Event& d) -> Task<> {
        const auto turn = co_await f.take_turn("key");
        if (!turn) e = turn.error();
        d.set();
      }(flights, error, done));
      (*mine)->failed(Error(Errc::timeout, "too slow"));
    }
    co_await done;
    EXPECT_EQ(error, Error(Errc::timeout, "too slow"));
    auto fresh = co_await flights.take_turn("key");
    EXPECT_TRUE(fresh->has_value()) << "the next one tries for itself";
  });
}

// What a worker has, made and destroyed on its thread.
struct Worker {
  BlockingPool blocking{1};
  net::Resolver resolver{blocking};
  upstream::PoolCounters pool_counters;
  upstream::Pool pool{resolver, {}, pool_counters};
  routing::RouteTable routes;
  Counters counters;
  Outbound outbound;
  NoEvents nobody;
  TaskGroup tasks;

  Worker(Shared& shared, routing::RoutePtr route) : outbound(routes, pool, shared, counters) {
    routes.apply({.set = {std::move(route)}});
  }
};

// Calls from three threads at once: one session, and each answer to its own call.
void call_from_all_threads(Dialect dialect) {
  run([dialect]() -> Task<> {
    constexpr std::size_t threads = 3;
    constexpr int calls = 20;
    FakeServer server(dialect);
    server.on["tools/call"] = [&](http::Exchange& exchange, Received r) -> Task<Result<>> {
      const std::string result = fmt::format("{{\"n\":{}}}", mcp::json_member(r.params, "n"));
      if (server.dialect != Dialect::sse) co_return co_await FakeServer::result(exchange, r, result);
      server.say(r.fields["session"], mcp::result_response(r.id, result));
      co_return co_await exchange.respond(202, "text/plain", "");
    };
    World world;  // The home of shared streams.
    const auto route = World::route_to(server);
    Workers workers(threads);
    std::vector<std::unique_ptr<Worker>> all(threads);
    std::atomic<int> right = 0;
    std::atomic<int> ended = 0;
    Event done;
    Loop& home = *Loop::current();
    workers.start();
    workers.post_to_all([&](std::size_t index) {
      all[index] = std::make_unique<Worker>(world.shared, route);
      for (int n = 0; n < calls; ++n) {
        const std::string text = fmt::format("{{\"n\":{}}}", index * 1'000 + static_cast<std::size_t>(n));
        all[index]->tasks.spawn(
            "call", [](Worker& worker, std::string value, auto& good, auto& count, Event& event, Loop& loop) -> Task<> {
              RemotePeer peer(worker.outbound, "a");
              const auto outcome = co_await peer.call(ask_for("tools/call", value), worker.nobody);
              if (outcome && outcome->result == value) ++good;
              if (++count == static_cast<int>(threads) * calls) loop.post([&event] { event.set(); });
            }(*all[index], text, right, ended, done, home));
      }
    });
    co_await done;
    EXPECT_EQ(right, static_cast<int>(threads) * calls);
    EXPECT_EQ(server.count("initialize"), 1u);
    std::atomic<std::size_t> destroyed = 0;
    Event gone;
    workers.post_to_all([&](std::size_t index) {
      all[index].reset();
      if (++destroyed == threads) home.post([&gone] { gone.set(); });
    });
    co_await gone;
    workers.stop();
  });
}

TEST(Threads, ShareASessionOfALegacyServer) {
  call_from_all_threads(Dialect::legacy);
}

TEST(Threads, ShareTheStreamOfASession) {
  call_from_all_threads(Dialect::sse);
}

}  // namespace
}  // namespace gw::peer
