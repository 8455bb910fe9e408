#include "limits/limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "runtime/event.h"
#include "runtime/task_group.h"
#include "testing/run.h"

namespace gw::limits {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Answer = std::expected<Permit, Refused>;

identity::Principal person(std::string user, std::vector<std::string> roles = {}) {
  return {.user = std::move(user), .roles = std::move(roles)};
}

// Requests of a test on its loop.
class Clients {
 public:
  explicit Clients(Limiter& limiter) : limiter_(limiter) {}

  // Asks and waits for the answer.
  Task<Answer> ask(std::string user, std::string adapter = "a", std::string tool = "t", bool long_lived = false) {
    const auto who = person(std::move(user));
    co_return co_await limiter_.acquire(*Loop::current(), {&who, adapter, tool}, long_lived, counters);
  }

  // A request that notes its user when it is admitted and stays until finish().
  void send(const std::string& user, const std::string& adapter = "a", const std::string& tool = "t") {
    group_.spawn("client", [](Clients& self, std::string u, std::string a, std::string t) -> Task<> {
      auto answer = co_await self.ask(u, a, t);
      if (answer) {
        self.admitted.push_back(u);
        self.running_.push_back(std::move(*answer));
      } else {
        self.refused.push_back(answer.error().error.message());
      }
    }(*this, user, adapter, tool));
  }

  void finish() { running_.pop_front(); }
  void finish_all() { running_.clear(); }
  std::size_t running() const { return running_.size(); }

  // What was given on arrives by the loop.
  static Task<> settle() {
    for (int i = 0; i < 3; ++i) co_await sleep_for(0ns);
    for (int i = 0; i < 3; ++i) co_await yield();
  }

  std::vector<std::string> admitted;
  std::vector<std::string> refused;
  Counters counters;

 private:
  Limiter& limiter_;
  std::deque<Permit> running_;
  TaskGroup group_;
};

TEST(Limiter, WithoutRulesEverythingGoes) {
  Limiter limiter;
  EXPECT_TRUE(limiter.idle());
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(co_await clients.ask("ann"));
  });
}

TEST(Limiter, RefusesPastTheBurstAndSaysWhichLimitAndWhenToRetry) {
  Limiter limiter;
  limiter.apply({{.name = "per-person", .per = {Per::principal}, .rate = Rate{6, 60s}, .burst = 2}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    EXPECT_TRUE(co_await clients.ask("ann"));
    EXPECT_TRUE(co_await clients.ask("ann"));
    const auto refused = co_await clients.ask("ann");
    EXPECT_FALSE(refused);
    if (refused) co_return;
    EXPECT_EQ(refused.error().rule, "per-person");
    EXPECT_GT(refused.error().retry_after, 5s);
    EXPECT_LE(refused.error().retry_after, 10s);
    EXPECT_EQ(refused.error().error.code(), Errc::rate_limited);
    EXPECT_THAT(refused.error().error.message(),
                HasSubstr("limit 'per-person' allows 6 requests in 1m; try again in "));
    EXPECT_TRUE(co_await clients.ask("bob"));
    EXPECT_EQ(clients.counters.refused.get(), 1u);
  });
}

struct KeyCase {
  const char* name;
  std::vector<Per> per;
  bool other_user, other_adapter, other_tool;  // Who has a bucket of his own.
};

class LimiterKeys : public ::testing::TestWithParam<KeyCase> {};

TEST_P(LimiterKeys, CountWhatTheRuleSays) {
  Limiter limiter;
  limiter.apply({{.name = "x", .per = GetParam().per, .rate = Rate{1, 3600s}}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    EXPECT_TRUE(co_await clients.ask("ann", "a", "t"));
    EXPECT_FALSE(co_await clients.ask("ann", "a", "t"));
    EXPECT_EQ((co_await clients.ask("bob", "a", "t")).has_value(), GetParam().other_user);
    EXPECT_EQ((co_await clients.ask("ann", "b", "t")).has_value(), GetParam().other_adapter);
    EXPECT_EQ((co_await clients.ask("ann", "a", "u")).has_value(), GetParam().other_tool);
  });
}

