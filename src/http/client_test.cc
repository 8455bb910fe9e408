#include <gtest/gtest.h>

#include "http/client_connection.h"
#include "runtime/event.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::http {
namespace {

constexpr Duration patience = std::chrono::seconds(5);

struct Connected {
  std::unique_ptr<net::Stream> server;
  std::unique_ptr<ClientConnection> client;

  Connected() {
    auto [near, far] = testing::stream_pair();
    client = std::make_unique<ClientConnection>(std::move(near), ParserLimits{});
    server = std::move(far);
  }

  Task<Result<std::string>> ask(std::string answer) {
    const std::array<std::string_view, 2> pieces{"GET / HTTP/1.1\r\n", "Host: u\r\n\r\n"};
    GW_CO_TRY_OK(co_await client->send(pieces, patience));
    co_await testing::send(*server, std::move(answer));
    GW_CO_TRY_OK(co_await client->read_head(false, patience));
    std::string body;
    while (true) {
      GW_CO_TRY(const std::string_view part, co_await client->read_body(patience));
      if (part.empty()) co_return body;
      body += part;
    }
  }
};

TEST(ClientConnection, CarriesSeveralExchanges) {
  testing::run([]() -> Task<> {
    Connected connected;
    auto first = co_await connected.ask(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\n\r\nhi");
    EXPECT_EQ(first, "hi");
    EXPECT_TRUE(connected.client->reusable());
    EXPECT_EQ(connected.client->keep_alive_hint(), std::chrono::seconds(5));
    auto second = co_await connected.ask(
        "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n");
    EXPECT_EQ(second, "abc");
    EXPECT_EQ(connected.client->trailers(), "X-T: 1\r\n");
    EXPECT_EQ(connected.client->head().status, 202);
    EXPECT_TRUE(connected.client->reusable());
  });
}

TEST(ClientConnection, HandsOutChunksThatCameTogetherAsOnePart) {
  testing::run([]() -> Task<> {
    Connected connected;
    const std::array<std::string_view, 1> request{"GET / HTTP/1.1\r\n\r\n"};
    co_await connected.client->send(request, patience);
    co_await testing::send(*connected.server,
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=1\r\ndefg\r\n2\r\nh");
    EXPECT_TRUE((co_await connected.client->read_head(false, patience)).has_value());
    auto first = co_await connected.client->read_body(patience);
    EXPECT_EQ(*first, "abcdefgh");
    co_await testing::send(*connected.server, "i\r\n1\r\nj\r\nnonsense\r\n");
    auto second = co_await connected.client->read_body(patience);
    EXPECT_EQ(*second, "ij");
    auto third = co_await connected.client->read_body(patience);
    EXPECT_EQ(third.error().code(), Errc::upstream);
    EXPECT_FALSE(connected.client->reusable());
  });
}

TEST(ClientConnection, IsNotReusedAfterAnythingOdd) {
  testing::run([]() -> Task<> {
    for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
                               "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"}) {
      Connected connected;
      auto body = co_await connected.ask(answer);
      EXPECT_EQ(body, "");
      EXPECT_FALSE(connected.client->reusable()) << answer;
    }
  });
}

TEST(ClientConnection, SaysWhatWentWrong) {
  testing::run([]() -> Task<> {
    Connected garbage;
    auto nonsense = co_await garbage.ask("SSH-2.0-OpenSSH\r\n\r\n");
    EXPECT_EQ(nonsense.error().code(), Errc::upstream);

    Connected cut;
    const std::array<std::string_view, 1> request{"GET / HTTP/1.1\r\n\r\n"};
    co_await cut.client->send(request, patience);
    co_await testing::send(*cut.server, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    cut.server.reset();
    EXPECT_TRUE((co_await cut.client->read_head(false, patience)).has_value());
    auto half = co_await cut.client->read_body(patience);
    EXPECT_EQ(*half, "half");
    auto rest = co_await cut.client->read_body(patience);
    EXPECT_EQ(rest.error().code(), Errc::upstream);
    EXPECT_FALSE(cut.client->reusable());

    Connected silent;
    co_await silent.client->send(request, patience);
    auto late = co_await silent.client->read_head(false, std::chrono::milliseconds(1));
    EXPECT_EQ(late.error().code(), Errc::timeout);

    Connected closed;
    co_await closed.client->send(request, patience);
    closed.server.reset();
    auto gone = co_await closed.client->read_head(false, patience);
    EXPECT_EQ(gone.error().code(), Errc::cancelled);
  });
}

}  // namespace
}  // namespace gw::http
