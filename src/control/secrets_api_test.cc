// Secrets as administrators manage them.

#include <gmock/gmock.h>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Secrets, AreSetListedAndRemovedButNeverShown) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto set = co_await g.ask("PUT", "/secrets/search-token", R"({"value":"hunter2"})");
    EXPECT_EQ(set.status, 201);
    EXPECT_EQ(set.json().at("name"), "search-token");
    EXPECT_EQ((co_await g.ask("PUT", "/secrets/search-token", R"({"value":"hunter3"})")).status, 200);
    const auto listed = co_await g.ask("GET", "/secrets");
    EXPECT_EQ(listed.json().as_array().size(), 1u);
    EXPECT_THAT(set.body + listed.body, Not(HasSubstr("hunter")));
    EXPECT_EQ(g.vault.find("search-token")->reveal(), "hunter3");
    EXPECT_EQ((co_await g.ask("DELETE", "/secrets/search-token")).status, 204);
    EXPECT_EQ((co_await g.ask("DELETE", "/secrets/search-token")).status, 404);
    EXPECT_EQ((co_await g.ask("GET", "/secrets/search-token")).status, 405);
  });
}

TEST(Secrets, AreForAdministrators) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto bob = person("bob");
    EXPECT_EQ((co_await g.ask_as(bob, "GET", "/secrets")).status, 403);
    EXPECT_EQ((co_await g.ask_as(bob, "PUT", "/secrets/a", R"({"value":"x"})")).status, 403);
    EXPECT_EQ((co_await g.ask_as(bob, "DELETE", "/secrets/a")).status, 403);
    EXPECT_TRUE(g.vault.list().empty());
  });
}

TEST(Secrets, WhatIsWrongIsSaidWithoutTheValue) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto name = co_await g.ask("PUT", "/secrets/a%20b", R"({"value":"hunter2"})");
    EXPECT_EQ(name.status, 400);
    EXPECT_THAT(name.wrong_fields(), ElementsAre("name"));
    const auto member = co_await g.ask("PUT", "/secrets/a", R"({"valeu":"hunter2"})");
    EXPECT_EQ(member.status, 400);
    const auto type = co_await g.ask("PUT", "/secrets/a", R"({"value":["hunter2"]})");
    EXPECT_EQ(type.status, 400);
    const auto broken = co_await g.ask("PUT", "/secrets/a", R"({"value":"hunter2")");
    EXPECT_EQ(broken.status, 400);
    EXPECT_THAT(name.body + member.body + type.body + broken.body, Not(HasSubstr("hunter2")));
    EXPECT_EQ((co_await g.ask("PUT", "/secrets/a", R"({"value":")" + std::string(70'000, 'x') + "\"}")).status, 413);
  });
}

TEST(Secrets, AChangeReachesTheRoutesAtOnce) {
  testing::run([]() -> Task<> {
    auto spec = remote("docs");
    spec.url->headers = {{"Authorization", "Bearer ${secret:token}"}};
    Gateway g({spec});
    g.workers.start();
    co_await g.start();
    const auto configured = [&g]() -> Task<std::string> {
      const auto status = co_await g.ask("GET", "/adapters/docs/status");
      co_return std::string(status.json().at("conditions").at(1).at("message").as_string());
    };
    EXPECT_EQ(co_await configured(),
              "header 'Authorization': there is no secret named 'token'; set it with mcp-gateway "
              "secrets set token");
    co_await g.ask("PUT", "/secrets/token", R"({"value":"one"})");
    EXPECT_EQ(co_await configured(), "");
    co_await g.ask("PUT", "/secrets/token", R"({"value":"two"})");
    g.stop_workers();
    const auto route = g.table.find("docs");
    EXPECT_TRUE(route != nullptr && route->extra_fields == "Authorization: Bearer two\r\n");
  });
}

}  // namespace
}  // namespace gw::control