INSTANTIATE_TEST_SUITE_P(Limiter, LimiterKeys,
                         ::testing::Values(KeyCase{"All", {}, false, false, false},
                                           KeyCase{"Principal", {Per::principal}, true, false, false},
                                           KeyCase{"Adapter", {Per::adapter}, false, true, false},
                                           KeyCase{"Tool", {Per::tool}, false, false, true},
                                           KeyCase{
                                               "Each", {Per::principal, Per::adapter, Per::tool}, true, true, true}),
                         [](const auto& info) { return info.param.name; });

TEST(Limiter, PartsOfKeysCannotRunTogether) {
  Limiter limiter;
  limiter.apply({{.name = "x", .per = {Per::adapter, Per::tool}, .rate = Rate{1, 3600s}}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    EXPECT_TRUE(co_await clients.ask("ann", "a", "b\n1:c"));
    EXPECT_TRUE(co_await clients.ask("ann", "a\n1:b", "c"));
    EXPECT_TRUE(co_await clients.ask("ann", "ab", "c"));
    EXPECT_TRUE(co_await clients.ask("ann", "a", "bc"));
  });
}

TEST(Limiter, ARuleAppliesToWhatItNames) {
  const auto refuses = [](Match match, const identity::Principal& who, std::string adapter, std::string tool) {
    Limiter limiter;
    limiter.apply({{.name = "x", .match = std::move(match), .rate = Rate{1, 3600s}}});
    bool refused = false;
    testing::run([&]() -> Task<> {
      Counters counters;
      EXPECT_TRUE(co_await limiter.acquire(*Loop::current(), {&who, adapter, tool}, false, counters));
      refused = !(co_await limiter.acquire(*Loop::current(), {&who, adapter, tool}, false, counters)).has_value();
    });
    return refused;
  };
  const auto ann = person("ann@example.org", {"Intern"});
  EXPECT_TRUE(refuses({}, ann, "", ""));
  EXPECT_TRUE(refuses({.users = {"bob", "*@example.org"}}, ann, "", ""));
  EXPECT_FALSE(refuses({.users = {"ann"}}, ann, "", ""));
  EXPECT_TRUE(refuses({.roles = {"intern"}}, ann, "", ""));
  EXPECT_FALSE(refuses({.roles = {"int*"}}, ann, "", ""));
  EXPECT_TRUE(refuses({.adapters = {"files-*"}}, ann, "files-1", ""));
  EXPECT_FALSE(refuses({.adapters = {"*"}}, ann, "", ""));
  EXPECT_TRUE(refuses({.tools = {"render_*"}}, ann, "a", "render_video"));
  EXPECT_FALSE(refuses({.tools = {"*"}}, ann, "a", ""));
  EXPECT_FALSE(refuses({.roles = {"intern"}, .tools = {"read"}}, ann, "a", "write"));
}

TEST(Limiter, KnowsWhoseMessagesMustBeRead) {
  Limiter limiter;
  limiter.apply({{.name = "x", .rate = Rate{1, 1s}}, {.name = "y", .match = {.adapters = {"a"}}, .rate = Rate{1, 1s}}});
  EXPECT_FALSE(limiter.idle());
  EXPECT_FALSE(limiter.looks_at_tools("a"));
  limiter.apply({{.name = "x", .match = {.adapters = {"a"}, .tools = {"t"}}, .rate = Rate{1, 1s}}});
  EXPECT_TRUE(limiter.looks_at_tools("a"));
  EXPECT_FALSE(limiter.looks_at_tools("b"));
  limiter.apply({{.name = "x", .per = {Per::tool}, .concurrency = 1}});
  EXPECT_TRUE(limiter.looks_at_tools("b"));
  limiter.apply({});
  EXPECT_TRUE(limiter.idle());
  EXPECT_FALSE(limiter.looks_at_tools("a"));
}

TEST(Limiter, ARequestThatOneLimitRefusesTakesNothingFromTheOthers) {
  Limiter limiter;
  limiter.apply({{.name = "all", .rate = Rate{2, 3600s}},
                 {.name = "mine", .per = {Per::principal}, .rate = Rate{1, 3600s}},
                 {.name = "cap", .per = {Per::tool}, .concurrency = 1, .queue = 0}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    auto first = co_await clients.ask("ann");
    EXPECT_TRUE(first);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(co_await clients.ask("ann"));
    const auto full = co_await clients.ask("bob");  // No place, and nobody may wait.
    EXPECT_EQ(full.error().rule, "cap");
    EXPECT_EQ(full.error().error.message(),
              "limit 'cap' allows 1 call at once and 0 to wait, and there are as many; try again in 1 s");
    EXPECT_EQ(full.error().retry_after, 1s);
    EXPECT_TRUE(co_await clients.ask("bob", "a", "other"));
    EXPECT_EQ((co_await clients.ask("cid", "a", "third")).error().rule, "all");
  });
}

