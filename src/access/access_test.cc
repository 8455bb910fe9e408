#include "access/access.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::access {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* alice_key = "alice-key-0123456789abcdef";
constexpr const char* bob_key = "bob-key-0123456789abcdef";

struct NoKeys final : auth::KeyRefresh {
  Task<auth::StatePtr> newer_keys(Loop&, std::string, std::uint64_t) override { co_return nullptr; }
};

// Says who asked, once that is known.
struct WhoAmI final : http::Service {
  explicit WhoAmI(Access& a) : access(a) {}
  Task<Result<>> handle(http::Exchange& exchange) override {
    GW_CO_TRY(const bool answered, co_await access.answer_public(exchange));
    if (answered) co_return Result<>();
    GW_CO_TRY(const bool known, co_await access.identify(exchange));
    if (!known) co_return Result<>();
    limits::Permit permit;
    GW_CO_TRY(const bool admitted, co_await access.admit_rest(exchange, permit));
    if (!admitted) co_return Result<>();
    co_return co_await exchange.respond(200, "text/plain", "you are " + exchange.caller->user);
  }
  Access& access;
};

struct World {
  explicit World(auth::Options options = {}, policy::Rules rules = {}, audit::Trail* trail = nullptr)
      : access(*Loop::current(), refresh, limiter, trail, key, counters) {
    auto state = std::make_shared<auth::State>();
    state->options = std::move(options);
    state->options.api_keys = true;
    state->pipeline = {auth::Way::api_key};
    std::vector<auth::ApiKey> keys;
    keys.push_back(*auth::configured_api_key("alice", SecretString(alice_key), {"reader"}));
    keys.push_back(*auth::configured_api_key("bob", SecretString(bob_key), {}));
    state->api_keys = std::make_shared<const auth::ApiKeys>(std::move(keys));
    access.apply(std::make_shared<const Settings>(
        Settings{.auth = state, .policy = *policy::Policy::compile(rules), .origin = "https://gw.example"}));
  }

  Task<std::string> ask(std::string head) {
    auto [mine, theirs] = testing::stream_pair();
    server.serve(std::move(theirs), {.address = "192.0.2.7"});
    co_await testing::send(*mine, head + "\r\nHost: gw.example\r\nConnection: close\r\n\r\n");
    co_return co_await testing::receive_all(*mine);
  }

  NoKeys refresh;
  limits::Limiter limiter;
  auth::IdentityKey key = *auth::IdentityKey::load_or_create(::testing::TempDir() + "/identity.jwk");
  Counters counters;
  Access access;
  WhoAmI service{access};
  http::ServerCounters server_counters;
  http::Server server{*Loop::current(), service, {}, server_counters};
};

routing::AdapterRoute route_of(std::vector<std::string> roles) {
  routing::AdapterRoute route;
  route.name = "files";
  route.ownership = {.created_by = "key:carol", .required_roles = std::move(roles)};
  return route;
}

