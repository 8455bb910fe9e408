#include "http/server.h"

#include <gtest/gtest.h>

#include "runtime/event.h"
#include "runtime/race.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::http {
namespace {

using testing::receive_all;
using testing::receive_until;
using testing::send;

// Answers by path: what each test needs.
class Example final : public Service {
 public:
  Task<Result<>> handle(Exchange& exchange) override {
    const std::string_view path = exchange.request().path;
    if (path == "/echo") {
      GW_CO_TRY(const std::string body, co_await exchange.read_whole_body(1 << 20));
      co_return co_await exchange.respond(200, "text/plain", body);
    }
    if (path == "/chunks") {
      exchange.start(200, std::nullopt);
      GW_CO_TRY_OK(co_await exchange.write("one", Last::no));
      GW_CO_TRY_OK(co_await exchange.write("two", Last::no));
      co_return co_await exchange.write("", Last::yes);
    }
    if (path == "/hang") {
      struct Gone {
        Example& self;
        ~Gone() { self.cancelled.set(); }
      } const gone{*this};
      exchange.on_drain([this] { told_to_drain = true; });
      hanging.set();
      Event forever;
      co_await forever;
    }
    if (path == "/break") {
      exchange.start(200, std::nullopt);
      GW_CO_TRY_OK(co_await exchange.write("half", Last::no));
      co_return fail(Errc::upstream, "no more");
    }
    if (path == "/break-early") {
      exchange.start(200, 5);
      co_return fail(Errc::upstream, "nothing at all");
    }
    if (path == "/until-drained") {
      struct Draining {
        std::vector<int> told{0};
      } draining;
      exchange.on_drain([&draining] { ++draining.told.at(0); });
      hanging.set();
      Event forever;
      co_await forever;
    }
    if (path == "/empty") co_return co_await exchange.respond(204, "", "");
    if (path == "/until") {
      hanging.set();
      co_await release;
      co_return co_await exchange.respond(200, "text/plain", "released");
    }
    co_return fail(Errc::not_found, "there is nothing at {}", path);
  }

  Event hanging;
  Event cancelled;
  Event release;
  bool told_to_drain = false;
};

struct Served {
  Example service;
  ServerCounters counters;
  Server server;
  std::unique_ptr<net::Stream> client;

