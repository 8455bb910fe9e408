// The REST API as clients see it.

#include <gmock/gmock.h>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string docs = R"({"name":"docs","url":"http://127.0.0.1:9/mcp"})";

TEST(Api, CreatesReadsReplacesAndDeletes) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto created = co_await g.ask("POST", "/adapters", docs);
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.field("Location"), "/adapters/docs");
    EXPECT_EQ(created.json().at("createdBy").as_string(), "anonymous");
    const auto tag = created.field("ETag");

    const auto read = co_await g.ask("GET", "/adapters/docs");
    EXPECT_EQ(read.status, 200);
    EXPECT_EQ(read.body, created.body);
    EXPECT_EQ(read.field("ETag"), tag);
    const auto known = co_await g.ask("GET", "/adapters/docs", "", "If-None-Match: " + tag + "\r\n");
    EXPECT_EQ(known.status, 304);
    EXPECT_EQ(known.body, "");

    const std::string next = R"({"name":"docs","url":"http://127.0.0.1:9/mcp","description":"New."})";
    const auto replaced = co_await g.ask("PUT", "/adapters/docs", next, "If-Match: " + tag + "\r\n");
    EXPECT_EQ(replaced.status, 200);
    EXPECT_EQ(replaced.json().at("description").as_string(), "New.");
    EXPECT_NE(replaced.field("ETag"), tag);
    EXPECT_EQ((co_await g.ask("PUT", "/adapters/docs", docs, "If-Match: " + tag + "\r\n")).status, 412);
    EXPECT_EQ((co_await g.ask("DELETE", "/adapters/docs", "", "If-Match: " + tag + "\r\n")).status, 412);
    const auto removed = co_await g.ask("DELETE", "/adapters/docs");
    EXPECT_EQ(removed.status, 204);
    EXPECT_EQ(removed.body, "");
    EXPECT_EQ((co_await g.ask("GET", "/adapters/docs")).status, 404);
  });
}

