// Several loops at once; the thread sanitizer watches.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>

#include "limits/limiter.h"
#include "runtime/event.h"
#include "runtime/workers.h"

namespace gw::limits {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t workers_count = 4;

// What the requests of all workers find.
struct Tally {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> admitted = 0;
  std::atomic<int> refused = 0;

  void enter() {
    const int now = ++inside;
    int seen = most.load();
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    ++admitted;
  }
};

// One worker's side: everything in it is used and destroyed on its loop.
struct Side {
  identity::Principal who;
  Counters counters;
  std::unique_ptr<TaskGroup> group = std::make_unique<TaskGroup>();
};

class LimiterThreads : public ::testing::Test {
 protected:
  LimiterThreads() : workers_(workers_count), sides_(workers_count) {
    for (std::size_t i = 0; i < workers_count; ++i) sides_[i].who.user = "user" + std::to_string(i);
    workers_.start();
  }
  ~LimiterThreads() override { workers_.stop(); }

  // Runs `function` with each worker's side on its thread, and waits for that.
  template <class F>
  void on_each(F function) {
    std::latch done(workers_count);
    workers_.post_to_all([&](std::size_t i) {
      function(sides_[i]);
      done.count_down();
    });
    done.wait();
  }

  // Returns when no task is left on any worker.
  void wait_for_all() {
    std::latch idle(workers_count);
    workers_.post_to_all([&](std::size_t i) {
      TaskGroup& group = *sides_[i].group;
      if (group.size() == 0) return idle.count_down();
      group.on_idle([&] { idle.count_down(); });
    });
    idle.wait();
  }

  Task<> request(Side& side, const char* tool, int rounds) {
    auto permit = co_await limiter_.acquire(*Loop::current(), {&side.who, "a", tool}, false, side.counters);
    if (!permit) {
      ++tally_.refused;
      co_return;
    }
    tally_.enter();
    for (int i = 0; i < rounds; ++i) co_await yield();
    --tally_.inside;
  }

  Limiter limiter_;
  Tally tally_;
  Workers workers_;
  std::vector<Side> sides_;
};

TEST_F(LimiterThreads, NeverMoreAtOnceThanAllowedAndEverybodyIsServed) {
  limiter_.apply({{.name = "cap", .concurrency = 3, .queue = 10'000, .queue_timeout = 60s},
                  {.name = "tool", .per = {Per::tool}, .concurrency = 2, .queue = 10'000, .queue_timeout = 60s}});
  on_each([&](Side& side) {
    for (int i = 0; i < 250; ++i) side.group->spawn("request", request(side, i % 2 ? "x" : "y", i % 3));
  });
  wait_for_all();
  EXPECT_EQ(tally_.admitted, 1000);
  EXPECT_EQ(tally_.refused, 0);
  EXPECT_LE(tally_.most, 3);
  EXPECT_EQ(tally_.inside, 0);
}

TEST_F(LimiterThreads, ExactlyTheBurstIsAdmitted) {
  limiter_.apply({{.name = "rate", .rate = Rate{100, 1h}}, {.name = "wider", .rate = Rate{5000, 1h}}});
  on_each([&](Side& side) {
    for (int i = 0; i < 500; ++i) side.group->spawn("request", request(side, "x", 0));
  });
  wait_for_all();
  EXPECT_EQ(tally_.admitted, 100);
  EXPECT_EQ(tally_.refused, 1900);
}

TEST_F(LimiterThreads, NoPlaceIsLostOrDoubledWhenWaitingTasksAreDestroyedAndRulesChange) {
  const Rule cap{.name = "cap", .concurrency = 2, .queue = 10'000, .queue_timeout = 60s};
  limiter_.apply({cap});
  for (int round = 0; round < 50; ++round) {
    on_each([&](Side& side) {
      for (int i = 0; i < 20; ++i) side.group->spawn("request", request(side, "x", 2));
    });
    if (round % 10 == 0) {
      Rule other = cap;
      other.concurrency = 1 + static_cast<std::uint32_t>(round / 10) % 2;
      limiter_.apply({other});
    }
    on_each([&](Side& side) { side.group = std::make_unique<TaskGroup>(); });  // With whatever waits or runs.
  }
  limiter_.apply({cap});
  // All places are there: as many get in at once as the rule says, and not one more.
  std::atomic<int> got = 0;
  on_each([&](Side& side) {
    side.group->spawn("hold", [](Limiter& limiter, Side& s, std::atomic<int>& g) -> Task<> {
      auto permit = co_await limiter.acquire(*Loop::current(), {&s.who, "a", "x"}, false, s.counters);
      ++g;
      co_await sleep_for(1h);
    }(limiter_, side, got));
  });
  EXPECT_EQ(got, 2);
  on_each([&](Side& side) { side.group.reset(); });
}

TEST_F(LimiterThreads, APlaceThatWasGivenToAStoppedLoopComesBackWithItsTask) {
  limiter_.apply({{.name = "cap", .concurrency = 1, .queue_timeout = 60s}});
  auto holding = std::make_unique<Permit>();
  Loop loop;
  Side mine;
  mine.who.user = "me";
  mine.group->spawn("hold", [](Limiter& limiter, Loop& l, Side& s, Permit& out) -> Task<> {
    out = *co_await limiter.acquire(l, {&s.who, "a", "x"}, false, s.counters);
  }(limiter_, loop, mine, *holding));
  on_each([&](Side& side) { side.group->spawn("request", request(side, "x", 1'000'000)); });
  bool admitted = false;
  mine.group->spawn("again", [](Limiter& limiter, Loop& l, Side& s, bool& done) -> Task<> {
    done = (co_await limiter.acquire(l, {&s.who, "a", "x"}, false, s.counters)).has_value();
  }(limiter_, loop, mine, admitted));
  workers_.stop();
  holding.reset();  // Goes to a task whose loop will never hear of it.
  loop.run_once(Duration::zero());
  EXPECT_EQ(tally_.admitted, 0);
  EXPECT_FALSE(admitted);
  for (Side& side : sides_) side.group.reset();
  loop.run_once(Duration::zero());
  EXPECT_TRUE(admitted);
}

}  // namespace
}  // namespace gw::limits
