// Runs a coroutine test body on a loop of its own until it ends, and fails the test when that takes unreasonably long.
#pragma once

#include <gtest/gtest.h>

#include "runtime/loop.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace gw::testing {

template <class Body>
void run(Body body, Duration longest = std::chrono::seconds(30)) {
  Loop loop;
  bool done = false;
  bool late = false;
  Timer guard(loop, [&] { late = true; });
  guard.arm(steady_now() + longest);
  TaskGroup group;
  loop.post([&] {
    group.spawn("test", [](Body& b, bool& d) -> Task<> {
      co_await b();
      d = true;
    }(body, done));
  });
  while (!done && !late) loop.run_once(std::chrono::milliseconds(100));
  EXPECT_TRUE(done) << (late ? "the test body did not end in time" : "the test body ended with an exception");
}

}  // namespace gw::testing
