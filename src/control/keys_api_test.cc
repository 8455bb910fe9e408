// API keys as users and administrators manage them.

#include <gmock/gmock.h>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const auto alice = person("alice", {"engineer", "readers"});
const auto bob = person("bob", {"readers"});
const auto admin = person("ada", {"mcp.admin"});

std::string id_of(const Reply& reply) {
  return std::string(reply.json().at("id").as_string());
}

TEST(Keys, AreShownOnceAndKeptAsHashes) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto made =
        co_await g.ask_as(alice, "POST", "/keys", R"({"name":"ci","roles":["Engineer"],"expiresIn":"90d"})");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.field("Cache-Control"), "no-store");
    EXPECT_EQ(made.field("Location"), "/keys/" + id_of(made));
    const auto document = made.json();
    const std::string key(document.at("key").as_string());
    EXPECT_EQ(document.at("createdBy"), "alice");
    EXPECT_EQ(g.keys.size(), 1u);
    EXPECT_EQ(g.keys.at(0).hash, auth::hash_of_api_key(key));
    EXPECT_THAT(g.keys.at(0).roles, ElementsAre("Engineer"));
    EXPECT_EQ(*g.keys.at(0).expires_at - g.keys.at(0).created_at, std::chrono::days(90));
    EXPECT_EQ(g.key_store.list_keys(), g.keys);

    for (const std::string& target : {std::string("/keys"), "/keys/" + id_of(made)}) {
      const auto read = co_await g.ask_as(alice, "GET", target);
      EXPECT_EQ(read.status, 200);
      EXPECT_THAT(read.body, Not(HasSubstr(key)));
      EXPECT_THAT(read.body, Not(HasSubstr(g.keys.at(0).hash)));
      EXPECT_THAT(read.body, HasSubstr(R"("name":"ci")"));
    }
    const auto revoked = co_await g.ask_as(alice, "DELETE", "/keys/" + id_of(made));
    EXPECT_EQ(revoked.status, 204);
    EXPECT_TRUE(g.keys.empty());
    EXPECT_EQ((co_await g.ask_as(alice, "GET", "/keys/" + id_of(made))).status, 404);
  });
}

TEST(Keys, AreTheirMakersAndAdministrators) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto hers = co_await g.ask_as(alice, "POST", "/keys", R"({"name":"hers"})");
    const auto his = co_await g.ask_as(bob, "POST", "/keys", R"({"name":"his"})");
    const auto count = [&g](identity::Principal who) -> Task<std::size_t> {
      co_return (co_await g.ask_as(std::move(who), "GET", "/keys")).json().as_array().size();
    };
    EXPECT_EQ(co_await count(alice), 1u);
    EXPECT_EQ(co_await count(bob), 1u);
    EXPECT_EQ(co_await count(admin), 2u);
    const auto foreign = co_await g.ask_as(bob, "DELETE", "/keys/" + id_of(hers));
    const auto missing = co_await g.ask_as(bob, "DELETE", "/keys/" + std::string(12, 'a'));
    EXPECT_EQ(foreign.status, 404);
    EXPECT_EQ(foreign.json().at("code"), missing.json().at("code"));
    EXPECT_EQ((co_await g.ask_as(admin, "DELETE", "/keys/" + id_of(hers))).status, 204);
    EXPECT_EQ(co_await count(alice), 0u);
  });
}

TEST(Keys, GiveNobodyMoreThanHeHas) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    for (const char* roles : {R"(["engineer"])", R"(["readers","mcp.admin"])"}) {
      const auto refused =
          co_await g.ask_as(bob, "POST", "/keys", std::string(R"({"name":"k","roles":)") + roles + '}');
      EXPECT_EQ(refused.status, 403) << refused.body;
      EXPECT_THAT(refused.wrong_fields(), ElementsAre("roles"));
    }
    EXPECT_TRUE(g.keys.empty());
    EXPECT_EQ((co_await g.ask_as(admin, "POST", "/keys", R"({"name":"k","roles":["engineer"]})")).status, 201);
  });
}

