#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/access.h"
#include "http/server.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::access {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* secret_text = "a secret that gateway and router have";

struct NoKeys final : auth::KeyRefresh {
  Task<auth::StatePtr> newer_keys(Loop&, std::string, std::uint64_t) override { co_return nullptr; }
};

const identity::Principal ada{.method = identity::Method::token,
                              .user = "ada",
                              .name = "Ada\r\nX-Evil: 1",
                              .issuer = "https://issuer",
                              .roles = {"reader, writer", "mcp.engineer"},
                              .groups = {"/staff"},
                              .scopes = {"mcp:tools"},
                              .expires = 4'000'000'000};

// As a gateway: answers what it would tell a router. As a router: who asks, as it believes.
struct World {
  struct AsGateway final : http::Service {
    Task<Result<>> handle(http::Exchange& exchange) override {
      exchange.caller = std::make_shared<const identity::Principal>(ada);
      co_return co_await exchange.respond(200, "text/plain",
                                          caller_fields(settings, exchange, SecretString(secret_text)));
    }
    Settings settings;
  };
  struct AsRouter final : http::Service {
    explicit AsRouter(World& w) : world(w) {}
    Task<Result<>> handle(http::Exchange& exchange) override {
      GW_CO_TRY(const bool known, co_await world.access.identify_by_gateway(exchange, SecretString(secret_text)));
      if (!known) co_return Result<>();
      world.believed = exchange.caller;
      co_return co_await exchange.respond(200, "text/plain",
                                          std::string(client_address(world.access.settings(), exchange)));
    }
    World& world;
  };

  World() {
    access.apply(std::make_shared<const Settings>(
        Settings{.auth = std::make_shared<auth::State>(), .origin = "https://gw.example"}));
  }
  Task<std::string> ask(http::Server& server, std::string fields) {
    auto [mine, theirs] = testing::stream_pair();
    server.serve(std::move(theirs), {.address = "192.0.2.7"});
    co_await testing::send(*mine, "POST /mcp HTTP/1.1\r\nHost: router\r\nConnection: close\r\n" + fields + "\r\n");
    co_return co_await testing::receive_all(*mine);
  }
  Task<std::string> told(std::string fields) {
    const std::string answer = co_await ask(gateway_server, std::move(fields));
    co_return answer.substr(answer.find("\r\n\r\n") + 4);
  }

  NoKeys refresh;
  limits::Limiter limiter;
  auth::IdentityKey key = *auth::IdentityKey::load_or_create(::testing::TempDir() + "/by_gateway.jwk");
  Counters counters;
  Access access{*Loop::current(), refresh, limiter, nullptr, key, counters};
  identity::PrincipalPtr believed;
  AsGateway gateway;
  AsRouter router{*this};
  http::ServerCounters server_counters;
  http::Server gateway_server{*Loop::current(), gateway, {}, server_counters};
  http::Server router_server{*Loop::current(), router, {}, server_counters};
};

TEST(ByGateway, TheRouterKnowsTheCallerExactlyAsTheGatewayDoes) {
  testing::run([]() -> Task<> {
    World world;
    const std::string told = co_await world.told("X-Mcp-Authorized: eyJ.a.b\r\nX-Gateway-Caller: forged\r\n");
    EXPECT_THAT(told, HasSubstr("X-Mcp-Authorized: eyJ.a.b\r\n"));
    EXPECT_THAT(told, Not(HasSubstr("forged")));
    EXPECT_THAT(told, Not(HasSubstr("Evil")));
    const std::string answer = co_await world.ask(world.router_server, told);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(answer, HasSubstr("192.0.2.7"));
    EXPECT_TRUE(world.believed != nullptr && *world.believed == ada) << "roles with commas and all";
  });
}

TEST(ByGateway, WhoDoesNotKnowTheSecretIsRefusedWhateverHeSays) {
  testing::run([]() -> Task<> {
    World world;
    const std::string caller = "X-Gateway-Caller: " + identity::to_text(ada) + " 192.0.2.1\r\n";
    const std::string right = fmt::format("X-Gateway-Secret: {}\r\n", secret_text);
    for (const std::string& fields :
         {std::string(), caller, "X-Gateway-Secret: wrong\r\n" + caller, right + right + caller, right,
          right + "X-Gateway-Caller: bm9uc2Vuc2U 192.0.2.1\r\n",
          right + "X-Gateway-Caller: " + identity::to_text(ada) + "\r\n",
          right + "X-Mcp-UserId: ada\r\nX-Mcp-Roles: mcp.admin\r\n"}) {
      const std::string answer = co_await world.ask(world.router_server, fields);
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 ")) << fields;
      EXPECT_THAT(answer, HasSubstr("WWW-Authenticate: Gateway-Secret\r\n"));
      EXPECT_THAT(answer, Not(HasSubstr(secret_text)));
      EXPECT_EQ(world.believed, nullptr);
    }
    EXPECT_EQ(world.counters.unauthenticated.get(), 8u);
    EXPECT_THAT(co_await world.ask(world.router_server, ""), HasSubstr("this is a router: ask its gateway"));
  });
}

TEST(ByGateway, TheAddressOfTheClientIsWhatTheGatewaySays) {
  testing::run([]() -> Task<> {
    World world;
    const std::string answer = co_await world.ask(
        world.router_server, fmt::format("X-Gateway-Secret: {}\r\nX-Gateway-Caller: {} 2001:db8::7\r\n"
                                         "X-Forwarded-For: 6.6.6.6\r\n",
                                         secret_text, identity::to_text(ada)));
    EXPECT_THAT(answer, HasSubstr("2001:db8::7"));
  });
}

}  // namespace
}  // namespace gw::access
