// Logs as clients read and follow them.

#include <gmock/gmock.h>

#include "control/api_fixture.h"
#include "json/timestamp.h"

namespace gw::control {
namespace {

using process::LogStream;

struct LogScene : Gateway {
  LogScene() : Gateway({local("git")}), ring(logs.open("git", 0)) {
    ring->append(LogStream::gateway, "started as process 7");
    ring->append(LogStream::err, "one");
    ring->append(LogStream::out, "\"two\"");
  }
  std::shared_ptr<process::LogRing> ring;
};

std::string following(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: g\r\n" + caller_field(everybody) + "\r\n";
}

TEST(LogsApi, AreTextUnlessOnlyJsonIsAccepted) {
  testing::run([]() -> Task<> {
    LogScene g;
    co_await g.start();
    const auto text = co_await g.ask("GET", "/adapters/git/logs");
    EXPECT_EQ(text.field("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(text.body, "[gateway] started as process 7\none\n\"two\"\n");
    const auto json = co_await g.ask("GET", "/adapters/git/logs", "", "Accept: application/json\r\n");
    EXPECT_EQ(json.field("Content-Type"), "application/json");
    EXPECT_EQ(json.json().as_string(), text.body);
  });
}

TEST(LogsApi, AreCutAndDated) {
  testing::run([]() -> Task<> {
    LogScene g;
    co_await g.start();
    EXPECT_EQ((co_await g.ask("GET", "/adapters/git/logs?tail=1")).body, "\"two\"\n");
    EXPECT_EQ((co_await g.ask("GET", "/adapters/git/logs?tail=0")).body, "");
    EXPECT_EQ((co_await g.ask("GET", "/adapters/git/logs?tail=2&since=10m")).body, "one\n\"two\"\n");
    EXPECT_EQ((co_await g.ask("GET", "/adapters/git/logs?since=2999-01-01T00:00:00Z")).body, "");
    const auto dated = co_await g.ask("GET", "/adapters/git/logs?tail=1&timestamps=true");
    EXPECT_TRUE(json::parse_timestamp(dated.body.substr(0, dated.body.find(' ')))) << dated.body;
  });
}

TEST(LogsApi, AreFollowedUntilTheServerDrains) {
  testing::run([]() -> Task<> {
    LogScene g;
    co_await g.start();
    auto stream = g.connect();
    co_await testing::send(*stream, following("/adapters/git/logs?follow=true&tail=1"));
    const auto head = co_await testing::receive_until(*stream, "\"two\"\n");
    EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos);
    EXPECT_EQ(head.find("one"), std::string::npos);
    g.ring->append(LogStream::err, "three");
    EXPECT_NE((co_await testing::receive_until(*stream, "three\n")).find("three"), std::string::npos);
    g.ring->append(LogStream::err, "four");
    EXPECT_EQ((co_await testing::receive_until(*stream, "four\n")).find("three"), std::string::npos);
    Event drained;
    g.server->drain([&] { drained.set(); });
    EXPECT_TRUE((co_await testing::receive_all(*stream)).ends_with("0\r\n\r\n"));
    co_await drained;
  });
}

TEST(LogsApi, FollowingWithoutATailBeginsWithTheNextLine) {
  testing::run([]() -> Task<> {
    LogScene g;
    co_await g.start();
    auto stream = g.connect();
    co_await testing::send(*stream, following("/adapters/git/logs?follow=true&tail=0"));
    co_await testing::receive_until(*stream, "\r\n\r\n");
    g.ring->append(LogStream::err, "three");
    EXPECT_EQ(co_await testing::receive_until(*stream, "three\n"), "6\r\nthree\n");
  });
}

TEST(LogsApi, AHeadRequestWaitsForNothing) {
  testing::run([]() -> Task<> {
    LogScene g;
    co_await g.start();
    EXPECT_EQ((co_await g.ask("HEAD", "/adapters/git/logs?follow=true")).status, 200);
  });
}

TEST(LogsApi, AClientThatLeavesEndsItsStream) {
  testing::run([]() -> Task<> {
    LogScene g;
    co_await g.start();
    auto stream = g.connect();
    co_await testing::send(*stream, following("/adapters/git/logs?follow=true"));
    co_await testing::receive_until(*stream, "\"two\"\n");
    stream.reset();
    while (g.server->connections() > 0) co_await sleep_for(std::chrono::milliseconds(1));
    g.ring->append(LogStream::err, "nobody listens");
  });
}

TEST(LogsApi, FollowingEndsWithTheAdapter) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    co_await g.ask("POST", "/adapters", R"({"name":"git","command":"server","transport":"http"})");
    auto stream = g.connect();
    co_await testing::send(*stream, following("/adapters/git/logs?follow=true"));
    co_await testing::receive_until(*stream, "\r\n\r\n");
    const auto ring = g.logs.open("git", 0);
    EXPECT_EQ((co_await g.ask("DELETE", "/adapters/git")).status, 204);
    ring->append(LogStream::gateway, "stopped by the gateway");
    EXPECT_EQ(co_await testing::receive_until(*stream, "0\r\n\r\n"),
              "21\r\n[gateway] stopped by the gateway\n\r\n0\r\n\r\n");
  });
}

}  // namespace
}  // namespace gw::control
