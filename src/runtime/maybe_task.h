// The result of an operation that usually completes at once: the value itself, or a Task that will give it. Awaiting
// the value costs nothing, which is why what happens with every message returns this instead of a Task.
#pragma once

#include <coroutine>
#include <optional>

#include "runtime/task.h"

namespace gw {

template <class T>
class [[nodiscard]] MaybeTask {
 public:
  MaybeTask(T value) : value_(std::move(value)) {}     // NOLINT: implicit, so that both forms are returned alike.
  MaybeTask(Task<T> task) : task_(std::move(task)) {}  // NOLINT

  bool await_ready() const { return value_.has_value(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) { return task_.start(waiting); }
  T await_resume() { return value_ ? *std::move(value_) : task_.take(); }

  // The task, for who must be able to call it off (runtime/race.h). Only when not await_ready().
  Task<T> take_task() { return std::move(task_); }

 private:
  std::optional<T> value_;
  Task<T> task_;
};

}  // namespace gw
