// What the tests of this module share: a launcher on the test's loop, children made of shell text.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <stdexcept>
#include <string>

#include "base/files.h"
#include "process/launcher.h"
#include "runtime/event.h"
#include "testing/run.h"

namespace gw::process::testing_support {

// Everything that a test of this module does with processes is over within this time, also on a loaded machine.
inline constexpr Duration patience = std::chrono::seconds(20);

inline LauncherProcess start_launcher() {
  auto process = LauncherProcess::start();
  EXPECT_TRUE(process.has_value());
  return std::move(*process);
}

// Runs `body(launcher)` on a loop with a launcher of its own.
template <class Body>
void run_with_launcher(Body body) {
  auto process = start_launcher();
  gw::testing::run([&]() -> Task<> {
    Launcher launcher(std::move(process), *Loop::current());
    co_await body(launcher);
  });
}

inline SpawnRequest shell(std::string script) {
  SpawnRequest request;
  request.name = "test/0";
  request.command = "sh";
  request.args = {"-c", std::move(script)};
  request.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
  return request;
}

inline Task<std::unique_ptr<Child>> started(Launcher& launcher, SpawnRequest request) {
  auto child = co_await launcher.spawn(*Loop::current(), std::move(request));
  if (!child) throw std::runtime_error(child.error().message());  // Fails the test.
  co_return std::move(*child);
}

// Everything until the end of the output.
inline Task<std::string> read_all(PipeReader& reader) {
  std::string text;
  char block[4096];
  while (true) {
    const auto n = co_await reader.read(block);
    if (!n || *n == 0) co_return text;
    text.append(block, *n);
  }
}

inline Task<std::string> read_line(PipeReader& reader) {
  std::string text;
  char c = 0;
  while (true) {
    const auto n = co_await reader.read({&c, 1});
    if (!n || *n == 0 || c == '\n') co_return text;
    text.push_back(c);
  }
}

// False for a process that is gone or a zombie.
inline bool alive(pid_t pid) {
  const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!stat) return false;
  const auto name_end = stat->rfind(')');
  return name_end + 2 < stat->size() && (*stat)[name_end + 2] != 'Z';
}

}  // namespace gw::process::testing_support
