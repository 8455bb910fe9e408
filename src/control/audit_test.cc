// What the audit trail is told about changes.

#include <gmock/gmock.h>

#include <future>

#include <fmt/core.h>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const auto alice = person("alice");

std::string text_of(const audit::Record& r) {
  return fmt::format("{} {} {} {}{} {}", r.kind == audit::Kind::change ? "change" : "decision", r.user, r.action,
                     r.adapter, r.item, r.answer);
}

std::vector<std::string> texts_of(const std::vector<audit::Record>& records) {
  std::vector<std::string> texts;
  for (const audit::Record& record : records) texts.push_back(text_of(record));
  return texts;
}

TEST(Audit, EachChangeIsRecordedBeforeItBeginsAndWhenItHasEnded) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const std::string docs = R"({"name":"docs","url":"http://127.0.0.1:9/mcp"})";
    co_await g.ask_as(alice, "POST", "/adapters", docs, "X-Forwarded-For: 10.0.0.7\r\n");
    co_await g.ask_as(alice, "PUT", "/adapters/docs", docs);
    co_await g.ask_as(alice, "DELETE", "/adapters/docs");
    EXPECT_THAT(texts_of(g.records),
                ElementsAre("change alice adapter.create docs allowed", "change alice adapter.create docs done",
                            "change alice adapter.update docs allowed", "change alice adapter.update docs done",
                            "change alice adapter.delete docs allowed", "change alice adapter.delete docs done"));
    EXPECT_EQ(g.records[0].client, "10.0.0.7");
    EXPECT_EQ(g.records[0].method, "token");
  });
}

TEST(Audit, KeysAndSecretsAreNamedButNotShown) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto made = co_await g.ask("POST", "/keys", R"({"name":"ci"})");
    const std::string id(made.json().at("id").as_string());
    co_await g.ask("DELETE", "/keys/" + id);
    co_await g.ask("PUT", "/secrets/token", R"({"value":"hunter2"})");
    co_await g.ask("DELETE", "/secrets/token");
    const auto texts = texts_of(g.records);
    EXPECT_THAT(
        texts,
        ElementsAre("change anonymous key.create " + id + " allowed", "change anonymous key.create " + id + " done",
                    "change anonymous key.revoke " + id + " allowed", "change anonymous key.revoke " + id + " done",
                    "change anonymous secret.set token allowed", "change anonymous secret.set token done",
                    "change anonymous secret.delete token allowed", "change anonymous secret.delete token done"));
    for (const auto& record : g.records) EXPECT_THAT(record.reason + record.item, Not(HasSubstr("hunter2")));
  });
}

TEST(Audit, WhatFailsSaysWhyAndWhatIsNotAChangeIsNotRecorded) {
  testing::run([]() -> Task<> {
    Gateway g({remote("filed")});
    co_await g.start();
    co_await g.ask("GET", "/adapters");
    co_await g.ask("POST", "/adapters", "{}");
    EXPECT_TRUE(g.records.empty());
    co_await g.ask("DELETE", "/adapters/filed");
    EXPECT_THAT(texts_of(g.records), ElementsAre("change anonymous adapter.delete filed allowed",
                                                 "change anonymous adapter.delete filed failed"));
    EXPECT_THAT(g.records[1].reason, HasSubstr("configuration file"));
  });
}

TEST(Audit, RefusalsByRoleAreRecordedUnlessThereIsNothing) {
  testing::run([]() -> Task<> {
    Gateway g({remote("filed")});
    co_await g.start();
    co_await g.ask_as(alice, "GET", "/adapters/filed");
    co_await g.ask_as(alice, "GET", "/adapters/none");
    co_await g.ask_as(alice, "PUT", "/secrets/token", R"({"value":"hunter2"})", "X-Request-Id: r-7\r\n");
    EXPECT_THAT(texts_of(g.records), ElementsAre("decision alice GET /adapters/{name} filed denied",
                                                 "decision alice PUT /secrets/{name} token denied"));
    EXPECT_EQ(g.records.back().request, "r-7");
  });
}

