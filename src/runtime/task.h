// Task<T>: a coroutine that starts when it is awaited and ends when it returns or is destroyed.
//
// * Destroying a Task that is suspended cancels it: its locals are destroyed, and every awaiter of this program
//   deregisters in its destructor. Nothing is sent to the task; cleaning up is what destructors are for. Hence no
//   public coroutine needs a cancellation parameter, and code between two co_awaits is never interrupted.
// * A Task belongs to the worker thread that started it and is resumed there only.
// * Parameters taken by reference must outlive the Task: the caller awaits it, so its own locals do.
// * An exception that leaves the coroutine is rethrown by co_await. Expected failures are Result, not exceptions.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "runtime/frame_pool.h"

namespace gw {

template <class T = void>
class Task;

namespace detail {

struct TaskPromiseBase : PooledFrame {
  std::coroutine_handle<> continuation;
  std::exception_ptr exception;

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      return done.promise().continuation;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return *std::move(value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { reset(); }

  explicit operator bool() const { return static_cast<bool>(handle_); }

  // Destroys the coroutine. It must be suspended: never call this from inside it.
  void reset() {
    if (auto handle = std::exchange(handle_, nullptr)) handle.destroy();
  }

  // For awaiters that drive a task themselves (runtime/race.h). Starts it; `continuation` is resumed at its end.
  std::coroutine_handle<> start(std::coroutine_handle<> continuation) {
    handle_.promise().continuation = continuation;
    return handle_;
  }
  bool done() const { return handle_.done(); }
  T take() { return handle_.promise().take(); }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Task& task;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept { return task.start(waiting); }
      T await_resume() { return task.take(); }
    };
    return Awaiter{*this};
  }

 private:
  Handle handle_;
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
}  // namespace detail

}  // namespace gw
