#include "process/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "process/test_support.h"
#include "runtime/race.h"
#include "runtime/workers.h"

namespace gw::process {
namespace {

using namespace testing_support;
using ::testing::HasSubstr;

TEST(Child, TalksThroughItsPipesAndReportsItsExit) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell("read line; echo \"got $line\"; exit 3"));
    EXPECT_TRUE(child->running());
    EXPECT_GT(child->pid(), 0);
    co_await child->input().write("hello\n");
    const auto text = co_await read_all(child->output());
    EXPECT_EQ(text, "got hello\n");
    co_await child->exited();
    EXPECT_EQ(child->status().code(), 3);
    EXPECT_EQ(child->status().words(), "exited with status 3");
  });
}

TEST(Child, KilledBySignalIsSaidInWords) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell("kill -SEGV $$"));
    co_await child->exited();
    EXPECT_EQ(child->status().signal(), SIGSEGV);
    EXPECT_EQ(child->status().words(), "was killed by SIGSEGV (Segmentation fault)");
  });
}

TEST(Child, RefusalsNameTheThingAndTheRemedy) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto request = shell("");
    request.command = "no-such-command";
    auto child = co_await launcher.spawn(*Loop::current(), request);
    EXPECT_FALSE(child.has_value());
    EXPECT_EQ(child.error().code(), Errc::invalid);
    EXPECT_EQ(child.error().field(), "command");
    EXPECT_EQ(child.error().message(),
              "command 'no-such-command' was not found in PATH; install it or give its full path");

    request.command = "/etc/passwd";
    child = co_await launcher.spawn(*Loop::current(), request);
    EXPECT_EQ(child.error().message(), "command '/etc/passwd' cannot be executed: Permission denied");

    request.command = "./no-such-file";
    child = co_await launcher.spawn(*Loop::current(), request);
    EXPECT_EQ(child.error().message(), "command './no-such-file' does not exist, or its interpreter does not");

    request = shell("");
    request.cwd = "/no/such/place";
    child = co_await launcher.spawn(*Loop::current(), request);
    EXPECT_EQ(child.error().field(), "cwd");
    EXPECT_THAT(child.error().message(), HasSubstr("'/no/such/place' cannot be used: No such file"));
  });
}

TEST(Child, SeesTheEnvironmentItWasGivenAndNothingElse) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto request = shell("");
    request.command = "env";
    request.args = {};
    request.environment["GREETING"] = "two words";
    const auto child = co_await started(launcher, request);
    const auto text = co_await read_all(child->output());
    EXPECT_EQ(text, "GREETING=two words\nPATH=/usr/local/bin:/usr/bin:/bin\n");
  });
}

TEST(Child, InheritsNothingButItsThreeStreams) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto request = shell(
        "for fd in /proc/self/fd/*; do echo ${fd##*/}; done; ulimit -c; ulimit -n; pwd; "
        "sed -n 's/^SigBlk:\\t//p; s/^SigIgn:\\t//p' /proc/self/status");
    request.max_open_files = 99;
    request.cwd = "/usr";
    request.input = Input::null;
    const auto child = co_await started(launcher, request);
    const auto text = co_await read_all(child->output());
    // The shell itself opens no further descriptor for the loop above.
    EXPECT_THAT(text, ::testing::MatchesRegex("0\n1\n2\n(3\n)?0\n99\n/usr\n0+\n0+\n"));
  });
}

TEST(Child, ALargeOutputArrivesWhole) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell("head -c 20000000 /dev/zero"));
    std::size_t total = 0;
    std::vector<char> block(65536);
    while (true) {
      const auto n = co_await child->output().read(block);
      if (!n || *n == 0) break;
      total += *n;
    }
    EXPECT_EQ(total, 20'000'000u);
    co_await child->exited();
    EXPECT_TRUE(child->status().success());
  });
}

TEST(Child, AProcessThatDoesNotReadHoldsItsWriterBack) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell("sleep 1000"));
    PipeWriter& input = child->input();
    const std::string message(100'000, 'x');
    while (input.queued() < PipeWriter::max_queued) co_await input.write(message);
    EXPECT_LT(input.queued(), PipeWriter::max_queued + message.size());
    const auto in_time = co_await with_timeout(Duration::zero(), input.write(message));
    EXPECT_FALSE(in_time.has_value());
    EXPECT_LT(input.queued(), PipeWriter::max_queued + message.size());

    child->kill();
    const auto refused = co_await input.write(message);
    EXPECT_EQ(refused.error().code(), Errc::upstream);
  });
}

