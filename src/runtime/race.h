// Ending a task early: when something else happens first, the task is destroyed where it is suspended.
#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <variant>

#include "runtime/loop.h"
#include "runtime/task.h"

namespace gw {

// Runs a task that may be called off. `co_await race` gives the task's value, or nothing when call_off() came first.
//
//   Race<Answer> race(ask());
//   stream.on_hangup([&] { race.call_off(); });
//   auto answer = co_await race;
//
// call_off() belongs to the task's thread and must not be called by the task itself; it destroys the task at once and
// resumes the waiter from the loop. Before the start and after the end it does nothing.
template <class T>
class Race : Resumable {
 public:
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  explicit Race(Task<T> task) : task_(std::move(task)) {}

  void call_off() {
    if (!running_) return;
    running_ = false;
    task_.reset();
    Loop::current()->resume_soon(*this);
  }

  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> handle) {
    waiting = handle;
    running_ = true;
    return task_.start(handle);
  }
  std::optional<Value> await_resume() {
    running_ = false;
    if (!task_) return {};
    if constexpr (std::is_void_v<T>) {
      task_.take();
      return Value{};
    } else {
      return task_.take();
    }
  }

 private:
  Task<T> task_;
  bool running_ = false;
};

// The task's value, or nothing when it took longer than `longest`.
template <class T>
Task<std::optional<typename Race<T>::Value>> with_timeout(Duration longest, Task<T> task) {
  Race<T> race(std::move(task));
  Timer timer(*Loop::current(), [&race] { race.call_off(); });
  timer.arm(steady_now() + longest);
  co_return co_await race;
}

}  // namespace gw
