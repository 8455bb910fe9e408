#include "front/internal_relay.h"

#include <gmock/gmock.h>

#include "base/strings.h"
#include "http/server.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::front {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The control plane, as far as the relay is concerned: remembers what it was asked.
class Control final : public http::Service {
 public:
  Task<Result<>> handle(http::Exchange& exchange) override {
    fields.clear();
    for (const http::Field& field : exchange.request().fields.all()) fields.emplace_back(field.name, field.value);
    GW_CO_TRY(body, co_await exchange.read_whole_body(1000));
    co_return co_await exchange.respond(200, "text/plain", "done");
  }
  std::vector<std::string> values(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [each, value] : fields) {
      if (iequals(each, name)) found.push_back(value);
    }
    return found;
  }

  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

// A worker whose front knows every caller already.
class Worker final : public http::Service {
 public:
  Task<std::string> ask(std::string fields, std::string method = "GET", std::string body = {}) {
    auto [near, far] = testing::stream_pair();
    server.serve(std::move(far), {.address = "10.0.0.7"});
    co_await testing::send(
        *near, method + " /adapters HTTP/1.1\r\nHost: g\r\nConnection: close\r\n" + fields + "\r\n" + body);
    co_return co_await testing::receive_all(*near);
  }
  Task<Result<>> handle(http::Exchange& exchange) override {
    exchange.caller = caller;
    exchange.request_id = "r1";
    return relay.handle(exchange);
  }

  identity::PrincipalPtr caller;
  Control control;
  http::ServerCounters counters;
  http::Server control_server{*Loop::current(), control, {}, counters};
  std::shared_ptr<net::InprocListener> listener =
      std::make_shared<net::InprocListener>(*Loop::current(), [this](std::unique_ptr<net::Stream> stream) {
        control_server.serve(std::move(stream), {.address = "local"});
      });
  BlockingPool blocking{1};
  net::Resolver resolver{blocking};
  upstream::PoolCounters pool_counters;
  upstream::Pool pool{resolver, {}, pool_counters};
  InternalRelay relay{pool, listener, [](const http::Exchange& exchange) { return exchange.peer().address + "!"; }};
  http::Server server{*Loop::current(), *this, {}, counters};
};

TEST(InternalRelay, SaysWhoAsks) {
  testing::run([]() -> Task<> {
    Worker worker;
    const identity::Principal alice{.method = identity::Method::token, .user = "alice", .roles = {"r"}};
    worker.caller = std::make_shared<const identity::Principal>(alice);
    EXPECT_THAT(co_await worker.ask(""), HasSubstr("done"));
    EXPECT_THAT(worker.control.values("x-gateway-caller"), ElementsAre(identity::to_text(alice)));
    EXPECT_THAT(worker.control.values("x-forwarded-for"), ElementsAre("10.0.0.7!"));
    EXPECT_THAT(worker.control.values("x-request-id"), ElementsAre("r1"));
  });
}

TEST(InternalRelay, AClientCannotSayWhoAsks) {
  testing::run([]() -> Task<> {
    Worker worker;
    const identity::Principal admin{.user = "root", .roles = {"mcp.admin"}};
    const std::string forged = "X-Gateway-Caller: " + identity::to_text(admin) + "\r\nx-gateway-CALLER: " +
                               identity::to_text(admin) + "\r\nX-Forwarded-For: 127.0.0.1\r\n";
    co_await worker.ask(forged);
    EXPECT_THAT(worker.control.values("x-gateway-caller"), IsEmpty());
    EXPECT_THAT(worker.control.values("x-forwarded-for"), ElementsAre("10.0.0.7!"));

    worker.caller = std::make_shared<const identity::Principal>();
    co_await worker.ask(forged);
    EXPECT_THAT(worker.control.values("x-gateway-caller"), ElementsAre(identity::to_text(*worker.caller)));

    const std::string chunked = forged + "Transfer-Encoding: chunked\r\nContent-Type: text/plain\r\n";
    co_await worker.ask(chunked, "POST", "2\r\nhi\r\n0\r\n" + forged + "\r\n");
    EXPECT_THAT(worker.control.values("x-gateway-caller"), ElementsAre(identity::to_text(*worker.caller)))
        << "not in trailers either";
    EXPECT_EQ(worker.control.body, "hi");
  });
}

TEST(InternalRelay, WhatClientsAreRecognizedByStaysWithTheFront) {
  testing::run([]() -> Task<> {
    Worker worker;
    for (const char* name : {"Authorization", "COOKIE", "x-api-key", "X-Gateway-Secret", "X-Dev-UserId", "X-Dev-Name",
                             "x-dev-roles", "X-Mcp-UserId", "X-Mcp-Roles", "X-Mcp-Authorized"}) {
      co_await worker.ask(std::string(name) + ": secret\r\nAccept: x\r\n");
      EXPECT_THAT(worker.control.values(name), IsEmpty()) << name;
      EXPECT_THAT(worker.control.values("accept"), ElementsAre("x"));
    }
  });
}

}  // namespace
}  // namespace gw::front