TEST(Child, WhatIsQueuedIsWrittenBeforeTheInputIsClosed) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell("wc -c"));
    co_await child->input().write(std::string(900'000, 'x'));
    child->input().close();
    const auto late = co_await child->input().write("late");
    EXPECT_EQ(late.error().code(), Errc::invalid);
    const auto text = co_await read_all(child->output());
    EXPECT_EQ(text, "900000\n");
  });
}

TEST(Child, StopIsPoliteFirst) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const StopGrace grace{.after_close = patience, .after_terminate = patience};
    const auto reads = co_await started(launcher, shell("cat; exit 5"));
    auto status = co_await reads->stop(grace);
    EXPECT_EQ(status.code(), 5);

    const auto traps =
        co_await started(launcher, shell("trap 'exit 6' TERM; echo ready; while :; do sleep 0.01; done"));
    co_await read_line(traps->output());
    status = co_await traps->stop({.after_close = std::chrono::milliseconds(1), .after_terminate = patience});
    EXPECT_EQ(status.code(), 6);

    const auto ignores = co_await started(launcher, shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
    co_await read_line(ignores->output());
    status = co_await ignores->stop({std::chrono::milliseconds(1), std::chrono::milliseconds(20)});
    EXPECT_EQ(status.signal(), SIGKILL);
  });
}

TEST(Child, LastWordsAreInTheLogWhenTheExitIsReported) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto request =
        shell("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; printf unfinished >&2; kill -9 $$");
    request.log = std::make_shared<LogRing>(1 << 20);
    const auto child = co_await started(launcher, request);
    co_await child->exited();
    const auto lines = request.log->tail(10'000);
    EXPECT_EQ(lines.size(), 2001u);
    EXPECT_EQ(lines.back().text, "unfinished");
    EXPECT_EQ(lines.back().stream, LogStream::err);
  });
}

TEST(Child, OutputGoesToTheLogWhenAskedTo) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto request = shell("printf 'one\\r\\n\\ntwo\\n'; head -c 10000 /dev/zero | tr '\\0' x");
    request.output = Output::log;
    const auto child = co_await started(launcher, request);
    co_await child->exited();
    const auto lines = request.log->tail(10);
    EXPECT_EQ(lines.size(), 4u);
    if (lines.size() != 4) co_return;
    EXPECT_EQ(lines[0].text, "one");
    EXPECT_EQ(lines[1].text, "");
    EXPECT_EQ(lines[2].text, "two");
    EXPECT_TRUE(lines[3].text.ends_with("x …[cut]"));
    EXPECT_EQ(lines[3].stream, LogStream::out);
  });
}

TEST(Child, ManyLiveOnOtherLoops) {
  constexpr int per_worker = 20;
  auto process = start_launcher();
  Workers workers(3);
  {
    Launcher launcher(std::move(process), workers.loop(0));
    std::atomic<int> left = 3;
    std::atomic<int> good = 0;
    struct Work {
      TaskGroup group;
    };
    std::vector<std::unique_ptr<Work>> work(3);
    for (auto& w : work) w = std::make_unique<Work>();
    workers.start();
    workers.post_to_all([&](std::size_t index) {
      work[index]->group.on_idle([&] {
        --left;
        left.notify_one();
      });
      work[index]->group.spawn("children", [](Launcher& l, std::atomic<int>& count) -> Task<> {
        for (int i = 0; i < per_worker; ++i) {
          const auto child = co_await started(l, shell("echo hi"));
          const auto text = co_await read_all(child->output());
          co_await child->exited();
          count += text == "hi\n" && child->status().success();
        }
      }(launcher, good));
    });
    for (int now = left; now != 0; now = left) left.wait(now);
    workers.stop();
    EXPECT_EQ(good, 3 * per_worker);
  }
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(Child, NoDescriptorLeaks) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    co_await started(launcher, shell("true"));
    const auto before = open_descriptors();
    for (int i = 0; i < 20; ++i) {
      const auto child = co_await started(launcher, shell("cat"));
      co_await child->stop();
      auto missing = shell("");
      missing.command = "no-such-command";
      co_await launcher.spawn(*Loop::current(), missing);
      co_await with_timeout(Duration::zero(), launcher.spawn(*Loop::current(), shell("sleep 1000")));
    }
    co_await yield();
    EXPECT_EQ(open_descriptors(), before);
  });
}

}  // namespace
}  // namespace gw::process