TEST(Limiter, APlaceIsFreeWhenThePermitEnds) {
  Limiter limiter;
  limiter.apply({{.name = "cap", .concurrency = 2, .queue = 0}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    auto first = co_await clients.ask("ann");
    {
      const auto second = co_await clients.ask("ann");
      EXPECT_TRUE(second);
      EXPECT_FALSE(co_await clients.ask("ann"));
      EXPECT_TRUE(co_await clients.ask("ann", "a", "t", true)) << "streams need no place";
    }
    auto third = co_await clients.ask("ann");
    EXPECT_TRUE(third);
    *first = std::move(*third);  // Gives the first one's place back.
    EXPECT_TRUE(co_await clients.ask("ann"));
  });
}

TEST(Limiter, WhoSendsAThousandRequestsDoesNotDelayTheOthers) {
  Limiter limiter;
  limiter.apply({{.name = "cap", .concurrency = 1, .queue = 2000}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    for (int i = 0; i < 1000; ++i) clients.send("greedy");
    clients.send("other");
    EXPECT_EQ(clients.counters.queued.get(), 1000u);
    clients.finish();
    co_await Clients::settle();
    EXPECT_EQ(clients.admitted.back(), "other");
    clients.send("other");  // Turns go round: now it is the other way.
    clients.send("third");
    for (const char* next : {"greedy", "other", "third", "greedy", "greedy"}) {
      clients.finish();
      co_await Clients::settle();
      EXPECT_EQ(clients.admitted.back(), next);
      EXPECT_EQ(clients.running(), 1u);
    }
  });
}

TEST(Limiter, WithinOnePrincipalFirstComeFirstServed) {
  Limiter limiter;
  limiter.apply({{.name = "cap", .concurrency = 1}});
  testing::run([&]() -> Task<> {
    std::string order;
    TaskGroup group;
    const auto who = person("ann");
    Counters counters;
    for (const char name : {'a', 'b', 'c', 'd'}) {
      group.spawn("client",
                  [](Limiter& l, const identity::Principal& p, Counters& c, std::string& o, char n) -> Task<> {
                    const auto permit = co_await l.acquire(*Loop::current(), {&p, "a", "t"}, false, c);
                    o += n;
                    co_await yield();
                  }(limiter, who, counters, order, name));
    }
    while (group.size() > 0) co_await yield();
    EXPECT_EQ(order, "abcd");
  });
}

TEST(Limiter, WhoLeavesTheQueueIsNotServed) {
  Limiter limiter;
  limiter.apply({{.name = "cap", .concurrency = 1, .queue = 2}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    clients.send("ann");
    {
      Clients leaving(limiter);
      leaving.send("bob");
      clients.send("cid");
      clients.send("dora");  // One too many.
      EXPECT_EQ(clients.refused.size(), 1u);
    }
    clients.send("dora");
    clients.finish();
    co_await Clients::settle();
    clients.finish();
    co_await Clients::settle();
    EXPECT_THAT(clients.admitted, ::testing::ElementsAre("ann", "cid", "dora"));
  });
}

TEST(Limiter, APlaceGivenToSomebodyWhoLeavesBeforeHearingOfItGoesToTheNext) {
  Limiter limiter;
  limiter.apply({{.name = "cap", .concurrency = 1}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    auto leaving = std::make_unique<Clients>(limiter);
    clients.send("ann");
    leaving->send("bob");
    clients.send("cid");
    clients.finish();  // bob has the place, but the call to his task is still on its way.
    leaving.reset();
    co_await Clients::settle();
    EXPECT_EQ(clients.admitted.back(), "cid");
    clients.finish();
    EXPECT_TRUE(co_await clients.ask("dora"));
  });
}

