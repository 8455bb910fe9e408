// What the data plane has recorded, and what it does when that is impossible.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>

#include "audit/test_support.h"
#include "proxy/gateway_fixture.h"

namespace gw::proxy {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using ProxyTrail = audit::testing::TrailFolder;

// No file of this process may grow, as if its disk were full.
class FullDisk {
 public:
  FullDisk() {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit none{.rlim_cur = 0, .rlim_max = limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &limit_); }

 private:
  rlimit limit_{};
};

TEST_F(ProxyTrail, NamesEachOperationAndWhatBecameOfIt) {
  const auto trail = open(options());
  testing::run([&]() -> Task<> {
    Gateway gateway({}, trail.get());
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    gateway.set_rules(rules_of({deny({.tools = {"secret"}})}));
    const auto use = [&](std::string_view tool) {
      return post(call("tools/call", fmt::format(R"({{"name":"{}","arguments":{{"p":"hush"}}}})", tool)), as("bob"));
    };
    co_await gateway.ask(use("open"));
    co_await gateway.ask(use("secret"));
    co_await gateway.ask(post(call("tools/list", "{}"), as("bob")));
    co_await gateway.ask("DELETE /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n" + as("bob") + "\r\n");
  });
  ASSERT_TRUE(trail->flush());
  EXPECT_THAT(lines(), ElementsAre(AllOf(HasSubstr("tools/call"), HasSubstr("open"), HasSubstr("allowed")),
                                   AllOf(HasSubstr("tools/call"), HasSubstr("secret"), HasSubstr("denied")),
                                   AllOf(HasSubstr("tools/list"), HasSubstr("allowed")),
                                   AllOf(HasSubstr("DELETE"), HasSubstr("allowed"))));
  EXPECT_THAT(lines(), Each(AllOf(HasSubstr("bob"), HasSubstr("192.0.2.1"), ::testing::Not(HasSubstr("hush")))));
}

TEST_F(ProxyTrail, WhatCannotBeRecordedIsNotDone) {
  const auto trail = open(options());
  const FullDisk full;
  (void)trail->record({.user = "x"});
  ASSERT_FALSE(trail->flush());
  testing::run([&]() -> Task<> {
    Gateway gateway({}, trail.get());
    Upstream upstream;
    gateway.set("a", {endpoint(upstream, "e1")});
    const std::string refused = co_await gateway.ask(post(call("tools/call", R"({"name":"open"})"), as("bob")));
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_TRUE(upstream.seen.empty());
  });
}

}  // namespace
}  // namespace gw::proxy
