// What callers see of what is not theirs, and what they are told about it.

#include <gmock/gmock.h>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const auto alice = person("alice");
const auto bob = person("bob", {"readers"});
const auto admin = person("ada", {"mcp.admin"});

std::string adapter(const std::string& name, const std::string& more = {}) {
  return R"({"name":")" + name + R"(","url":"http://127.0.0.1:9/mcp")" + more + '}';
}

TEST(Access, ARequestThatDoesNotSayWhoAsksIsOurOwnFault) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    for (const char* field : {"", "X-Gateway-Caller: nonsense\r\n"}) {
      auto stream = g.connect();
      co_await testing::send(
          *stream, "GET /adapters HTTP/1.1\r\nHost: g\r\nConnection: close\r\n" + std::string(field) + "\r\n");
      EXPECT_THAT(co_await testing::receive_all(*stream), HasSubstr("HTTP/1.1 500 "));
    }
  });
}

TEST(Access, WhatSomebodyMakesIsHis) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto created = co_await g.ask_as(alice, "POST", "/adapters", adapter("docs"));
    EXPECT_EQ(created.json().at("createdBy").as_string(), "alice");
    EXPECT_EQ((co_await g.ask_as(alice, "PUT", "/adapters/docs", adapter("docs"))).status, 200);
    EXPECT_EQ((co_await g.ask_as(alice, "DELETE", "/adapters/docs")).status, 204);
  });
}

TEST(Access, WhatIsNotReadableIsAnsweredExactlyAsIfItWereNotThere) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", adapter("docs"))).status, 201);
    struct Question {
      const char* method;
      const char* suffix;
      const char* body = "";
    };
    for (const auto& [method, suffix, body] :
         {Question{"GET", ""}, Question{"GET", "/status"}, Question{"GET", "/logs?tail=x"}, Question{"DELETE", ""},
          Question{"PUT", "", "no JSON"}, Question{"PUT", "", R"({"name":"else","url":"http://h/"})"}}) {
      const auto hidden = co_await g.ask_as(bob, method, std::string("/adapters/docs") + suffix, body);
      auto missing = co_await g.ask_as(bob, method, std::string("/adapters/none") + suffix, body);
      EXPECT_EQ(hidden.status, 404) << method << suffix;
      while (missing.body.contains("none")) missing.body.replace(missing.body.find("none"), 4, "docs");
      EXPECT_EQ(hidden.body, missing.body) << method << suffix;
      EXPECT_EQ(hidden.field("Content-Type"), missing.field("Content-Type"));
      EXPECT_EQ(hidden.field("ETag"), "");
    }
    const auto taken = co_await g.ask_as(bob, "POST", "/adapters", adapter("docs"));
    EXPECT_EQ(taken.status, 409);
    EXPECT_EQ(taken.json().at("detail").as_string(),
              "the name 'docs' is taken by an adapter; adapters and tools share their names: choose another one");
  });
}

TEST(Access, WhoMayReadButNotChangeIsToldWhoMay) {
  testing::run([]() -> Task<> {
    Gateway g({remote("filed")});
    co_await g.start();
    const auto shared = adapter("docs", R"(,"requiredRoles":["Readers"])");
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", shared)).status, 201);
    EXPECT_EQ((co_await g.ask_as(bob, "GET", "/adapters/docs")).status, 200);
    for (const char* method : {"PUT", "DELETE"}) {
      const auto refused = co_await g.ask_as(bob, method, "/adapters/docs", *method == 'P' ? shared : "");
      EXPECT_EQ(refused.status, 403);
      EXPECT_EQ(refused.json().at("code").as_string(), "forbidden");
      EXPECT_EQ(refused.json().at("detail").as_string(),
                "adapter 'docs' may be changed only by 'alice', who created it, and administrators, who have the role "
                "'mcp.admin'");
    }
    EXPECT_EQ((co_await g.ask_as(admin, "DELETE", "/adapters/docs")).status, 204);
  });
}

TEST(Access, AUserWhoIsCalledConfigurationOwnsNothingOfTheFile) {
  testing::run([]() -> Task<> {
    Gateway g({remote("filed")});
    co_await g.start();
    EXPECT_EQ((co_await g.ask_as(person("configuration"), "GET", "/adapters/filed")).status, 404);
  });
}

