#include "front/front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::front {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct NoKeys final : auth::KeyRefresh {
  Task<auth::StatePtr> newer_keys(Loop&, std::string, std::uint64_t) override { co_return nullptr; }
};

// Says who it is, and who asks.
struct Named final : http::Service {
  explicit Named(std::string n) : name(std::move(n)) {}
  Task<Result<>> handle(http::Exchange& exchange) override {
    const std::string text = name + " for " + exchange.caller->user;
    co_return co_await exchange.respond(200, "text/plain", text);
  }
  std::string name;
};

bool is_data(std::string_view path) {
  return path == "/mcp" || path == "/adapters/a/mcp";
}

// A worker of a router that clients know under another name.
struct Worker {
  Worker() {
    access.apply(std::make_shared<const access::Settings>(
        access::Settings{.auth = std::make_shared<auth::State>(), .origin = "https://gw.example"}));
  }
  Task<std::string> ask(std::string path, std::string host, std::string fields = "") {
    auto [mine, theirs] = testing::stream_pair();
    server.serve(std::move(theirs), {.address = "10.0.0.1"});
    co_await testing::send(
        *mine, fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}\r\n", path, host, fields));
    co_return co_await testing::receive_all(*mine);
  }

  NoKeys refresh;
  limits::Limiter limiter;
  auth::IdentityKey key = *auth::IdentityKey::load_or_create(::testing::TempDir() + "/front.jwk");
  access::Counters access_counters;
  access::Access access{*Loop::current(), refresh, limiter, nullptr, key, access_counters};
  Named data{"data"};
  Named control{"control"};
  ForGateways for_gateways{.paths = [](std::string_view path) { return path == "/mcp"; },
                           .secret = SecretString("a secret of a gateway")};
  FrontCounters counters;
  Front front{OriginGuard({.loopback_only = false, .allowed_hosts = {"gw.example"}, .allowed_origins = {}}),
              access,
              is_data,
              data,
              control,
              &for_gateways,
              counters};
  http::ServerCounters server_counters;
  http::Server server{*Loop::current(), front, {}, server_counters};
};

TEST(Front, OnARouterGatewaysAreBelievedUnderAnyHost) {
  testing::run([]() -> Task<> {
    Worker worker;
    const std::string by_gateway = "X-Gateway-Secret: a secret of a gateway\r\nX-Gateway-Caller: " +
                                   identity::to_text({.method = identity::Method::token, .user = "ada"}) +
                                   " 192.0.2.7\r\n";
    const std::string answer = co_await worker.ask("/mcp", "router-0:8000", by_gateway);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(answer, HasSubstr("data for ada"));
  });
}

TEST(Front, OnARouterEverybodyElseIsRefusedThere) {
  testing::run([]() -> Task<> {
    Worker worker;
    EXPECT_THAT(co_await worker.ask("/mcp", "gw.example"), StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(co_await worker.ask("/mcp", "gw.example", "X-Gateway-Secret: a secret of a gatewaY\r\n"),
                StartsWith("HTTP/1.1 401 "));
  });
}

TEST(Front, OnARouterEverythingElseIsAsEver) {
  testing::run([]() -> Task<> {
    Worker worker;
    EXPECT_THAT(co_await worker.ask("/adapters/a/mcp", "gw.example"), HasSubstr("data for anonymous"));
    EXPECT_THAT(co_await worker.ask("/status", "gw.example"), HasSubstr("control for anonymous"));
    EXPECT_THAT(co_await worker.ask("/status", "router-0:8000", "X-Gateway-Secret: a secret of a gateway\r\n"),
                StartsWith("HTTP/1.1 403 "));
  });
}

}  // namespace
}  // namespace gw::front