TEST(Limiter, WaitingEndsWithASentenceThatNamesTheLimitAndTheTime) {
  Limiter limiter;
  limiter.apply({{.name = "slow", .concurrency = 1, .queue_timeout = 5ms}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    auto holding = co_await clients.ask("ann");
    const auto refused = co_await clients.ask("bob");
    EXPECT_FALSE(refused);
    if (refused) co_return;
    EXPECT_EQ(refused.error().rule, "slow");
    EXPECT_EQ(refused.error().error.code(), Errc::rate_limited);
    EXPECT_EQ(refused.error().error.message(),
              "limit 'slow' allows 1 call at once, and no place became free within 5ms; try again later");
    EXPECT_EQ(clients.counters.refused.get(), 1u);
    EXPECT_EQ(clients.counters.queued.get(), 1u);
    holding = Permit();
    EXPECT_TRUE(co_await clients.ask("cid"));
  });
}

TEST(Limiter, WhoWaitsForOneCapHoldsNoPlaceUnderAnother) {
  Limiter limiter;
  limiter.apply({{.name = "all", .concurrency = 2}, {.name = "slow", .match = {.tools = {"slow"}}, .concurrency = 1}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    clients.send("ann", "a", "slow");
    clients.send("ann", "a", "slow");  // Waits for the slow tool only.
    clients.send("bob", "a", "quick");
    EXPECT_EQ(clients.running(), 2u);
    clients.send("cid", "a", "quick");  // Waits for any place.
    EXPECT_EQ(clients.running(), 2u);
    clients.finish();  // The slow call: it frees both, and either waiter may go on.
    co_await Clients::settle();
    EXPECT_EQ(clients.running(), 2u);
    clients.finish();
    co_await Clients::settle();
    EXPECT_EQ(clients.admitted.size(), 4u);
    clients.finish_all();
    EXPECT_TRUE(co_await clients.ask("dora", "a", "slow"));
  });
}

TEST(Limiter, WhoFindsAnotherCapFullMovesToItsQueue) {
  Limiter limiter;
  limiter.apply({{.name = "a", .match = {.tools = {"both", "a"}}, .concurrency = 1},
                 {.name = "b", .match = {.tools = {"both", "b"}}, .concurrency = 1}});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    clients.send("ann", "x", "a");
    clients.send("bob", "x", "b");
    clients.send("cid", "x", "both");  // Waits at a.
    clients.finish();                  // ann's: cid moves to b and leaves the place to others.
    co_await Clients::settle();
    EXPECT_EQ(clients.running(), 1u);
    clients.send("dora", "x", "a");
    EXPECT_EQ(clients.admitted.back(), "dora");
    clients.finish();  // bob's: back to a.
    clients.finish();  // dora's: now both are free.
    co_await Clients::settle();
    EXPECT_EQ(clients.admitted.back(), "cid");
  });
}

TEST(Limiter, ChangedRulesApplyToThoseWhoWait) {
  Limiter limiter;
  const Rule cap{.name = "cap", .concurrency = 1};
  limiter.apply({cap});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    for (int i = 0; i < 6; ++i) clients.send("ann");
    EXPECT_EQ(clients.running(), 1u);
    Rule wider = cap;
    wider.concurrency = 3;
    limiter.apply({wider});
    co_await Clients::settle();
    EXPECT_EQ(clients.running(), 3u);
    limiter.apply({cap});  // Who is in stays in; nobody comes in until there is room.
    clients.finish();
    clients.finish();
    co_await Clients::settle();
    EXPECT_EQ(clients.running(), 1u);
    limiter.apply({});
    co_await Clients::settle();
    EXPECT_EQ(clients.running(), 4u);
    limiter.apply({cap});  // A new rule counts anew.
    clients.send("bob");
    clients.send("bob");
    EXPECT_EQ(clients.running(), 5u);
    clients.finish_all();
    co_await Clients::settle();
    EXPECT_EQ(clients.running(), 1u);
  });
}

TEST(Limiter, RulesThatStayTheSameKeepTheirBuckets) {
  Limiter limiter;
  const Rule rule{.name = "x", .rate = Rate{1, 3600s}};
  limiter.apply({rule});
  testing::run([&]() -> Task<> {
    Clients clients(limiter);
    EXPECT_TRUE(co_await clients.ask("ann"));
    limiter.apply({{.name = "new", .rate = Rate{100, 1s}}, rule});
    EXPECT_FALSE(co_await clients.ask("ann"));
    Rule changed = rule;
    changed.rate = Rate{2, 3600s};
    limiter.apply({changed});
    EXPECT_TRUE(co_await clients.ask("ann"));
  });
}

}  // namespace
}  // namespace gw::limits