TEST(Access, ListsShowWhatTheCallerMayReadAndPagesAreFull) {
  testing::run([]() -> Task<> {
    auto open = remote("open");
    open.required_roles = {"*"};
    Gateway g({open, remote("closed")});
    co_await g.start();
    for (const char* name : {"a", "c", "e", "x"}) {
      EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", adapter(name))).status, 201);
    }
    for (const char* name : {"b", "d", "z"}) {
      const auto body = adapter(name, R"(,"requiredRoles":["readers"])");
      EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", body)).status, 201);
    }
    std::string names;
    std::string target = "/adapters?limit=2";
    for (int pages = 0; !target.empty() && pages < 5; ++pages) {
      const auto page = co_await g.ask_as(bob, "GET", target);
      for (const auto& each : page.json().as_array()) names += std::string(each.at("name").as_string()) + ' ';
      names += '|';
      const auto link = page.field("Link");
      target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    EXPECT_EQ(names, "b d |open z |");
    EXPECT_EQ((co_await g.ask_as(admin, "GET", "/adapters")).json().as_array().size(), 9u);
  });
}

TEST(Access, StrangersSeeOnlyWhatTheFrontMayLetThemSee) {
  testing::run([]() -> Task<> {
    auto open = remote("open");
    open.required_roles = {"*"};
    Gateway g({open});
    co_await g.start();
    const identity::Principal stranger;
    for (const char* target : {"/ping", "/readyz", "/metrics", "/status", "/openapi.json", "/"}) {
      EXPECT_EQ((co_await g.ask_as(stranger, "GET", target)).status, 200) << target;
    }
    for (const char* target : {"/adapters", "/adapters/open", "/adapters/none", "/keys", "/secrets", "/whoami"}) {
      EXPECT_EQ((co_await g.ask_as(stranger, "GET", target)).status, 403) << target;
    }
    EXPECT_EQ((co_await g.ask_as(stranger, "POST", "/adapters", adapter("mine"))).status, 403);
    for (const char* target : {"/metrics", "/status"}) {
      const auto refused = co_await g.ask_as(bob, "GET", target);
      EXPECT_EQ(refused.status, 403);
      EXPECT_THAT(refused.body, HasSubstr("who have the role 'mcp.admin'"));
      EXPECT_EQ((co_await g.ask_as(admin, "GET", target)).status, 200);
    }
    EXPECT_EQ((co_await g.ask_as(bob, "GET", "/openapi.json")).status, 200);
  });
}

TEST(Access, WorkloadIdentityNeedsARole) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    g.plane->apply({.workload_identity_roles = {"deployer"}});
    const auto with = adapter("docs", R"(,"useWorkloadIdentity":true)");
    const auto refused = co_await g.ask_as(alice, "POST", "/adapters", with);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.wrong_fields(), ::testing::ElementsAre("useWorkloadIdentity"));
    const auto deployer = person("dan", {"Deployer"});
    EXPECT_EQ((co_await g.ask_as(deployer, "POST", "/adapters", with)).status, 201);
    EXPECT_EQ((co_await g.ask_as(deployer, "PUT", "/adapters/docs", with)).status, 200);
    EXPECT_EQ((co_await g.ask_as(person("dan"), "PUT", "/adapters/docs", with)).status, 403)
        << "creators have no bypass";
    EXPECT_EQ((co_await g.ask_as(admin, "PUT", "/adapters/docs", with)).status, 200);
  });
}

TEST(Access, OnlyOperatorsReachIntoTheMachine) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const std::string reaching[] = {R"({"name":"a","command":"/bin/sh","args":["-c","id"]})",
                                    R"({"name":"b","url":"http://x/","headers":{"X-Key":"${env:ROOT_KEY}"}})",
                                    R"({"name":"c","url":"http://x/","headers":{"X-Key":"${file:/etc/shadow}"}})",
                                    R"({"name":"d","url":"https://x/","caFile":"/etc/hostname"})"};
    for (const std::string& body : reaching) {
      EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", body)).status, 403) << body;
    }
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", adapter("docs"))).status, 201);
    g.plane->apply({.operator_roles = {"ops"}});
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", reaching[0])).status, 403);
    EXPECT_EQ((co_await g.ask_as(person("olga", {"Ops"}), "POST", "/adapters", reaching[0])).status, 201);
  });
}

TEST(Access, OnlyAdministratorsReferToSecrets) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    EXPECT_EQ((co_await g.ask_as(admin, "PUT", "/secrets/token", R"({"value":"hunter2"})")).status, 201);
    const auto stealing = adapter("docs", R"(,"headers":{"X-Key":"${secret:token}"})");
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", stealing)).status, 403);
    const std::string variable = R"({"name":"git","command":"c","environmentVariables":{"T":"${secret:token}"}})";
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", variable)).status, 403);
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", adapter("docs"))).status, 201);
    EXPECT_EQ((co_await g.ask_as(alice, "PUT", "/adapters/docs", stealing)).status, 403);
    EXPECT_EQ((co_await g.ask_as(admin, "PUT", "/adapters/docs", stealing)).status, 200);
  });
}

