#include "stdio/child_runner.h"

#include <gtest/gtest.h>

#include "runtime/task_group.h"
#include "testing/run.h"

namespace gw::stdio {
namespace {

struct Events final : ChildEvents {
  std::string gone;
  void from_child(const mcp::Message&) override {}
  void child_gone(std::string_view why) override { gone = why; }
};

// A server that always has written something, and never reads.
class Chatty final : public ChildProcess, public ChildStarter {
 public:
  Task<Result<std::unique_ptr<ChildProcess>>> start() override { co_return std::make_unique<Chatty>(); }
  Task<Result<std::size_t>> read(std::span<char> buffer) override {
    buffer[0] = '\n';
    co_return 1;
  }
  Task<Result<>> write(std::string) override {
    Event never;
    co_await never;
    co_return Result<>();
  }
  Task<std::string> stop() override { co_return "it exited with status 0"; }
  void keep_log_line(std::string_view) override {}
};

TEST(ChildRunner, AServerThatNeverPausesLeavesTheLoopToOthers) {
  testing::run([]() -> Task<> {
    Chatty starter;
    ChildRunner runner(starter, 1024);
    Events events;
    TaskGroup tasks;
    tasks.spawn("runner", runner.run(events));
    runner.stop();
    while (tasks.size() > 0) co_await yield();
    EXPECT_EQ(events.gone, "it was stopped");
  });
}

TEST(ChildRunner, AServerThatReadsNothingIsStoppedBeforeItsQueueGrowsWithoutBound) {
  testing::run([]() -> Task<> {
    Chatty starter;
    ChildRunner runner(starter, 1024);
    for (std::size_t sent = 0; !runner.stopping() && sent < 100; ++sent) runner.send(std::string(1 << 20, ' '));
    EXPECT_TRUE(runner.congested());
    EXPECT_TRUE(runner.stopping());
    co_return;
  });
}

}  // namespace
}  // namespace gw::stdio
