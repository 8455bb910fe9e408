#include "runtime/loop.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "runtime/workers.h"

namespace gw {
namespace {

TEST(Loop, TimersFireInOrderOfTheirTimes) {
  Loop loop;
  std::string fired;
  Timer late(loop, [&] {
    fired += "late";
    loop.stop();
  });
  Timer early(loop, [&] { fired += "early "; });
  Timer never_due(loop, [&] { fired += "never"; });
  late.arm(steady_now() + std::chrono::milliseconds(2));
  early.arm(steady_now() + std::chrono::milliseconds(1));
  never_due.arm(steady_now());
  never_due.disarm();
  loop.run();
  EXPECT_EQ(fired, "early late");
}

TEST(Loop, ATimerMayDestroyItself) {
  Loop loop;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop, [&] {
    timer.reset();
    loop.stop();
  });
  timer->arm(steady_now());
  loop.run();
  EXPECT_EQ(timer, nullptr);
}

TEST(Loop, PostedFunctionsKeepTheirOrderAcrossThreads) {
  Workers workers(1);
  workers.start();
  std::vector<int> seen;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) workers.loop(0).post([&seen, i] { seen.push_back(i); });
  });
  other.join();
  std::atomic<bool> done = false;
  workers.loop(0).post([&] {
    done = true;
    done.notify_one();
  });
  done.wait(false);
  workers.stop();
  ASSERT_EQ(seen.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST(Loop, ATimerThatIsAlwaysDueLetsOthersRun) {
  Loop loop;
  std::unique_ptr<Timer> greedy;
  greedy = std::make_unique<Timer>(loop, [&] { greedy->arm(loop.now()); });
  greedy->arm(loop.now());
  bool posted = false;
  loop.post([&] { posted = true; });
  for (int round = 0; round < 3; ++round) loop.run_once(Duration::zero());
  EXPECT_TRUE(posted);
}

struct Item final : Expirable {
  int expired = 0;
  void on_expired() override { ++expired; }
};

TEST(Loop, ExpiredItemsAreToldOnce) {
  Loop loop;
  Item due;
  Item later;
  due.deadline = steady_now();
  later.deadline = steady_now() + std::chrono::hours(1);
  loop.add_expirable(due);
  loop.add_expirable(later);
  for (int round = 0; round < 4; ++round) loop.run_once(std::chrono::milliseconds(300));
  EXPECT_EQ(due.expired, 1);
  EXPECT_EQ(later.expired, 0);
}

}  // namespace
}  // namespace gw
