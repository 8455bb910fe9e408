#include "process/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "process/local_port.h"
#include "process/test_support.h"
#include "runtime/race.h"

namespace gw::process {
namespace {

using namespace testing_support;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

// A server that listens where PORT says and accepts nothing: enough to be ready.
constexpr const char* listener =
    "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1:$ENV{PORT}\", Listen => 5) "
    "or "
    "exit 7; sleep 1 while 1'";

model::Adapter adapter(std::string script, std::uint32_t replicas = 1) {
  model::Adapter result;
  result.uid = "uid";
  result.spec.name = "git";
  result.spec.replica_count = replicas;
  result.spec.command = {.command = "sh", .args = {"-c", std::move(script)}, .cwd = "/"};
  return result;
}

// A supervisor on the test's loop.
struct Scene {
  explicit Scene(Launcher& launcher, SupervisorOptions options = quick())
      : supervisor(launcher, logs, {.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}}}, options,
                   [this](const std::string&) {
                     if (watch) watch();
                     changed.set();
                   }) {}

  static SupervisorOptions quick() {
    return {.start_timeout = patience,
            .drain_timeout = milliseconds(1),
            .stop_grace = {.after_terminate = patience},
            .backoff = {.first = milliseconds(1), .longest = milliseconds(4)}};
  }

  std::vector<InstanceStatus> status() const { return supervisor.status("git"); }
  std::size_t count(InstanceState state) const {
    return static_cast<std::size_t>(std::ranges::count(status(), state, &InstanceStatus::state));
  }
  bool all_ready(std::size_t replicas) const {
    return status().size() == replicas && count(InstanceState::ready) == replicas;
  }
  template <class Condition>
  Task<> until(Condition condition) {
    while (!condition()) {
      changed.reset();
      co_await changed;
    }
  }
  std::string log_text() const {
    std::string text;
    if (const auto ring = logs.find("git", 0)) {
      for (const auto& line : ring->tail(1000)) text += line.text + "\n";
    }
    return text;
  }

  LogBook logs;
  Event changed;
  std::function<void()> watch;
  Supervisor supervisor;
};

std::set<std::string> endpoints(const std::vector<InstanceStatus>& all) {
  std::set<std::string> ids;
  for (const auto& status : all) ids.insert(status.endpoint_id);
  return ids;
}

TEST(Supervisor, StartsEachReplicaOnAPortOfItsOwn) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    scene.supervisor.apply(adapter(listener, 3));
    co_await scene.until([&] { return scene.all_ready(3); });
    std::set<std::uint16_t> ports;
    for (const auto& status : scene.status()) {
      EXPECT_TRUE(accepts_connections(status.port));
      EXPECT_TRUE(alive(status.pid));
      EXPECT_EQ(status.restarts, 0u);
      EXPECT_EQ(status.last_error, "");
      ports.insert(status.port);
    }
    EXPECT_EQ(ports.size(), 3u);
    EXPECT_EQ(endpoints(scene.status()).size(), 3u);
  });
}

TEST(Supervisor, AKilledReplicaIsStartedAgainAsAnotherEndpoint) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    scene.supervisor.apply(adapter(listener));
    co_await scene.until([&] { return scene.all_ready(1); });
    const auto before = scene.status().front();
    ::kill(before.pid, SIGKILL);
    co_await scene.until([&] { return scene.all_ready(1) && scene.status().front().pid != before.pid; });
    const auto after = scene.status().front();
    EXPECT_NE(after.endpoint_id, before.endpoint_id);
    EXPECT_EQ(after.restarts, 1u);
    EXPECT_EQ(after.last_error, "the process was killed by SIGKILL (Killed)");
    EXPECT_THAT(scene.log_text(), HasSubstr("the process was killed by SIGKILL (Killed); next start in"));
  });
}

TEST(Supervisor, ACrashLoopIsCalledFailedAndGoesOnTrying) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    bool backed_off = false;
    scene.watch = [&] { backed_off |= scene.count(InstanceState::backoff) > 0; };
    scene.supervisor.apply(adapter("echo oops >&2; exit 3"));
    co_await scene.until([&] { return scene.count(InstanceState::failed) == 1; });
    EXPECT_TRUE(backed_off);
    EXPECT_EQ(scene.status().front().last_error, "the process exited with status 3 before it accepted connections");
    EXPECT_EQ(scene.status().front().port, 0);
    co_await scene.until([&] { return scene.status().front().restarts > 6; });
    EXPECT_THAT(scene.log_text(), HasSubstr("oops\n"));
    // The remedy: a change is taken up at once.
    scene.supervisor.apply(adapter(listener));
    co_await scene.until([&] { return scene.all_ready(1); });
  });
}

TEST(Supervisor, ACommandThatIsMissingFailsAtOnceWithTheReason) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    auto missing = adapter("");
    missing.spec.command->command = "no-such-server";
    scene.supervisor.apply(missing);
    co_await scene.until([&] { return scene.count(InstanceState::failed) == 1; });
    EXPECT_EQ(scene.status().front().restarts, 0u);
    EXPECT_THAT(scene.status().front().last_error, HasSubstr("'no-such-server' was not found in PATH"));
  });
}

