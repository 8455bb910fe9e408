#include "upstream/pool.h"

#include <gtest/gtest.h>

#include "net/acceptor.h"
#include "net/fd_stream.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::upstream {
namespace {

constexpr Duration patience = std::chrono::seconds(5);

// An upstream in this process whose far ends the test holds.
struct World {
  BlockingPool blocking{1};
  net::Resolver resolver{blocking};
  PoolCounters counters;
  std::vector<std::unique_ptr<net::Stream>> accepted;
  Event arrived;
  routing::Endpoint endpoint;
  Pool pool;

  explicit World(PoolOptions options = {}) : pool(resolver, options, counters) {
    endpoint.id = "e";
    endpoint.inproc =
        std::make_shared<net::InprocListener>(*Loop::current(), [this](std::unique_ptr<net::Stream> stream) {
          accepted.push_back(std::move(stream));
          arrived.set();
        });
  }

  Task<> exchange(std::string answer) {
    auto lease = co_await pool.acquire(endpoint, patience);
    const std::array<std::string_view, 1> request{"GET / HTTP/1.1\r\nHost: u\r\n\r\n"};
    co_await (*lease)->send(request, patience);
    co_await arrived;
    co_await testing::send(*accepted.back(), answer);
    const auto head = co_await (*lease)->read_head(false, patience);
    EXPECT_TRUE(head.has_value());
    const auto body = co_await (*lease)->read_body(patience);
    EXPECT_TRUE(body.has_value());
  }
};

TEST(Pool, ReusesAConnectionWhoseExchangeIsComplete) {
  testing::run([]() -> Task<> {
    World world;
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(world.pool.idle(), 1u);
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(world.counters.opened.get(), 1u);
    EXPECT_EQ(world.counters.reused.get(), 1u);
  });
}

TEST(Pool, ClosesAConnectionThatIsGivenUpHalfway) {
  testing::run([]() -> Task<> {
    World world;
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf");
    EXPECT_EQ(world.pool.idle(), 0u);
    EXPECT_EQ(co_await testing::receive_all(*world.accepted[0]), "GET / HTTP/1.1\r\nHost: u\r\n\r\n");
  });
}

TEST(Pool, SharesConnectionsBetweenEndpointsOfOneOrigin) {
  testing::run([]() -> Task<> {
    World world;
    const auto sockets = net::listen_on({"127.0.0.1", 0}, 1);
    net::Acceptor acceptor(*Loop::current(), sockets->fds[0], [&](int fd, const net::SocketAddress&) {
      world.accepted.push_back(std::make_unique<net::FdStream>(*Loop::current(), fd));
      world.arrived.set();
    });
    world.endpoint = {.id = "one", .address = sockets->bound};
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    world.endpoint.id = "other";
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(world.counters.opened.get(), 1u);
    EXPECT_EQ(world.pool.idle(), 1u);
    world.pool.forget("one");
    EXPECT_EQ(world.pool.idle(), 1u);
    world.pool.forget("other");
    EXPECT_EQ(world.pool.idle(), 0u);
  });
}

TEST(Pool, AsksTheEgressRulesOfEachEndpointAndTellsStrangersNoAddress) {
  testing::run([]() -> Task<> {
    World world;
    const auto sockets = net::listen_on({"127.0.0.1", 0}, 1);
    net::Acceptor acceptor(*Loop::current(), sockets->fds[0], [&](int fd, const net::SocketAddress&) {
      world.accepted.push_back(std::make_unique<net::FdStream>(*Loop::current(), fd));
      world.arrived.set();
    });
    world.endpoint = {.id = "of the file", .address = {"localhost", sockets->bound.port}};
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(world.pool.idle(), 1u);

    routing::Endpoint guarded = world.endpoint;
    guarded.id = "of the API";
    guarded.egress = std::make_shared<const net::EgressRules>();
    const auto denied = co_await world.pool.acquire(guarded, patience);
    EXPECT_FALSE(denied.has_value()) << "the idle connection of an endpoint without rules was taken";
    EXPECT_EQ(denied.error().code(), Errc::upstream);
    EXPECT_EQ(denied.error().message(), "the gateway may not connect to the address of this server; its log says why");
    EXPECT_EQ(world.counters.denied.get(), 1u);

    guarded.id = "of the API, allowed";
    guarded.egress = std::make_shared<const net::EgressRules>(net::EgressRules::make({}, {}, true).value());
    EXPECT_TRUE((co_await world.pool.acquire(guarded, patience)).has_value());
  });
}

TEST(Pool, ForgetsConnectionsThatTheUpstreamCloses) {
  testing::run([]() -> Task<> {
    World world;
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    world.accepted.clear();
    while (world.pool.idle() > 0) co_await yield();
  });
}

TEST(Pool, DoesNotReuseAConnectionOnWhichSomethingCameUnasked) {
  testing::run([]() -> Task<> {
    World world;
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    co_await testing::send(*world.accepted[0], "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    co_await yield();
    co_await yield();
    EXPECT_FALSE((co_await world.pool.acquire(world.endpoint, patience))->reused());
    EXPECT_EQ(world.counters.opened.get(), 2u);
  });
}

TEST(Pool, HonoursTheKeepAliveTimeOfTheUpstream) {
  testing::run([]() -> Task<> {
    World world;
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=1\r\n\r\n");
    EXPECT_EQ(world.pool.idle(), 0u) << "a connection that may close any moment is not kept";
  });
}

TEST(Pool, ClosesWhatBelongsToAnEndpointThatIsGone) {
  testing::run([]() -> Task<> {
    World world;
    co_await world.exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    world.pool.forget("e");
    EXPECT_EQ(world.pool.idle(), 0u);
    co_await testing::receive_all(*world.accepted[0]);
  });
}

}  // namespace
}  // namespace gw::upstream
