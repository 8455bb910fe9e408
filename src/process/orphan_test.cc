// Nothing that a gateway started outlives it, whoever is killed.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "process/child.h"
#include "process/launcher.h"
#include "process/process_tree.h"
#include "process/test_support.h"

namespace gw::process {
namespace {

using namespace testing_support;

// Prints the ids of three processes: itself, a plain child, and a daemon with a session and parent of its own.
constexpr const char* family =
    "sleep 1000 & plain=$!; (setsid sh -c 'echo $$ >&9; exec sleep 1000' 9>&1 </dev/null >/dev/null 2>&1 &); "
    "echo $plain; echo $$; wait";

Task<std::vector<pid_t>> read_pids(PipeReader& reader, int count) {
  std::vector<pid_t> pids;
  for (int i = 0; i < count; ++i) {
    const auto line = co_await read_line(reader);
    pids.push_back(std::atoi(line.c_str()));
  }
  co_return pids;
}

std::vector<pid_t> those_alive(const std::vector<pid_t>& pids) {
  std::vector<pid_t> left;
  for (const pid_t pid : pids) {
    if (alive(pid)) left.push_back(pid);
  }
  return left;
}

// What is still alive after a second, or as soon as nothing is.
std::vector<pid_t> survivors(const std::vector<pid_t>& pids) {
  const auto deadline = steady_now() + std::chrono::seconds(1);
  while (!those_alive(pids).empty() && steady_now() < deadline) ::usleep(1000);
  return those_alive(pids);
}

// The process that has `pid` as its child.
pid_t parent_of(pid_t pid) {
  const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat").value();
  return std::atoi(stat.c_str() + stat.rfind(')') + 4);
}

TEST(Orphans, NoneIsLeftWhenTheGatewayIsKilled) {
  int report[2];
  ASSERT_EQ(::pipe(report), 0);
  const pid_t gateway = ::fork();
  if (gateway == 0) {
    run_with_launcher([&](Launcher& launcher) -> Task<> {
      const auto one = co_await started(launcher, shell(family));
      const auto two = co_await started(launcher, shell(family));
      for (const auto* child : {&one, &two}) {
        const auto pids = co_await read_pids((*child)->output(), 3);
        [[maybe_unused]] const auto n = ::write(report[1], pids.data(), 3 * sizeof(pid_t));
      }
      co_await sleep_for(std::chrono::hours(1));
    });
    ::_exit(0);
  }
  std::vector<pid_t> pids(6);
  for (int half = 0; half < 2; ++half) {
    ASSERT_EQ(::read(report[0], pids.data() + 3 * half, 3 * sizeof(pid_t)), ssize_t{3 * sizeof(pid_t)});
  }
  ASSERT_EQ(those_alive(pids), pids);
  ::kill(gateway, SIGKILL);
  ::waitpid(gateway, nullptr, 0);
  EXPECT_EQ(survivors(pids), std::vector<pid_t>{});
  ::close(report[0]);
  ::close(report[1]);
}

TEST(Orphans, TheWholeTreeIsGoneWhenAnExitIsReported) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell(family));
    const auto pids = co_await read_pids(child->output(), 3);
    EXPECT_EQ(those_alive(pids), pids);
    ::kill(child->pid(), SIGTERM);  // Only the shell, and from outside.
    co_await child->exited();
    EXPECT_EQ(child->status().signal(), SIGTERM);
    EXPECT_EQ(those_alive(pids), std::vector<pid_t>{});
  });
}

TEST(Orphans, DestroyingAChildKillsItsTreeAndNoOther) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto child = co_await started(launcher, shell(family));
    const auto other = co_await started(launcher, shell(family));
    const auto pids = co_await read_pids(child->output(), 3);
    const auto other_pids = co_await read_pids(other->output(), 3);
    child.reset();
    co_await yield();  // The request goes out in the next round of the loop.
    co_await yield();
    EXPECT_EQ(survivors(pids), std::vector<pid_t>{});
    EXPECT_EQ(those_alive(other_pids), other_pids);
  });
}

TEST(Orphans, AKilledKeeperTakesItsTreeWithIt) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell(family));
    const auto pids = co_await read_pids(child->output(), 3);
    ::kill(parent_of(child->pid()), SIGKILL);
    co_await child->exited();
    EXPECT_EQ(child->status().signal(), SIGKILL);
    EXPECT_EQ(survivors(pids), std::vector<pid_t>{});
    const auto next = co_await started(launcher, shell("echo still here"));
    const auto text = co_await read_all(next->output());
    EXPECT_EQ(text, "still here\n");
  });
}

TEST(Orphans, AKilledLauncherIsReplaced) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell(family));
    const auto pids = co_await read_pids(child->output(), 3);
    const pid_t keeper = parent_of(child->pid());
    ::kill(parent_of(keeper), SIGKILL);
    co_await child->exited();
    EXPECT_EQ(child->status().signal(), SIGKILL);
    EXPECT_EQ(survivors(pids), std::vector<pid_t>{});
    // A start that the old launcher swallowed, or that the new one finds on its arrival, fails and may be repeated.
    auto next = co_await launcher.spawn(*Loop::current(), shell("echo again"));
    while (!next) {
      EXPECT_EQ(next.error().code(), Errc::unavailable);
      next = co_await launcher.spawn(*Loop::current(), shell("echo again"));
    }
    const auto text = co_await read_all((*next)->output());
    EXPECT_EQ(text, "again\n");
  });
}

TEST(Orphans, WithoutAnyLauncherStartsAreRefused) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    const auto child = co_await started(launcher, shell(family));
    const auto pids = co_await read_pids(child->output(), 3);
    const pid_t server = parent_of(parent_of(child->pid()));
    ::kill(launcher.pid(), SIGKILL);
    ::kill(server, SIGKILL);
    co_await child->exited();
    EXPECT_EQ(survivors(pids), std::vector<pid_t>{});
    const auto refused = co_await launcher.spawn(*Loop::current(), shell("true"));
    EXPECT_EQ(refused.error().code(), Errc::unavailable);
  });
}

}  // namespace
}  // namespace gw::process