TEST(Access, WhoSaysNothingIsToldWhereToAskForAToken) {
  testing::run([]() -> Task<> {
    World world(auth::Options{.resource = {.scopes = {"mcp:tools"}}});
    const std::string answer = co_await world.ask("POST /adapters/files/mcp HTTP/1.1");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(answer,
                HasSubstr("WWW-Authenticate: Bearer scope=\"mcp:tools\", resource_metadata="
                          "\"https://gw.example/.well-known/oauth-protected-resource/adapters/files/mcp\"\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("error=")));
    EXPECT_EQ(world.counters.unauthenticated.get(), 1u);
  });
}

TEST(Access, WhatIsPresentedAndWrongIsCalledThat) {
  testing::run([]() -> Task<> {
    World world;
    const std::string answer = co_await world.ask("GET /adapters HTTP/1.1\r\nAuthorization: Bearer mcpg_nonsense");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(answer, HasSubstr("error=\"invalid_token\""));
    EXPECT_THAT(answer, HasSubstr("resource_metadata=\"https://gw.example/.well-known/oauth-protected-resource\""));
    EXPECT_THAT(answer, Not(HasSubstr("nonsense")));
  });
}

TEST(Access, AKeyNamesItsUser) {
  testing::run([]() -> Task<> {
    World world;
    EXPECT_THAT(co_await world.ask(std::string("GET /adapters HTTP/1.1\r\nX-API-Key: ") + alice_key),
                HasSubstr("you are key:alice"));
    EXPECT_THAT(co_await world.ask(std::string("GET /adapters HTTP/1.1\r\nAuthorization: Bearer ") + bob_key),
                HasSubstr("you are key:bob"));
  });
}

TEST(Access, ProbesAndMetadataNeedNobody) {
  testing::run([]() -> Task<> {
    World world(auth::Options{.anonymous_paths = {"/metrics"}});
    for (const char* path : {"/healthz", "/readyz", "/ping", "/metrics"}) {
      EXPECT_THAT(co_await world.ask(fmt::format("GET {} HTTP/1.1", path)), StartsWith("HTTP/1.1 200 ")) << path;
    }
    EXPECT_THAT(co_await world.ask("GET /status HTTP/1.1"), StartsWith("HTTP/1.1 401 "));
    const std::string metadata = co_await world.ask("GET /.well-known/oauth-protected-resource/mcp HTTP/1.1");
    EXPECT_THAT(metadata, HasSubstr("Access-Control-Allow-Origin: *"));
    EXPECT_THAT(metadata, HasSubstr("\"resource\":\"https://gw.example/mcp\""));
    const std::string preflight = co_await world.ask("OPTIONS /.well-known/oauth-protected-resource/mcp HTTP/1.1");
    EXPECT_THAT(preflight, StartsWith("HTTP/1.1 204 "));
    EXPECT_THAT(preflight, HasSubstr("Access-Control-Allow-Headers: *"));
    EXPECT_THAT(co_await world.ask("GET /.well-known/jwks.json HTTP/1.1"), HasSubstr("\"crv\":\"P-256\""));
    EXPECT_THAT(co_await world.ask("GET /.well-known/oauth-protected-resourceX HTTP/1.1"), StartsWith("HTTP/1.1 404 "));
  });
}

TEST(Access, TheHostOfTheRequestIsNeverRepeated) {
  testing::run([]() -> Task<> {
    World world;
    auto [mine, theirs] = testing::stream_pair();
    world.server.serve(std::move(theirs), {.address = "192.0.2.7"});
    co_await testing::send(*mine,
                           "GET /x HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n"
                           "Connection: close\r\n\r\n");
    EXPECT_THAT(co_await testing::receive_all(*mine), Not(HasSubstr("evil")));
  });
}

Use use_of(const identity::Principal& who, const routing::AdapterRoute& route) {
  return {.who = &who, .route = &route, .request_id = "r1", .client = "192.0.2.7"};
}

TEST(Access, NobodyFillsTheTrailWithLongNames) {
  testing::run([]() -> Task<> {
    const std::string file = ::testing::TempDir() + "/long-names.jsonl";
    std::filesystem::remove(file);
    auto trail = *audit::Trail::open({.target = audit::Target::file, .path = file});
    World world({}, {}, trail.get());
    const std::string long_name(30'000, 'x');
    EXPECT_THAT(co_await world.ask("GET /" + long_name + " HTTP/1.1"), StartsWith("HTTP/1.1 401 "));
    const auto route = route_of({"*"});
    const identity::Principal who{.user = "u"};
    world.access.judge(use_of(who, route), {.method = "tools/call", .kind = policy::ItemKind::tool, .item = long_name});
    EXPECT_TRUE(trail->flush());
    EXPECT_EQ(trail->state().written, 2u);
    EXPECT_LT(std::filesystem::file_size(file), 4'000u);
  });
}

TEST(Settings, BehindTrustedProxiesTheClientIsTheLastOneThatIsNone) {
  struct Says final : http::Service {
    Task<Result<>> handle(http::Exchange& exchange) override {
      co_return co_await exchange.respond(200, "text/plain", fmt::format("<{}>", client_address(settings, exchange)));
    }
    Settings settings;
  };
  testing::run([]() -> Task<> {
    Says service;
    service.settings.trusted_proxies = {*net::AddressBlock::parse("10.0.0.0/8"), *net::AddressBlock::parse("fd00::/8")};
    http::ServerCounters counters;
    http::Server server(*Loop::current(), service, {}, counters);
    struct Case {
      const char *peer, *said, *client;
    };
    for (const Case& c : {Case{"10.1.1.1", "198.51.100.1, 192.0.2.7", "<192.0.2.7>"},
                          Case{"10.1.1.1", "192.0.2.7, 10.2.2.2", "<192.0.2.7>"},
                          Case{"10.1.1.1", "192.0.2.7:4711, 10.2.2.2:80", "<192.0.2.7>"},
                          Case{"10.1.1.1", "2001:db8::7, [fd00::1]:80", "<2001:db8::7>"},
                          Case{"10.1.1.1", "[2001:db8::7]:4711", "<2001:db8::7>"}, Case{"10.1.1.1", "[", "<>"},
                          Case{"192.0.2.9", "192.0.2.7", "<192.0.2.9>"}}) {
      auto [mine, theirs] = testing::stream_pair();
      server.serve(std::move(theirs), {.address = c.peer});
      co_await testing::send(*mine, fmt::format("GET / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n"
                                                "X-Forwarded-For: {}\r\n\r\n",
                                                c.said));
      EXPECT_THAT(co_await testing::receive_all(*mine), HasSubstr(c.client)) << c.said;
    }
  });
}

TEST(Access, RolesDecideFirst) {
  testing::run([]() -> Task<> {
    World world;
    const auto route = route_of({"reader"});
    EXPECT_EQ(world.access.may_use(use_of({.user = "u", .roles = {"reader"}}, route)).answer, Answer::allowed);
    EXPECT_EQ(world.access.may_use(use_of({.user = "u"}, route)).answer, Answer::hidden);
    EXPECT_EQ(world.access.may_use(use_of({.user = "key:carol"}, route)).answer, Answer::allowed);
    EXPECT_EQ(world.access.may_use(use_of({.user = "u", .roles = {"mcp.admin"}}, route)).answer, Answer::allowed);
    EXPECT_EQ(world.counters.denied.get(), 1u);
    co_return;
  });
}

TEST(Access, RulesHideDenyAndAskForScopes) {
  testing::run([]() -> Task<> {
    policy::Rules rules;
    rules.rules.push_back({.name = "no-deleting", .effect = policy::Effect::deny, .match = {.tools = {"delete_*"}}});
    rules.rules.push_back({.name = "writing",
                           .effect = policy::Effect::require_scopes,
                           .match = {.tools = {"write_*"}},
                           .scopes = {"files.write"}});
    World world({}, rules);
    const auto route = route_of({"*"});
    const identity::Principal who{.user = "u", .scopes = {"files.read"}};
    const Use use = use_of(who, route);
    EXPECT_EQ(world.access.may_use(use).answer, Answer::allowed);
    EXPECT_TRUE(world.access.looks_at_messages(use));
    const auto call = [&](std::string_view tool) {
      return world.access.judge(use, {.method = "tools/call", .kind = policy::ItemKind::tool, .item = tool});
    };
    EXPECT_EQ(call("read_file").answer, Answer::allowed);
    EXPECT_EQ(call("delete_file").answer, Answer::hidden);
    EXPECT_EQ(call("write_file").answer, Answer::need_scopes);
    EXPECT_THAT(call("write_file").scopes, ::testing::ElementsAre("files.write"));
    EXPECT_FALSE(world.access.shows(use, policy::ItemKind::tool, "delete_file", {}));
    EXPECT_TRUE(world.access.shows(use, policy::ItemKind::tool, "write_file", {}));
    co_return;
  });
}

TEST(Access, ARuleThatComesWhileARequestWaitsKnowsWhereItIsFrom) {
  struct Waits final : http::Service {
    explicit Waits(World& w) : world(w) {}
    Task<Result<>> handle(http::Exchange& exchange) override {
      exchange.caller = std::make_shared<const identity::Principal>(identity::Principal{.user = "u"});
      const Use use = world.access.begin(exchange, route);
      policy::Rules rules;
      rules.rules.push_back({.name = "not-from-there",
                             .effect = policy::Effect::deny,
                             .match = {.networks = {"192.0.2.0/24"}, .tools = {"x"}}});
      Settings changed = world.access.settings();
      changed.policy = *policy::Policy::compile(rules);
      world.access.apply(std::make_shared<const Settings>(std::move(changed)));
      const Operation call{.method = "tools/call", .kind = policy::ItemKind::tool, .item = "x"};
      const bool hidden = world.access.judge(use, call).answer == Answer::hidden;
      co_return co_await exchange.respond(200, "text/plain", hidden ? "hidden" : "allowed");
    }
    World& world;
    routing::AdapterRoute route = route_of({"*"});
  };
  testing::run([]() -> Task<> {
    World world;
    Waits service(world);
    http::ServerCounters counters;
    http::Server server(*Loop::current(), service, {}, counters);
    auto [mine, theirs] = testing::stream_pair();
    server.serve(std::move(theirs), {.address = "192.0.2.7"});
    co_await testing::send(*mine, "GET / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(co_await testing::receive_all(*mine), HasSubstr("hidden"));
  });
}

TEST(Access, ACapabilityHeaderThatCannotBeVerifiedAllowsNoItem) {
  testing::run([]() -> Task<> {
    World world;
    const auto route = route_of({"*"});
    const identity::Principal who{.user = "u"};
    Use use = use_of(who, route);
    use.refuses_items = true;
    EXPECT_EQ(world.access.judge(use, {.method = "tools/call", .kind = policy::ItemKind::tool, .item = "x"}).answer,
              Answer::hidden);
    EXPECT_EQ(world.access.judge(use, {.method = "ping"}).answer, Answer::allowed);
    EXPECT_FALSE(world.access.shows(use, policy::ItemKind::tool, "x", {}));
    co_return;
  });
}

TEST(Access, IdentityIsForwardedOnlyWhereItIsAskedForAndCannotBreakALine) {
  testing::run([]() -> Task<> {
    World world;
    auto route = route_of({});
    const identity::Principal who{.method = identity::Method::token,
                                  .user = "alice",
                                  .name = "Alice\r\nX-Mcp-Roles: mcp.admin",
                                  .roles = {"reader", "a,mcp.admin"}};
    EXPECT_EQ(world.access.identity_fields(who, route), "");
    route.forwarded_identity = model::ForwardedIdentity::headers;
    EXPECT_EQ(world.access.identity_fields(who, route),
              "X-Mcp-UserId: alice\r\nX-Mcp-UserName: Alice??X-Mcp-Roles: mcp.admin\r\nX-Mcp-Roles: reader\r\n");
    route.forwarded_identity = model::ForwardedIdentity::token;
    const std::string fields = world.access.identity_fields(who, route);
    EXPECT_THAT(fields, HasSubstr("X-Mcp-Identity: eyJ"));
    EXPECT_EQ(fields, world.access.identity_fields(who, route));
    co_return;
  });
}

}  // namespace
}  // namespace gw::access