TEST(Access, TheAdministratorsRoleMayChangeWhileRunning) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    g.plane->apply({.admin_role = "root"});
    EXPECT_EQ((co_await g.ask_as(admin, "GET", "/status")).status, 403);
    EXPECT_EQ((co_await g.ask_as(person("r", {"Root"}), "GET", "/status")).status, 200);
  });
}

TEST(Access, ARouteSaysWhoMayUseIt) {
  testing::run([]() -> Task<> {
    Gateway g;
    g.workers.start();
    co_await g.start();
    const auto body = adapter("docs", R"(,"requiredRoles":["readers"],"forwardedIdentity":"headers")");
    EXPECT_EQ((co_await g.ask_as(alice, "POST", "/adapters", body)).status, 201);
    g.stop_workers();
    const auto route = g.table.find("docs");
    EXPECT_NE(route, nullptr);
    if (route == nullptr) co_return;
    EXPECT_EQ(route->forwarded_identity, model::ForwardedIdentity::headers);
    EXPECT_EQ(route->ownership, (identity::Ownership{.created_by = "alice", .required_roles = {"readers"}}));
  });
}

TEST(Access, FollowedLogsEndWhenTheyMayNotBeReadAnyMore) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const std::string shared = R"({"name":"git","command":"s","transport":"http","requiredRoles":["readers"]})";
    const std::string closed = R"({"name":"git","command":"s","transport":"http"})";
    g.plane->apply({.operator_roles = {"ops"}});
    const auto olga = person("olga", {"ops"});
    co_await g.ask_as(olga, "POST", "/adapters", shared);
    auto stream = g.connect();
    co_await testing::send(*stream,
                           "GET /adapters/git/logs?follow=true HTTP/1.1\r\nHost: g\r\n" + caller_field(bob) + "\r\n");
    co_await testing::receive_until(*stream, "\r\n\r\n");
    EXPECT_EQ((co_await g.ask_as(olga, "PUT", "/adapters/git", closed)).status, 200);
    g.logs.open("git", 0)->append(process::LogStream::err, "not for bob");
    EXPECT_THAT(co_await testing::receive_until(*stream, "0\r\n\r\n"), Not(HasSubstr("not for bob")));
  });
}

// The front lets nobody in whose time is over; here it is over while he follows.
TEST(Access, FollowedLogsEndWithTheTimeOfTheirReader) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    g.plane->apply({.operator_roles = {"ops"}});
    const std::string shared = R"({"name":"git","command":"s","transport":"http","requiredRoles":["readers"]})";
    co_await g.ask_as(person("olga", {"ops"}), "POST", "/adapters", shared);
    identity::Principal late = bob;
    late.expires = 1;
    auto stream = g.connect();
    co_await testing::send(*stream,
                           "GET /adapters/git/logs?follow=true HTTP/1.1\r\nHost: g\r\n" + caller_field(late) + "\r\n");
    co_await testing::receive_until(*stream, "\r\n\r\n");
    g.logs.open("git", 0)->append(process::LogStream::err, "too late");
    EXPECT_THAT(co_await testing::receive_until(*stream, "0\r\n\r\n"), Not(HasSubstr("too late")));
  });
}

TEST(Access, WhoamiSaysWhoAsks) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const identity::Principal who{.method = identity::Method::token,
                                  .user = "corp:alice",
                                  .name = "Alice",
                                  .issuer = "https://issuer.example",
                                  .client_id = "app",
                                  .roles = {"readers"},
                                  .groups = {"g"},
                                  .scopes = {"s"},
                                  .expires = 1'900'000'000};
    const auto reply = co_await g.ask_as(who, "GET", "/whoami");
    EXPECT_EQ(reply.body, R"({"method":"token","user":"corp:alice","name":"Alice","issuer":"https://issuer.example",)"
                          R"("clientId":"app","apiKey":null,"roles":["readers"],"groups":["g"],"scopes":["s"],)"
                          R"("expiresAt":"2030-03-17T17:46:40.000Z","administrator":false})");
    EXPECT_EQ(reply.field("Cache-Control"), "no-store");
    EXPECT_TRUE((co_await g.ask_as(admin, "GET", "/whoami")).json().at("administrator").as_bool());
  });
}

