#include "fetch/fetch.h"

#include <gtest/gtest.h>

#include "runtime/event.h"
#include "testing/certificates.h"
#include "testing/http_wire.h"
#include "testing/run.h"
#include "testing/web_server.h"

namespace gw::fetch {
namespace {

using http::Exchange;
using http::Last;
using testing::WebServer;

// Resolves names for one test; answers of the server are written by the test.
struct World {
  BlockingPool pool{1};
  net::Resolver resolver{pool};
};

Task<Result<>> say_hello(Exchange& exchange) {
  co_return co_await exchange.respond(200, "text/plain", "hello");
}

TEST(Fetch, SendsWhatItIsToldAndGivesTheWholeAnswer) {
  testing::run([]() -> Task<> {
    World world;
    std::string seen;
    WebServer server([&](Exchange& exchange) -> Task<Result<>> {
      const http::RequestHead& head = exchange.request();
      seen = fmt::format("{} {} {} {}", head.method_text, head.target, head.authority, head.fields.get("X-Asked"));
      GW_CO_TRY(const std::string body, co_await exchange.read_whole_body(1000));
      exchange.start(201, std::nullopt);
      exchange.field("Cache-Control", "public, MAX-AGE=60");
      exchange.field("X-Answered", "yes");
      GW_CO_TRY_OK(co_await exchange.write("in parts: ", Last::no));
      co_return co_await exchange.write(body, Last::yes);
    });
    const auto answer = co_await fetch(world.resolver, {.url = server.origin() + "/path?a=%20b#part",
                                                        .method = http::Method::post,
                                                        .fields = {{"X-Asked", "too"}},
                                                        .body = "body"});
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(seen, fmt::format("POST /path?a=%20b 127.0.0.1:{} too", server.port()));
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, "in parts: body");
    EXPECT_EQ(answer->field("x-answered"), "yes");
    EXPECT_EQ(answer->field("x-other"), "");
    EXPECT_EQ(answer->max_age(), std::chrono::seconds(60));
  });
}

TEST(Fetch, UnderstandsHowLongAnAnswerIsFresh) {
  const auto age = [](std::string value) { return Response{.fields = {{"cache-control", value}}}.max_age(); };
  EXPECT_EQ(age("max-age=0"), Duration::zero());
  EXPECT_EQ(age("max-age=99999999999"), std::chrono::seconds(1LL << 31));
  for (const char* none : {"", "no-store", "max-age", "max-age=soon", "x-max-age=5", "s-maxage=5"}) {
    EXPECT_EQ(age(none), std::nullopt) << none;
  }
}

TEST(Fetch, FollowsNoRedirect) {
  testing::run([]() -> Task<> {
    World world;
    WebServer server([&](Exchange& exchange) -> Task<Result<>> {
      exchange.start(302, 0);
      exchange.field("Location", "/elsewhere");
      co_return co_await exchange.write("", Last::yes);
    });
    const auto answer = co_await fetch(world.resolver, {.url = server.origin()});
    EXPECT_EQ(answer->status, 302);
    EXPECT_EQ(answer->field("Location"), "/elsewhere");
    EXPECT_EQ(server.targets, std::vector<std::string>{"/"});
  });
}

TEST(Fetch, RefusesAnswersThatAreTooLarge) {
  testing::run([]() -> Task<> {
    World world;
    WebServer server([&](Exchange& exchange) -> Task<Result<>> {
      const bool announced = exchange.request().path == "/announced";
      exchange.start(200, announced ? std::optional<std::uint64_t>(11) : std::nullopt);
      GW_CO_TRY_OK(co_await exchange.write("01234", Last::no));
      co_return co_await exchange.write(exchange.request().path == "/fits" ? "56789" : "56789a", Last::yes);
    });
    for (const char* path : {"/announced", "/streamed"}) {
      const auto answer = co_await fetch(world.resolver, {.url = server.origin() + path, .max_bytes = 10});
      EXPECT_FALSE(answer.has_value()) << path;
      if (!answer) EXPECT_EQ(answer.error().code(), Errc::too_large);
    }
    const auto fits = co_await fetch(world.resolver, {.url = server.origin() + "/fits", .max_bytes = 10});
    EXPECT_EQ(fits->body, "0123456789");
  });
}

TEST(Fetch, TakesNoLongerThanItMay) {
  testing::run([]() -> Task<> {
    World world;
    Event never;
    WebServer server([&](Exchange& exchange) -> Task<Result<>> {
      exchange.start(200, std::nullopt);
      GW_CO_TRY_OK(co_await exchange.write("the rest never comes", Last::no));
      co_await never;
      co_return Result<>();
    });
    const auto answer = co_await fetch(
        world.resolver, {.url = server.origin() + "/slow?token=secret", .timeout = std::chrono::milliseconds(50)});
    EXPECT_EQ(answer.error().code(), Errc::timeout);
    EXPECT_EQ(answer.error().message(),
              fmt::format("cannot fetch {}/slow: it took longer than 50 ms", server.origin()));
  });
}

TEST(Fetch, AsksTheEgressRules) {
  testing::run([]() -> Task<> {
    World world;
    WebServer server(say_hello);
    const auto rules = std::make_shared<const net::EgressRules>();
    const std::string port = std::to_string(server.port());
    for (const std::string host : {"localhost", "127.0.0.1", "0x7f.1", "[::ffff:7f00:1]"}) {
      const auto answer = co_await fetch(world.resolver, {.url = "http://" + host + ":" + port, .egress = rules});
      EXPECT_FALSE(answer.has_value()) << host;
      if (!answer) EXPECT_EQ(answer.error().code(), Errc::forbidden) << answer.error().message();
    }
    EXPECT_TRUE(server.targets.empty());
  });
}

TEST(Fetch, RefusesUrlsAndFieldsThatItMayNotSend) {
  testing::run([]() -> Task<> {
    World world;
    for (const char* url : {"", "/path", "ftp://h/", "unix:/run/x", "http://user:password@127.0.0.1/", "http:///x",
                            "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/a b", "http://127.0.0.1:0/"}) {
      const auto answer = co_await fetch(world.resolver, {.url = url});
      EXPECT_EQ(answer.error().code(), Errc::invalid) << url;
      EXPECT_EQ(answer.error().message().find("password"), std::string::npos);
    }
    WebServer server(say_hello);
    const auto injected =
        co_await fetch(world.resolver, {.url = server.origin(), .fields = {{"X-A", "b\r\nX-C: secret"}}});
    EXPECT_EQ(injected.error().code(), Errc::invalid);
    EXPECT_EQ(injected.error().message().find("secret"), std::string::npos);

    const auto plain = co_await fetch(world.resolver, {.url = "http://example.org/?secret", .require_https = true});
    EXPECT_EQ(plain.error().message(), "http://example.org/ must begin with https://");
    const auto local = co_await fetch(world.resolver, {.url = server.origin(), .require_https = true});
    EXPECT_TRUE(local.has_value());
  });
}

TEST(Fetch, SaysWhatTheServerDidWrong) {
  testing::run([]() -> Task<> {
    World world;
    TaskGroup group;
    std::string answer;
    const auto sockets = net::listen_on({"127.0.0.1", 0}, 1);
    const std::string url = "http://" + to_string(sockets->bound) + "/x?secret";
    auto acceptor =
        std::make_unique<net::Acceptor>(*Loop::current(), sockets->fds[0], [&](int fd, const net::SocketAddress&) {
          group.spawn("answer", [](std::unique_ptr<net::Stream> peer, std::string text) -> Task<> {
            co_await testing::receive_until(*peer, "\r\n\r\n");
            if (!text.empty()) co_await testing::send(*peer, std::move(text));
          }(std::make_unique<net::FdStream>(*Loop::current(), fd), answer));
        });
    for (const char* wrong : {"", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}) {
      answer = wrong;
      const auto got = co_await fetch(world.resolver, {.url = url});
      EXPECT_FALSE(got.has_value()) << wrong;
      if (got) continue;
      EXPECT_EQ(got.error().code(), Errc::upstream) << got.error().message();
      EXPECT_EQ(got.error().message().find("secret"), std::string::npos);
    }
    acceptor.reset();
    const auto refused = co_await fetch(world.resolver, {.url = url});
    EXPECT_EQ(refused.error().code(), Errc::unavailable);
    EXPECT_EQ(refused.error().message().find("secret"), std::string::npos);
  });
}

TEST(Fetch, AnOpenAnswerIsReadWhileItComes) {
  testing::run([]() -> Task<> {
    World world;
    Event go_on;
    WebServer server([&](Exchange& exchange) -> Task<Result<>> {
      exchange.start(200, std::nullopt);
      exchange.field("Content-Type", "text/event-stream");
      GW_CO_TRY_OK(co_await exchange.write("first", Last::no));
      co_await go_on;
      GW_CO_TRY_OK(co_await exchange.write("second", Last::no));
      co_return co_await exchange.write("third", Last::yes);
    });
    auto answer = co_await open(world.resolver, {.url = server.origin()});
    EXPECT_EQ(answer->status(), 200);
    EXPECT_EQ(answer->field("content-type"), "text/event-stream");
    EXPECT_EQ(*co_await answer->part(std::chrono::seconds(10)), "first");
    go_on.set();
    EXPECT_EQ(*co_await answer->rest(100, std::chrono::seconds(10)), "secondthird");
    EXPECT_EQ((co_await open(world.resolver, {.url = "nonsense"})).error().code(), Errc::invalid);
  });
}

TEST(Fetch, TrustsTheSystemsCertificatesUnlessToldOtherwise) {
  testing::run([]() -> Task<> {
    World world;
    const auto& made = testing::Certificates::get();
    WebServer server(say_hello, net::TlsContext::server(made.path("cert.pem"), made.path("key.pem")).value());
    const auto unknown = co_await fetch(world.resolver, {.url = server.origin()});
    EXPECT_EQ(unknown.error().code(), Errc::upstream);
    EXPECT_TRUE(server.targets.empty());
    const auto trusted = net::TlsContext::client(made.path("ca.pem")).value();
    const auto answer = co_await fetch(world.resolver, {.url = server.origin(), .tls = trusted, .require_https = true});
    EXPECT_EQ(answer->body, "hello");

    WebServer plain(say_hello);
    const auto mixed = co_await fetch(world.resolver, {.url = plain.origin(), .tls = trusted});
    EXPECT_EQ(mixed->body, "hello") << "http stays http";
  });
}

}  // namespace
}  // namespace gw::fetch
