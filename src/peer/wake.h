// Waking a task that waits on another loop.
#pragma once

#include <memory>
#include <optional>

#include "base/error.h"
#include "runtime/event.h"

namespace gw::peer {

// Registered with whoever wakes it, under a lock that is also held for leaving and for waking: as long as it is there,
// its loop is.
struct Waiter {
  explicit Waiter(Loop& its_loop) : loop(its_loop) {}

  Loop& loop;
  Event woken;
  std::optional<Error> error;
};

inline void wake(const std::shared_ptr<Waiter>& waiter, std::optional<Error> error = {}) {
  waiter->loop.post([waiter, error = std::move(error)] {
    waiter->error = error;
    waiter->woken.set();
  });
}

}  // namespace gw::peer