TEST(Supervisor, AServerThatDoesNotListenIsTold) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto options = Scene::quick();
    options.start_timeout = milliseconds(20);
    Scene scene(launcher, options);
    scene.supervisor.apply(adapter("sleep 1000"));
    co_await scene.until([&] { return !scene.status().empty() && !scene.status().front().last_error.empty(); });
    EXPECT_THAT(scene.status().front().last_error, HasSubstr("did not accept connections on 127.0.0.1:"));
    EXPECT_THAT(scene.status().front().last_error, HasSubstr("HOST and PORT or the argument ${port}"));
  });
}

TEST(Supervisor, ScalingDownDrainsTheLastReplicasAndKeepsTheOthers) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto options = Scene::quick();
    options.drain_timeout = milliseconds(50);
    Scene scene(launcher, options);
    scene.supervisor.apply(adapter(listener, 3));
    co_await scene.until([&] { return scene.all_ready(3); });
    const auto first = scene.status().front();
    const auto last = scene.status().back();
    scene.supervisor.apply(adapter(listener, 1));
    co_await scene.until([&] { return scene.count(InstanceState::draining) == 2; });
    EXPECT_TRUE(accepts_connections(last.port));
    co_await scene.until([&] { return scene.all_ready(1); });
    EXPECT_FALSE(alive(last.pid));
    EXPECT_EQ(scene.status().front(), first);
  });
}

TEST(Supervisor, AChangeReplacesOneReplicaAfterTheOther) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    scene.supervisor.apply(adapter(listener, 3));
    co_await scene.until([&] { return scene.all_ready(3); });
    const auto before = endpoints(scene.status());
    std::size_t fewest_ready = 3;
    std::size_t most = 0;
    scene.watch = [&] {
      fewest_ready = std::min(fewest_ready, scene.count(InstanceState::ready));
      most = std::max(most, scene.count(InstanceState::ready) + scene.count(InstanceState::starting));
    };
    auto changed = adapter(listener, 3);
    changed.spec.environment["VERSION"] = "2";
    scene.supervisor.apply(changed);
    co_await scene.until([&] {
      const auto now = endpoints(scene.status());
      return scene.all_ready(3) && std::ranges::none_of(now, [&](auto& id) { return before.contains(id); });
    });
    EXPECT_EQ(fewest_ready, 3u);
    EXPECT_EQ(most, 4u);
  });
}

TEST(Supervisor, AChangeThatDoesNotWorkLeavesTheOldProcessesServing) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    scene.supervisor.apply(adapter(listener, 2));
    co_await scene.until([&] { return scene.all_ready(2); });
    const auto before = endpoints(scene.status());
    scene.supervisor.apply(adapter("exit 1", 2));
    co_await scene.until([&] { return scene.count(InstanceState::failed) == 1; });
    EXPECT_EQ(scene.count(InstanceState::ready), 2u);
    EXPECT_EQ(std::ranges::count(scene.status(), true, &InstanceStatus::updated), 1) << "the one that failed";
    scene.supervisor.apply(adapter(listener, 2));  // Taken back.
    co_await scene.until([&] { return scene.all_ready(2); });
    EXPECT_EQ(endpoints(scene.status()), before);
  });
}

TEST(Supervisor, ARemovedAdapterLeavesNothing) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    scene.supervisor.apply(adapter(listener));
    co_await scene.until([&] { return scene.all_ready(1); });
    const auto before = scene.status().front();
    scene.supervisor.remove("git");
    co_await scene.until([&] { return scene.status().empty(); });
    EXPECT_FALSE(alive(before.pid));
    EXPECT_FALSE(accepts_connections(before.port));
    EXPECT_EQ(scene.logs.find("git", 0), nullptr);
  });
}

TEST(Supervisor, ADisabledAdapterHasNoProcessAndKeepsItsLog) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    scene.supervisor.apply(adapter(listener));
    co_await scene.until([&] { return scene.all_ready(1); });
    auto disabled = adapter(listener);
    disabled.spec.enabled = false;
    scene.supervisor.apply(disabled);
    co_await scene.until([&] { return scene.status().empty(); });
    EXPECT_THAT(scene.log_text(), HasSubstr("stopped by the gateway; the process was killed by SIGTERM"));
  });
}

TEST(Supervisor, StdioAdaptersAreNotItsBusiness) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    auto stdio = adapter("cat");
    stdio.spec.transport = model::Transport::stdio;
    scene.supervisor.apply(stdio);
    co_await yield();
    EXPECT_TRUE(scene.status().empty());
  });
}

TEST(Supervisor, ShutDownStopsEverythingWithoutDraining) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    auto options = Scene::quick();
    options.drain_timeout = std::chrono::hours(1);
    Scene scene(launcher, options);
    scene.supervisor.apply(adapter(listener, 2));
    co_await scene.until([&] { return scene.all_ready(2); });
    const auto before = scene.status();
    scene.supervisor.apply(adapter(listener, 1));
    co_await scene.until([&] { return scene.count(InstanceState::draining) == 1; });
    co_await scene.supervisor.shut_down();
    EXPECT_TRUE(scene.status().empty());
    for (const auto& status : before) EXPECT_FALSE(alive(status.pid));
  });
}

TEST(Supervisor, AStartThatIsUnderWayCanBeGivenUp) {
  run_with_launcher([](Launcher& launcher) -> Task<> {
    Scene scene(launcher);
    scene.supervisor.apply(adapter("sleep 1000"));
    co_await scene.until([&] { return scene.count(InstanceState::starting) == 1; });
    scene.supervisor.remove("git");
    co_await scene.until([&] { return scene.status().empty(); });
  });
}

}  // namespace
}  // namespace gw::process