TEST(Api, RefusesUrlsThatEgressForbidsAndGuardsTheOthers) {
  testing::run([]() -> Task<> {
    const auto rules = std::make_shared<const net::EgressRules>();
    Gateway g({remote("of-the-file")}, rules);
    co_await g.start();
    for (const char* host : {"127.0.0.1", "0x7f.1", "2852039166", "[::ffff:a00:1]", "%31%30.0.0.1"}) {
      const std::string body = fmt::format(R"({{"name":"a","url":"http://{}:80/mcp"}})", host);
      const auto refused = co_await g.ask("POST", "/adapters", body);
      EXPECT_EQ(refused.status, 400) << host;
      EXPECT_THAT(refused.wrong_fields(), ElementsAre("url")) << host;
      EXPECT_THAT(refused.body, HasSubstr("egress.allow")) << host;
    }
    EXPECT_EQ((co_await g.ask("POST", "/adapters", R"({"name":"a","url":"http://docs.example/mcp"})")).status, 201);
    const auto changed = co_await g.ask("PUT", "/adapters/a", R"({"name":"a","url":"http://10.0.0.1/mcp"})");
    EXPECT_EQ(changed.status, 400);
    EXPECT_THAT(changed.wrong_fields(), ElementsAre("url"));

    while (g.table.find("a") == nullptr) g.workers.loop(0).run_once(Duration::zero());
    EXPECT_EQ(g.table.find("a")->endpoints.at(0).egress, rules) << "a name is checked when it is connected to";
    EXPECT_EQ(g.table.find("of-the-file")->endpoints.at(0).egress, nullptr);
  });
}

TEST(Api, WhatWasReadCanBeSentBackWithoutLosingSecrets) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const std::string secret = R"({"name":"a","url":"http://h/","headers":{"X-Key":"very secret"}})";
    const auto created = co_await g.ask("POST", "/adapters", secret);
    EXPECT_THAT(created.body, Not(HasSubstr("very secret")));
    EXPECT_EQ((co_await g.ask("PUT", "/adapters/a", created.body)).status, 200);
    EXPECT_EQ(g.store.get("a")->spec.url->headers.at("X-Key"), "very secret");
  });
}

struct Refusal {
  const char* what;
  int status;
  const char* code;
  std::string method;
  std::string target;
  std::string body = {};
  const char* field = "";
  std::string head = {};
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.what;
}

class Refusals : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refusals, AreProblemsThatSayWhatIsWrong) {
  testing::run([]() -> Task<> {
    const Refusal& wrong = GetParam();
    Gateway g({remote("filed"), local("git")});
    co_await g.start();
    const auto reply = co_await g.ask(wrong.method, wrong.target, wrong.body, wrong.head);
    EXPECT_EQ(reply.status, wrong.status) << reply.body;
    EXPECT_EQ(reply.field("Content-Type"), "application/problem+json");
    const auto problem = reply.json();
    EXPECT_EQ(problem.at("status").to_number<int>(), wrong.status);
    EXPECT_EQ(problem.at("code").as_string(), wrong.code);
    EXPECT_GT(problem.at("detail").as_string().size(), 15u);
    if (*wrong.field != '\0') EXPECT_THAT(reply.wrong_fields(), Contains(wrong.field)) << reply.body;
    EXPECT_EQ(g.table.size(), 0u) << "published only what the test published";
  });
}

std::string adapter(std::string_view members) {
  return R"({"name":"new",)" + std::string(members) + '}';
}

INSTANTIATE_TEST_SUITE_P(
    Api, Refusals,
    ::testing::Values(
        Refusal{"TakenName", 409, "conflict", "POST", "/adapters", R"({"name":"filed","url":"http://h/"})"},
        Refusal{"BrokenJson", 400, "invalid", "POST", "/adapters", R"({"name": )"},
        Refusal{"List", 400, "invalid", "POST", "/adapters", "[]"},
        Refusal{"NoName", 400, "invalid", "POST", "/adapters", R"({"url":"http://h/"})", "name"},
        Refusal{"BadName", 400, "invalid", "POST", "/adapters", R"({"name":"A","url":"http://h/"})", "name"},
        Refusal{"UnknownMember", 400, "invalid", "POST", "/adapters", adapter(R"("urll":"http://h/")"), "urll"},
        Refusal{"BadUrl", 400, "invalid", "POST", "/adapters", adapter(R"("url":"ftp://h/")"), "url"},
        Refusal{"Image", 400, "unsupported", "POST", "/adapters", adapter(R"("imageName":"a/b","imageVersion":"1")"),
                "imageName"},
        Refusal{"Form", 415, "unsupported_media_type", "POST", "/adapters", "name=x", "",
                "Content-Type: application/x-www-form-urlencoded\r\n"},
        Refusal{"HugeBody", 413, "too_large", "POST", "/adapters", std::string((4 << 20) + 1000, ' ')},
        Refusal{"OtherName", 400, "invalid", "PUT", "/adapters/filed", adapter(R"("url":"http://h/")"), "name"},
        Refusal{"ReplacingNothing", 404, "not_found", "PUT", "/adapters/new", adapter(R"("url":"http://h/")")},
        Refusal{"ReplacingTheFile", 409, "conflict", "PUT", "/adapters/filed", R"({"name":"filed","url":"http://h/"})"},
        Refusal{"DeletingTheFile", 409, "conflict", "DELETE", "/adapters/filed"},
        Refusal{"DeletingNothing", 404, "not_found", "DELETE", "/adapters/new"},
        Refusal{"ReadingNothing", 404, "not_found", "GET", "/adapters/new"},
        Refusal{"StatusOfNothing", 404, "not_found", "GET", "/adapters/new/status"},
        Refusal{"LogsOfNothing", 404, "not_found", "GET", "/adapters/new/logs"},
        Refusal{"LogsOfAUrl", 404, "not_found", "GET", "/adapters/filed/logs"},
        Refusal{"LogsOfNoInstance", 404, "not_found", "GET", "/adapters/git/logs?instance=7"},
        Refusal{"BadInstance", 400, "invalid", "GET", "/adapters/git/logs?instance=x", "", "instance"},
        Refusal{"BadTail", 400, "invalid", "GET", "/adapters/git/logs?tail=-5", "", "tail"},
        Refusal{"BadSince", 400, "invalid", "GET", "/adapters/git/logs?since=yesterday", "", "since"},
        Refusal{"BadFollow", 400, "invalid", "GET", "/adapters/git/logs?follow=maybe", "", "follow"},
        Refusal{"BadLimit", 400, "invalid", "GET", "/adapters?limit=many", "", "limit"},
        Refusal{"NoLimit", 400, "invalid", "GET", "/adapters?limit=0", "", "limit"},
        Refusal{"GreatLimit", 400, "invalid", "GET", "/adapters?limit=1001", "", "limit"},
        Refusal{"WrongVerb", 405, "method_not_allowed", "PATCH", "/adapters/filed", "{}"},
        Refusal{"EmptySegment", 404, "not_found", "GET", "/adapters/"},
        Refusal{"EncodedSlash", 404, "not_found", "GET", "/adapters%2Ffiled"},
        Refusal{"UnknownPath", 404, "not_found", "GET", "/nothing/here"}),
    [](const auto& info) { return std::string(info.param.what); });

TEST(Api, TellsAllMistakesAtOnce) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto reply = co_await g.ask("POST", "/adapters", R"({"name":"A","url":"ftp://h/","replicaCont":1})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.wrong_fields(), Contains("replicaCont"));
    const auto second = co_await g.ask("POST", "/adapters", R"({"name":"A","url":"ftp://h/","toolPrefix":"a b"})");
    EXPECT_THAT(second.wrong_fields(), ElementsAre("name", "url", "toolPrefix"));
    EXPECT_THAT(second.body, HasSubstr("and 2 more"));
  });
}

TEST(Api, AWrongVerbNamesTheRightOnes) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    EXPECT_EQ((co_await g.ask("PATCH", "/adapters/x")).field("Allow"), "GET, HEAD, PUT, DELETE");
    EXPECT_EQ((co_await g.ask("DELETE", "/adapters")).field("Allow"), "GET, HEAD, POST");
    EXPECT_EQ((co_await g.ask("HEAD", "/ping")).status, 200);
  });
}

TEST(Api, ListsAreSortedAndPaged) {
  testing::run([]() -> Task<> {
    Gateway g({remote("b"), remote("d")});
    co_await g.start();
    for (const char* name : {"c", "a", "e"}) {
      const auto body = R"({"url":"http://h/","name":")" + std::string(name) + "\"}";
      EXPECT_EQ((co_await g.ask("POST", "/adapters", body)).status, 201);
    }
    std::string names;
    std::string target = "/adapters?limit=2";
    for (int pages = 0; !target.empty() && pages < 5; ++pages) {
      const auto page = co_await g.ask("GET", target);
      for (const auto& adapter : page.json().as_array()) names += adapter.at("name").as_string();
      names += '|';
      const auto link = page.field("Link");
      EXPECT_TRUE(link.empty() || link.ends_with(R"(>; rel="next")")) << link;
      target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    EXPECT_EQ(names, "ab|cd|e|");
    EXPECT_EQ((co_await g.ask("GET", "/adapters")).json().as_array().size(), 5u);
  });
}

TEST(Api, BeforeTheStartOnlyProbesAreAnswered) {
  testing::run([]() -> Task<> {
    Gateway g;
    EXPECT_EQ((co_await g.ask("GET", "/ping")).status, 200);
    EXPECT_EQ((co_await g.ask("GET", "/healthz")).status, 200);
    EXPECT_EQ((co_await g.ask("GET", "/adapters")).status, 503);
    const auto starting = co_await g.ask("GET", "/readyz");
    EXPECT_EQ(starting.status, 503);
    EXPECT_THAT(starting.body, HasSubstr("starting"));
    co_await g.start();
    EXPECT_EQ((co_await g.ask("GET", "/readyz")).status, 200);
    g.plane->begin_drain();
    EXPECT_THAT((co_await g.ask("GET", "/readyz")).body, HasSubstr("shutting down"));
    EXPECT_EQ((co_await g.ask("GET", "/healthz")).status, 200);
    co_await g.plane->shut_down();
  });
}

TEST(Api, TheStatusNamesEveryAdapterAndWhyItIsNotReady) {
  testing::run([]() -> Task<> {
    model::Adapter stored;
    stored.spec = remote("docs");
    Gateway g({remote("docs"), local("git")});
    EXPECT_TRUE(g.store.create(stored));
    co_await g.start();
    const auto reply = co_await g.ask("GET", "/status");
    EXPECT_EQ(reply.status, 200);
    const auto status = reply.json();
    EXPECT_EQ(status.at("version").as_string(), "1.2.3");
    EXPECT_EQ(status.at("counters").at("connections").as_int64(), 3);
    const auto& adapters = status.at("adapters");
    EXPECT_EQ(adapters.at("total").as_int64(), 2);
    EXPECT_EQ(adapters.at("ready").as_int64(), 1);
    EXPECT_EQ(json::to_text(adapters.at("shadowed")), R"(["docs"])");
    EXPECT_EQ(json::to_text(adapters.at("list")),
              R"([{"name":"docs","origin":"file","state":"ready"},)"
              R"({"name":"git","origin":"file","state":"unavailable","reason":"no process of adapter 'git' runs"}])");
  });
}

TEST(Api, TheStatusOfAnAdapterTellsOfEveryInstance) {
  testing::run([]() -> Task<> {
    auto spec = local("git");
    spec.replica_count = 2;
    Gateway g({spec, remote("docs")});
    co_await g.start();
    auto broken = instance_in(process::InstanceState::backoff, "", 1);
    broken.pid = 0;
    broken.port = 0;
    broken.last_error = "the process exited with status 1";
    g.processes.running["git"] = {instance_in(process::InstanceState::ready, "e0", 0), broken};
    g.plane->instances_changed("git");

    const auto git = (co_await g.ask("GET", "/adapters/git/status")).json();
    EXPECT_EQ(git.at("readyReplicas").as_int64(), 1);
    EXPECT_EQ(git.at("replicaStatus").as_string(), "Degraded: 1/2 ready");
    EXPECT_EQ(json::to_text(git.at("instances")),
              R"([{"instance":0,"state":"ready","ready":true,"pid":100,"port":4000,"restarts":0,"startedAt":null,)"
              R"("lastError":null,"endpoint":"e0"},)"
              R"({"instance":1,"state":"backoff","ready":false,"pid":null,"port":null,"restarts":0,"startedAt":null,)"
              R"("lastError":"the process exited with status 1","endpoint":null}])");
    EXPECT_EQ(git.at("conditions").at(0).at("status").as_string(), "True");

    const auto remote_status = (co_await g.ask("GET", "/adapters/docs/status")).json();
    EXPECT_EQ(remote_status.at("replicaStatus").as_string(), "Healthy");
    EXPECT_EQ(remote_status.at("instances").as_array().size(), 1u);
    EXPECT_EQ(g.plane->counters().adapters.get(), 2u);
    EXPECT_EQ(g.plane->counters().adapters_ready.get(), 2u);
  });
}

TEST(Api, AStatusSaysWhichHeaderCannotBeResolved) {
  testing::run([]() -> Task<> {
    auto spec = remote("docs");
    spec.url->headers = {{"Authorization", "Bearer ${env:TOKEN}"}};
    Gateway g({spec});
    co_await g.start();
    const auto status = (co_await g.ask("GET", "/adapters/docs/status")).json();
    const auto& configured = status.at("conditions").at(1);
    EXPECT_EQ(configured.at("type").as_string(), "Configured");
    EXPECT_EQ(configured.at("status").as_string(), "False");
    EXPECT_EQ(configured.at("message").as_string(),
              "header 'Authorization': the environment variable TOKEN is not set");
    EXPECT_EQ(status.at("replicaStatus").as_string(), "Degraded: 0/1 ready");
  });
}

TEST(Api, MetricsAreText) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto reply = co_await g.ask("GET", "/metrics");
    EXPECT_EQ(reply.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(reply.body, "up 1\n");
  });
}

}  // namespace
}  // namespace gw::control
