#include "runtime/event.h"

#include "base/check.h"

namespace gw {
namespace {

Loop& this_loop() {
  Loop* const loop = Loop::current();
  GW_CHECK(loop != nullptr);
  return *loop;
}

class TimerAwaiter : Resumable {
 public:
  explicit TimerAwaiter(Duration wait) : wait_(wait), timer_(this_loop(), [this] { waiting.resume(); }) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting = handle;
    timer_.arm(steady_now() + wait_);
  }
  void await_resume() const {}

 private:
  Duration wait_;
  Timer timer_;
};

class YieldAwaiter : Resumable {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting = handle;
    this_loop().resume_soon(*this);
  }
  void await_resume() const {}
};

}  // namespace

void Event::Awaiter::await_suspend(std::coroutine_handle<> handle) {
  waiting = handle;
  event_.waiters_.push_back(*this);
}

void Event::set() {
  set_ = true;
  pulse();
}

void Event::pulse() {
  waiters_.for_each([](Resumable& waiter) { this_loop().resume_soon(waiter); });
}

Task<> sleep_for(Duration wait) {
  co_await TimerAwaiter(wait);
}

Task<> yield() {
  co_await YieldAwaiter();
}

}  // namespace gw