TEST(Audit, AttemptsToGetMoreRightsAreRecorded) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const std::string remote = R"({"name":"docs","url":"http://127.0.0.1:9/mcp"})";
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", R"({"name":"sh","command":"/bin/sh"})")).status, 403);
    EXPECT_THAT(texts_of(g.records), ElementsAre("decision alice adapter.create sh denied"));
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", remote)).status, 201);
    g.records.clear();
    EXPECT_EQ((co_await g.ask_as(alice, "PUT", "/adapters/docs", R"({"name":"docs","command":"/bin/sh"})")).status,
              403);
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/keys", R"({"name":"k","roles":["mcp.admin"]})")).status, 403);
    EXPECT_THAT(texts_of(g.records),
                ElementsAre("decision alice adapter.update docs denied", "decision alice key.create  denied"));
    EXPECT_THAT(g.records[0].reason, HasSubstr("operatorRoles"));
    EXPECT_THAT(g.records[1].reason, HasSubstr("mcp.admin"));
  });
}

TEST(Audit, WithoutARecordNothingIsChanged) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    EXPECT_EQ((co_await g.ask("POST", "/adapters", R"({"name":"docs","url":"http://h/"})")).status, 201);
    const auto made = co_await g.ask("POST", "/keys", R"({"name":"k"})");
    const std::string key = "/keys/" + std::string(made.json().at("id").as_string());
    EXPECT_EQ((co_await g.ask("PUT", "/secrets/kept", R"({"value":"x"})")).status, 201);
    g.audit_is_full = true;
    struct Change {
      const char* method;
      std::string target;
      const char* body = "";
    };
    for (const auto& [method, target, body] :
         std::vector<Change>{{"POST", "/adapters", R"({"name":"new","url":"http://h/"})"},
                             {"PUT", "/adapters/docs", R"({"name":"docs","url":"http://h/","description":"New."})"},
                             {"DELETE", "/adapters/docs"},
                             {"POST", "/keys", R"({"name":"k2"})"},
                             {"DELETE", key},
                             {"PUT", "/secrets/new", R"({"value":"x"})"},
                             {"DELETE", "/secrets/kept"}}) {
      const auto refused = co_await g.ask(method, target, body);
      EXPECT_EQ(refused.status, 503) << method << target;
      EXPECT_THAT(refused.body, HasSubstr("the disk is full"));
    }
    EXPECT_EQ((co_await g.ask("GET", "/adapters")).json().as_array().size(), 1u);
    EXPECT_THAT((co_await g.ask("GET", "/adapters/docs")).body, Not(HasSubstr("New.")));
    EXPECT_EQ(g.keys.size(), 1u);
    EXPECT_EQ(g.vault.list().size(), 1u);
  });
}

TEST(Audit, AChangeWhoseCallerLeftIsNotCalledDone) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    // Holds the only thread of the store until the client has left.
    std::promise<void> gate;
    g.blocking.submit([&gate] { gate.get_future().wait(); });
    auto stream = g.connect();
    const std::string body = R"({"value":"x"})";
    co_await testing::send(*stream, "PUT /secrets/token HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\n" +
                                        caller_field(everybody) + "Content-Length: " + std::to_string(body.size()) +
                                        "\r\n\r\n" + body);
    while (g.records.empty()) co_await sleep_for(std::chrono::milliseconds(1));
    stream.reset();
    while (g.server->connections() > 0) co_await sleep_for(std::chrono::milliseconds(1));
    gate.set_value();
    co_await g.vault.settled();
    EXPECT_THAT(texts_of(g.records),
                ElementsAre("change anonymous secret.set token allowed", "change anonymous secret.set token unknown"));
    EXPECT_TRUE(g.vault.has("token"));
  });
}

}  // namespace
}  // namespace gw::control
