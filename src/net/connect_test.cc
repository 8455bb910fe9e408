#include "net/connect.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include "net/acceptor.h"
#include "net/fd_stream.h"
#include "testing/run.h"

namespace gw::net {
namespace {

TEST(Connect, ReachesAListenerAndNamesWhatRefuses) {
  BlockingPool pool(1);
  testing::run([&]() -> Task<> {
    Resolver resolver(pool);
    auto sockets = listen_on({"127.0.0.1", 0}, 1);
    EXPECT_TRUE(sockets.has_value());
    const HostPort where = sockets->bound;
    Event accepted;
    std::unique_ptr<Stream> served;
    auto acceptor =
        std::make_unique<Acceptor>(*Loop::current(), sockets->fds[0], [&](int fd, const SocketAddress& peer) {
          EXPECT_TRUE(peer.loopback());
          served = std::make_unique<FdStream>(*Loop::current(), fd);
          accepted.set();
        });
    const auto taken = listen_on(where, 1);
    EXPECT_EQ(taken.error().code(), Errc::conflict);

    ConnectOptions options{.address = {"localhost", where.port}};
    auto stream = co_await connect(resolver, options);
    EXPECT_TRUE(stream.has_value());
    co_await accepted;
    acceptor.reset();

    auto refused = co_await connect(resolver, options);
    EXPECT_EQ(refused.error().code(), Errc::unavailable);
    EXPECT_NE(refused.error().message().find(to_string(options.address)), std::string::npos);
    options.address.host = "no-such-host.invalid";
    auto unknown = co_await connect(resolver, options);
    EXPECT_EQ(unknown.error().code(), Errc::unavailable);
  });
}

// Takes connections on 127.0.0.1 as long as it lives.
struct Listener {
  ListenSockets sockets = *listen_on({"127.0.0.1", 0}, 1);
  std::vector<std::unique_ptr<Stream>> accepted;
  Acceptor acceptor{*Loop::current(), sockets.fds[0], [this](int fd, const SocketAddress&) {
                      accepted.push_back(std::make_unique<FdStream>(*Loop::current(), fd));
                    }};

  std::uint16_t port() const { return sockets.bound.port; }
};

// An address whose connections are never completed: its queue is full and nobody accepts.
class DeadAddress {
 public:
  DeadAddress() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, generic, length), 0);
    EXPECT_EQ(::listen(listener_, 0), 0);
    EXPECT_EQ(::getsockname(listener_, generic, &length), 0);
    address_ = SocketAddress(generic, length);
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      EXPECT_TRUE(::connect(filler, generic, length) == 0 || errno == EINPROGRESS);
    }
  }
  ~DeadAddress() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }
  const SocketAddress& address() const { return address_; }

 private:
  int listener_ = -1;
  std::array<int, 4> fillers_{};
  SocketAddress address_;
};

std::shared_ptr<const EgressRules> rules(const std::vector<std::string>& allow) {
  return std::make_shared<const EgressRules>(EgressRules::make(allow, {}, false).value());
}

TEST(Connect, GoesOnToTheNextAddressWhenTheFirstIsSilent) {
  testing::run([]() -> Task<> {
    const DeadAddress dead;
    Listener listener;
    std::vector<SocketAddress> addresses{dead.address(), *SocketAddress::from_numeric("127.0.0.1", listener.port())};
    const ConnectOptions options{.address = {"two.example", 80}, .timeout = std::chrono::seconds(2)};
    const auto begun = steady_now();
    auto stream = co_await connect(addresses, options);
    EXPECT_TRUE(stream.has_value());
    EXPECT_GE(steady_now() - begun, std::chrono::seconds(1)) << "the first address was not silent";

    const ConnectOptions hasty{.address = {"dead.example", 80}, .timeout = std::chrono::milliseconds(50)};
    auto late = co_await connect(std::vector<SocketAddress>{dead.address()}, hasty);
    EXPECT_EQ(late.error().code(), Errc::timeout);
    EXPECT_EQ(late.error().message(), "cannot connect to dead.example:80: no answer within 50 ms");
  });
}

TEST(Connect, ConnectsToNoAddressThatIsDenied) {
  BlockingPool pool(1);
  testing::run([&]() -> Task<> {
    Resolver resolver(pool);
    Listener listener;
    for (const char* host : {"localhost", "127.0.0.1", "0x7f.1", "::ffff:127.0.0.1"}) {
      ConnectOptions options{.address = {host, listener.port()}, .egress = rules({})};
      auto denied = co_await connect(resolver, options);
      EXPECT_EQ(denied.error().code(), Errc::forbidden) << host;
      EXPECT_NE(denied.error().message().find("egress.allow"), std::string::npos) << denied.error().message();
      options.egress = rules({"127.0.0.1"});
      auto allowed = co_await connect(resolver, options);
      EXPECT_TRUE(allowed.has_value()) << host;
    }
    while (listener.accepted.size() < 4) co_await yield();
    EXPECT_EQ(listener.accepted.size(), 4u) << "only allowed connections were made";
  });
}

TEST(Connect, PassesOverDeniedAddressesOnTheWayToAnAllowedOne) {
  testing::run([]() -> Task<> {
    Listener listener;
    const auto at = [&](const char* host) { return *SocketAddress::from_numeric(host, listener.port()); };
    const ConnectOptions options{.address = {"mixed.example", 80}, .egress = rules({"127.0.0.1"})};
    auto stream = co_await connect(std::vector{at("10.0.0.1"), at("169.254.169.254"), at("127.0.0.1")}, options);
    EXPECT_TRUE(stream.has_value());
    auto denied = co_await connect(std::vector{at("10.0.0.1"), at("169.254.169.254")}, options);
    EXPECT_EQ(denied.error().code(), Errc::forbidden);
  });
}

}  // namespace
}  // namespace gw::net
