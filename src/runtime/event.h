// Waiting for something that happens on the same loop.
#pragma once

#include <coroutine>

#include "runtime/intrusive_list.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace gw {

// A flag that tasks can wait for. Waiters are resumed by the loop, never inside set(), in the order in which they came.
// Use it from one loop only. Destroying it while tasks wait is an error of the owner.
class Event {
 public:
  bool is_set() const { return set_; }
  void set();
  void reset() { set_ = false; }
  // Resumes the present waiters without leaving the flag set.
  void pulse();

  class Awaiter : Resumable {
   public:
    explicit Awaiter(Event& event) : event_(event) {}
    bool await_ready() const { return event_.set_; }
    void await_suspend(std::coroutine_handle<> handle);
    void await_resume() const {}

   private:
    Event& event_;
  };
  // `co_await event;` returns at once when set.
  Awaiter operator co_await() { return Awaiter(*this); }

 private:
  bool set_ = false;
  IntrusiveList<Resumable> waiters_;
};

// Suspends the calling task for `wait`, or until it is destroyed.
Task<> sleep_for(Duration wait);
// Lets everything else that is ready run first.
Task<> yield();

}  // namespace gw