  explicit Served(ServerOptions options = {}) : server(*Loop::current(), service, options, counters) {
    auto [near, far] = testing::stream_pair();
    client = std::move(near);
    server.serve(std::move(far), {.address = "local"});
  }
  // Sends `wire`, of which the last request asks to close, and gives everything that is answered.
  Task<std::string> talk(std::string wire) {
    co_await send(*client, wire);
    co_return co_await receive_all(*client);
  }
};

std::string without_date(std::string text) {
  for (auto at = text.find("Date: "); at != std::string::npos; at = text.find("Date: ")) {
    text.erase(at, text.find("\r\n", at) + 2 - at);
  }
  return text;
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  testing::run([]() -> Task<> {
    Served served;
    const std::string answer = co_await served.talk(
        "POST /echo HTTP/1.1\r\nHost: g\r\nContent-Length: 3\r\n\r\nabc"
        "GET /chunks HTTP/1.1\r\nHost: g\r\n\r\n"
        "HEAD /echo HTTP/1.1\r\nHost: g\r\n\r\n"
        "GET /empty HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(without_date(answer),
              "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n\r\nabc"
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type: text/plain\r\n\r\n"
              "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find("Date: "), std::string::npos);
    EXPECT_EQ(served.counters.requests, 4u);
  });
}

TEST(Server, ReadsBodiesInEveryFragmentation) {
  testing::run([]() -> Task<> {
    const std::string wire =
        "POST /echo HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
        "POST /echo HTTP/1.1\r\nHost: g\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast";
    for (std::size_t step = 1; step < 40; ++step) {
      Served served;
      for (std::size_t at = 0; at < wire.size(); at += step) {
        co_await send(*served.client, wire.substr(at, step));
        co_await yield();
        co_await yield();
      }
      const std::string answer = co_await receive_all(*served.client);
      EXPECT_NE(answer.find("\r\n\r\nhello worldHTTP/1.1 200 OK"), std::string::npos) << step << answer;
      EXPECT_TRUE(answer.ends_with("\r\n\r\nlast")) << step;
    }
  });
}

TEST(Server, Continues) {
  testing::run([]() -> Task<> {
    Served served;
    co_await send(*served.client,
                  "POST /echo HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(co_await receive_until(*served.client, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    co_await send(*served.client, "ok");
    EXPECT_NE((co_await receive_until(*served.client, "ok")).find("200 OK"), std::string::npos);
  });
}

TEST(Server, AClientThatWasNotToldToContinueIsClosed) {
  testing::run([]() -> Task<> {
    Served served;
    const std::string answer =
        co_await served.talk("POST /empty HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  });
}

TEST(Server, ClosesHttp10UnlessAskedToStay) {
  testing::run([]() -> Task<> {
    Served served;
    const std::string answer = co_await served.talk("GET /chunks HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(answer.ends_with("Connection: close\r\n\r\nonetwo")) << answer;
  });
}

TEST(Server, TurnsFailuresIntoProblems) {
  testing::run([]() -> Task<> {
    Served served;
    const std::string answer = co_await served.talk("GET /no\"where HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << answer;
    Served other;
    const std::string missing = co_await other.talk("GET /nowhere HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(missing.starts_with("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_NE(missing.find("Content-Type: application/problem+json\r\n"), std::string::npos);
    EXPECT_NE(missing.find(R"("detail":"there is nothing at /nowhere")"), std::string::npos);
  });
}

TEST(Server, CutsAnAnswerThatFailsHalfway) {
  testing::run([]() -> Task<> {
    Served served;
    const std::string answer = co_await served.talk("GET /break HTTP/1.1\r\nHost: g\r\n\r\n");
    EXPECT_TRUE(answer.ends_with("4\r\nhalf\r\n")) << "the last chunk must be missing: " << answer;
  });
}

TEST(Server, AnAnswerThatFailsBeforeItsFirstByteLooksIncomplete) {
  testing::run([]() -> Task<> {
    Served served;
    const std::string answer = co_await served.talk("GET /break-early HTTP/1.1\r\nHost: g\r\n\r\n");
    EXPECT_EQ(without_date(answer), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  });
}

TEST(Server, DrainsWhileAClientLeaves) {
  testing::run([]() -> Task<> {
    Served served;
    co_await send(*served.client, "GET /until-drained HTTP/1.1\r\nHost: g\r\n\r\n");
    co_await served.service.hanging;
    // The loop sees both in one round: first that the client left, then what is posted.
    served.client.reset();
    Event drained;
    Loop::current()->post([&] { served.server.drain([&] { drained.set(); }); });
    co_await drained;
  });
}

TEST(Server, AnAnswerReachesAClientThatStillSends) {
  testing::run([]() -> Task<> {
    Served served;
    const std::string body(1'000'000, 'z');
    TaskGroup group;
    group.spawn("send",
                send(*served.client, "POST /nowhere HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\n\r\n" + body));
    const std::string answer = co_await receive_until(*served.client, "/nowhere\"");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ")) << answer;
    while (group.size() > 0) co_await yield();
  });
}

TEST(Server, BoundsChunkExtensions) {
  testing::run([]() -> Task<> {
    Served served;
    TaskGroup group;
    group.spawn("send", send(*served.client, "POST /echo HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n5;" +
                                                 std::string(100'000, 'x')));
    const std::string answer = co_await receive_until(*served.client, "}");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
  });
}

TEST(Server, CancelsTheServiceWhenTheClientLeaves) {
  testing::run([]() -> Task<> {
    Served served;
    co_await send(*served.client, "GET /hang HTTP/1.1\r\nHost: g\r\n\r\n");
    co_await served.service.hanging;
    served.client.reset();
    co_await served.service.cancelled;
  });
}

TEST(Server, RefusesMalformedRequestsAndCloses) {
  testing::run([]() -> Task<> {
    Served served;
    const std::string answer = co_await served.talk("GET /echo HTTP/1.1\r\nHost: g\r\nA: 1\nB: 2\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_EQ(served.counters.malformed, 1u);
  });
}

TEST(Server, BoundsBodies) {
  testing::run([]() -> Task<> {
    Served announced({.max_body = 10});
    const std::string early = co_await announced.talk("POST /echo HTTP/1.1\r\nHost: g\r\nContent-Length: 11\r\n\r\n");
    EXPECT_TRUE(early.starts_with("HTTP/1.1 413 ")) << early;
    Served chunked({.max_body = 10});
    const std::string late = co_await chunked.talk(
        "POST /echo HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n");
    EXPECT_TRUE(late.starts_with("HTTP/1.1 413 ")) << late;
  });
}

TEST(Server, DropsSlowHeads) {
  testing::run([]() -> Task<> {
    Served served({.header_timeout = std::chrono::milliseconds(1)});
    const std::string answer = co_await served.talk("GET /echo HTTP/1.1\r\nHost:");
    EXPECT_EQ(answer, "");
  });
}

TEST(Server, DrainsByClosingIdleConnectionsAndFinishingTheOthers) {
  testing::run([]() -> Task<> {
    Served served;
    auto [idle, far] = testing::stream_pair();
    served.server.serve(std::move(far), {});
    co_await send(*served.client, "GET /until HTTP/1.1\r\nHost: g\r\n\r\n");
    co_await served.service.hanging;
    Event drained;
    served.server.drain([&] { drained.set(); });
    EXPECT_EQ(co_await receive_all(*idle), "");
    EXPECT_FALSE(drained.is_set());
    served.service.release.set();
    const std::string answer = co_await receive_all(*served.client);
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("released"));
    co_await drained;
  });
}

TEST(Server, DoesNotTellAnAnswerThatWasCalledOffToDrain) {
  testing::run([]() -> Task<> {
    Served served;
    co_await send(*served.client, "GET /hang HTTP/1.1\r\nHost: g\r\n\r\n");
    co_await served.service.hanging;
    served.client.reset();
    co_await served.service.cancelled;
    Event drained;
    served.server.drain([&] { drained.set(); });
    EXPECT_FALSE(served.service.told_to_drain);
    co_await drained;
  });
}

TEST(Server, ASlowReaderGetsEverything) {
  testing::run([]() -> Task<> {
    Served served({.max_body = 0});
    const std::string body(1'000'000, 'z');
    TaskGroup group;
    group.spawn("send",
                send(*served.client,
                     "POST /echo HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n" + body));
    const std::string answer = co_await receive_all(*served.client);
    EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, body.size());
  });
}

}  // namespace
}  // namespace gw::http