TEST(Keys, AKeyMakesNoneThatOutlivesIt) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto in_an_hour =
        std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count() + 3600;
    const identity::Principal key{
        .method = identity::Method::api_key, .user = "key:abc", .api_key = "abc", .expires = in_an_hour};
    EXPECT_EQ((co_await g.ask_as(key, "POST", "/keys", R"({"name":"k"})")).status, 403);
    EXPECT_EQ((co_await g.ask_as(key, "POST", "/keys", R"({"name":"k","expiresIn":"2h"})")).status, 403);
    EXPECT_EQ((co_await g.ask_as(key, "POST", "/keys", R"({"name":"k","expiresIn":"30m"})")).status, 201);
    identity::Principal token = alice;
    token.expires = in_an_hour;
    EXPECT_EQ((co_await g.ask_as(token, "POST", "/keys", R"({"name":"k"})")).status, 201) << "tokens are renewed";
  });
}

TEST(Keys, GoWithTheKeyThatMadeThem) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto key_user = [](const Reply& made) {
      const std::string id = id_of(made);
      return identity::Principal{.method = identity::Method::api_key, .user = "key:" + id, .api_key = id};
    };
    const auto lost = co_await g.ask_as(alice, "POST", "/keys", R"({"name":"lost"})");
    const auto kept = co_await g.ask_as(alice, "POST", "/keys", R"({"name":"kept"})");
    const auto child = co_await g.ask_as(key_user(lost), "POST", "/keys", R"({"name":"child"})");
    const auto grandchild = co_await g.ask_as(key_user(child), "POST", "/keys", R"({"name":"grandchild"})");
    EXPECT_EQ(grandchild.status, 201) << grandchild.body;

    EXPECT_EQ((co_await g.ask_as(alice, "DELETE", "/keys/" + id_of(lost))).status, 204);
    EXPECT_EQ(g.keys.size(), 1u);
    EXPECT_EQ(g.keys.at(0).id, id_of(kept));
    EXPECT_EQ(g.key_store.list_keys(), g.keys);
    const auto late = co_await g.ask_as(key_user(lost), "POST", "/keys", R"({"name":"late"})");
    EXPECT_EQ(late.status, 403) << "a request that was on its way when the key was revoked";
    EXPECT_EQ(g.keys.size(), 1u);
  });
}

TEST(Keys, AreFewForEachUserHoweverTheyAreMade) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    identity::Principal maker = alice;
    for (int i = 0; i < 50; ++i) {
      const auto made = co_await g.ask_as(maker, "POST", "/keys", R"({"name":"k"})");
      EXPECT_EQ(made.status, 201) << made.body;
      maker = {.method = identity::Method::api_key, .user = "key:" + id_of(made), .api_key = id_of(made)};
    }
    EXPECT_EQ((co_await g.ask_as(maker, "POST", "/keys", R"({"name":"k"})")).status, 409);
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/keys", R"({"name":"k"})")).status, 409);
    EXPECT_EQ((co_await g.ask_as(bob, "POST", "/keys", R"({"name":"k"})")).status, 201);
    EXPECT_EQ((co_await g.ask_as(admin, "POST", "/keys", R"({"name":"k"})")).status, 201);
  });
}

TEST(Keys, WhatIsWrongIsNamed) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto wrong = [&g](std::string body) -> Task<std::vector<std::string>> {
      const auto reply = co_await g.ask("POST", "/keys", std::move(body));
      EXPECT_EQ(reply.status, 400) << reply.body;
      co_return reply.wrong_fields();
    };
    EXPECT_THAT(co_await wrong(R"({"name":"k","expiresIn":"soon"})"), ElementsAre("expiresIn"));
    EXPECT_THAT(co_await wrong(R"({"name":"k","expiresIn":"0s"})"), ElementsAre("expiresIn"));
    EXPECT_THAT(co_await wrong(R"({"roles":[]})"), ElementsAre("name"));
    EXPECT_THAT(co_await wrong(R"({"name":"a\u0001","roles":["",2]})"), ElementsAre("roles[1]"));
    EXPECT_THAT(co_await wrong(R"({"name":"a\u0001","roles":["x",""]})"), ElementsAre("name", "roles[1]"));
    EXPECT_TRUE(g.keys.empty());
  });
}

TEST(Keys, AreKnownAfterARestart) {
  testing::run([]() -> Task<> {
    Gateway g;
    auth::ApiKey stored;
    stored.id = "abc";
    stored.hash = "h";
    stored.created_by = "alice";
    EXPECT_TRUE(g.key_store.create_key(stored));
    co_await g.start();
    EXPECT_THAT(g.keys, ElementsAre(stored));
    EXPECT_EQ((co_await g.ask_as(alice, "GET", "/keys/abc")).status, 200);
  });
}

}  // namespace
}  // namespace gw::control
