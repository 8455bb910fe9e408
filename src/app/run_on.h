// Waiting, from a thread without a loop, for something to be done on a loop.
#pragma once

#include <functional>
#include <future>

#include "runtime/loop.h"

namespace gw::app {

// Runs `function` on the loop's thread, which must be running, and returns when it has.
inline void run_on(Loop& loop, const std::function<void()>& function) {
  std::promise<void> done;
  loop.post([&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace gw::app
