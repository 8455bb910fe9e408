#include "runtime/task.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "runtime/blocking_pool.h"
#include "runtime/event.h"
#include "runtime/race.h"
#include "runtime/task_group.h"
#include "testing/run.h"

namespace gw {
namespace {

struct Flag {
  bool& flag;
  ~Flag() { flag = true; }
};

Task<int> seven() {
  co_return 7;
}
Task<int> throws() {
  throw std::runtime_error("no");
  co_return 0;
}
Task<int> wait_then(Event& event, int value, bool& destroyed) {
  const Flag flag{destroyed};
  co_await event;
  co_return value;
}

TEST(Task, GivesValuesAndRethrows) {
  testing::run([]() -> Task<> {
    const int value = co_await seven();
    EXPECT_EQ(value, 7);
    EXPECT_THROW(co_await throws(), std::runtime_error);
  });
}

TEST(Task, ALongChainOfReadyTasksNeedsNoStack) {
  testing::run([]() -> Task<> {
    int sum = 0;
    for (int i = 0; i < 200'000; ++i) sum += co_await seven();
    EXPECT_EQ(sum, 1'400'000);
  });
}

TEST(Race, CallingOffDestroysTheTaskAndResumesTheWaiter) {
  testing::run([]() -> Task<> {
    Event event;
    bool destroyed = false;
    Race<int> race(wait_then(event, 1, destroyed));
    Timer timer(*Loop::current(), [&] { race.call_off(); });
    timer.arm(steady_now());
    const auto value = co_await race;
    EXPECT_FALSE(value.has_value());
    EXPECT_TRUE(destroyed);
    event.set();  // Nobody waits any more.
  });
}

TEST(Race, AnEndedTaskCannotBeCalledOff) {
  testing::run([]() -> Task<> {
    Race<int> race(seven());
    const auto value = co_await race;
    EXPECT_EQ(value, 7);
    race.call_off();
  });
}

TEST(Timeout, EndsWhatTakesTooLong) {
  testing::run([]() -> Task<> {
    Event event;
    bool destroyed = false;
    const auto late = co_await with_timeout(std::chrono::milliseconds(5), wait_then(event, 1, destroyed));
    EXPECT_FALSE(late.has_value());
    EXPECT_TRUE(destroyed);
    const auto early = co_await with_timeout(std::chrono::minutes(1), seven());
    EXPECT_EQ(early, 7);
  });
}

TEST(TaskGroup, CancelsWhatStillRuns) {
  testing::run([]() -> Task<> {
    Event event;
    bool destroyed = false;
    {
      TaskGroup group;
      group.spawn("waits", [](Event& e, bool& d) -> Task<> { co_await wait_then(e, 0, d); }(event, destroyed));
      EXPECT_EQ(group.size(), 1u);
    }
    EXPECT_TRUE(destroyed);
    co_return;
  });
}

TEST(BlockingPool, ResumesTheCallerWithTheValue) {
  BlockingPool pool(2);
  testing::run([&]() -> Task<> {
    std::string text = co_await pool.run([] { return std::string("from elsewhere"); });
    EXPECT_EQ(text, "from elsewhere");
  });
}

TEST(BlockingPool, AnAbandonedCallIsHarmless) {
  BlockingPool pool(1);
  testing::run([&]() -> Task<> {
    Event release;
    const auto value = co_await with_timeout(Duration::zero(), [](BlockingPool& p, Event& e) -> Task<int> {
      co_await e;
      co_return co_await p.run([] { return 1; });
    }(pool, release));
    EXPECT_FALSE(value.has_value());
    int last = co_await pool.run([] { return 2; });
    EXPECT_EQ(last, 2);
  });
}

}  // namespace
}  // namespace gw