// Interns may only read, but a key of theirs may not even do that.
AccessSettings with_policy() {
  policy::Rule interns{.name = "interns-only-read", .effect = policy::Effect::deny, .match = {}, .scopes = {}};
  interns.match.roles = {"intern"};
  interns.match.annotations = {{"readOnlyHint", false}};
  policy::Rule scope{
      .name = "writing-needs-a-scope", .effect = policy::Effect::require_scopes, .match = {}, .scopes = {"write"}};
  scope.match.tools = {"write_*"};
  policy::Rule paths{.name = "no-etc", .effect = policy::Effect::deny, .match = {}, .scopes = {}};
  paths.match.arguments = {{.pointer = "/path", .matches = {"/etc/*"}, .equals = {}, .present = {}}};
  AccessSettings access;
  access.policy = *policy::Policy::compile({.rules = {interns, scope, paths}});
  return access;
}

TEST(Access, ExplanationsNameTheRuleThatDecides) {
  testing::run([]() -> Task<> {
    auto files = remote("files");
    files.required_roles = {"engineer", "intern"};
    Gateway g({files});
    co_await g.start();
    g.plane->apply(with_policy());
    const auto explain = [&g](std::string question) -> Task<boost::json::value> {
      const auto reply = co_await g.ask_as(admin, "POST", "/policy/explain", std::move(question));
      EXPECT_EQ(reply.status, 200) << reply.body;
      co_return reply.json();
    };
    const auto denied = co_await explain(
        R"({"user":"ina","roles":["intern"],"adapter":"files","tool":"write_file","annotations":{"readOnlyHint":false}})");
    EXPECT_EQ(denied.at("decision"), "deny");
    EXPECT_EQ(denied.at("decidedBy"), "policy");
    EXPECT_EQ(denied.at("policy").at("rule"), "interns-only-read");
    EXPECT_EQ(denied.at("policy").at("rules").as_array().size(), 3u);
    EXPECT_EQ(denied.at("roles").at("because"), "the caller has the required role 'intern'");

    const auto scopes = co_await explain(R"({"user":"e","roles":["engineer"],"adapter":"files","tool":"write_file"})");
    EXPECT_EQ(scopes.at("decision"), "need_scopes");
    EXPECT_EQ(scopes.at("policy").at("scopes").at(0), "write");
    const auto allowed =
        co_await explain(R"({"user":"e","roles":["engineer"],"scopes":["write"],"adapter":"files","tool":"write_file",)"
                         R"("arguments":{"path":"/srv/x"}})");
    EXPECT_EQ(allowed.at("decision"), "allow");
    const auto argument = co_await explain(
        R"({"user":"e","roles":["engineer"],"adapter":"files","tool":"read_file","arguments":{"path":"/etc/passwd"}})");
    EXPECT_EQ(argument.at("policy").at("rule"), "no-etc");

    const auto outsider = co_await explain(R"({"user":"olga","adapter":"files"})");
    EXPECT_EQ(outsider.at("decision"), "deny");
    EXPECT_EQ(outsider.at("decidedBy"), "roles");
    EXPECT_FALSE(outsider.at("roles").at("mayUse").as_bool());
    EXPECT_EQ(outsider.at("roles").at("because"), "the caller has none of the required roles: engineer, intern");
    EXPECT_EQ(outsider.at("policy").at("decision"), "allow");
  });
}

TEST(Access, AnExplanationForAKeyKnowsTheKeysRoles) {
  testing::run([]() -> Task<> {
    auto files = remote("files");
    files.required_roles = {"intern"};
    Gateway g({files});
    co_await g.start();
    const auto made = co_await g.ask("POST", "/keys", R"({"name":"ci","roles":["intern"]})");
    const auto question = R"({"adapter":"files","apiKey":")" + std::string(made.json().at("id").as_string()) + "\"}";
    const auto reply = co_await g.ask("POST", "/policy/explain", question);
    EXPECT_EQ(reply.json().at("decision"), "allow") << reply.body;
  });
}

TEST(Access, AQuestionThatMakesNoSenseIsRefused) {
  testing::run([]() -> Task<> {
    Gateway g({remote("files")});
    co_await g.start();
    const auto wrong = co_await g.ask("POST", "/policy/explain",
                                      R"({"adapter":"files","tool":"a","prompt":"b","network":"here","time":"now",)"
                                      R"("arguments":[]})");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.wrong_fields(), ::testing::ElementsAre("prompt", "arguments", "network", "time"));
    EXPECT_EQ((co_await g.ask("POST", "/policy/explain", R"({"adapter":"none"})")).status, 404);
    EXPECT_EQ((co_await g.ask("POST", "/policy/explain", R"({})")).status, 400);
    EXPECT_EQ((co_await g.ask("POST", "/policy/explain", "[]")).status, 400);
  });
}

}  // namespace
}  // namespace gw::control
