// A few threads for calls that block: SQLite, getaddrinfo, reading files.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "runtime/event.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace gw {

class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads);
  // Waits for the functions that run; those that have not begun are dropped.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Runs `function` on a thread of the pool, in the order of the calls when the pool has one thread. Thread-safe.
  void submit(std::function<void()> function);

  // Runs `function` there and resumes the caller with its value on the caller's loop. Completes once begun: destroying
  // the task abandons the value, not the call, so `function` must own what it uses. It must not throw.
  template <class F>
  Task<std::invoke_result_t<F>> run(F function) {
    using T = std::invoke_result_t<F>;
    struct Call {
      std::optional<T> value;
      Event done;
      bool abandoned = false;
    };
    const auto call = std::make_shared<Call>();
    struct Abandon {
      std::shared_ptr<Call> call;
      ~Abandon() { call->abandoned = true; }
    } abandon{call};
    submit([call, function = std::move(function), loop = Loop::current()]() mutable {
      call->value.emplace(function());
      loop->post([call = std::move(call)] {
        if (!call->abandoned) call->done.set();
      });
    });
    co_await call->done;
    co_return *std::move(call->value);
  }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw
