#include "runtime/task_group.h"

#include <exception>

#include "base/log.h"
#include "runtime/intrusive_list.h"

namespace gw {
namespace {

// The coroutine at the bottom of a spawned task. It lives in its group's list and frees itself at the end.
struct Root {
  struct promise_type : ListNode, detail::PooledFrame {
    Root get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

}  // namespace

struct TaskGroup::Impl {
  IntrusiveList<Root::promise_type> roots;
  std::size_t size = 0;
  std::function<void()> on_idle;

  void ended() {
    if (--size == 0 && on_idle) on_idle();
  }
};

namespace {

Root run(std::shared_ptr<TaskGroup::Impl> group, const char* name, Task<> task) {
  try {
    co_await std::move(task);
  } catch (const std::exception& error) {
    log::error("task.failed", {{"task", name}, {"error", error.what()}});
  }
  group->ended();
}

}  // namespace

TaskGroup::TaskGroup() : impl_(std::make_shared<Impl>()) {}

TaskGroup::~TaskGroup() {
  impl_->on_idle = nullptr;
  while (!impl_->roots.empty()) {
    auto& promise = impl_->roots.front();
    promise.unlink();
    std::coroutine_handle<Root::promise_type>::from_promise(promise).destroy();
  }
}

void TaskGroup::spawn(const char* name, Task<> task) {
  ++impl_->size;
  const Root root = run(impl_, name, std::move(task));
  impl_->roots.push_back(root.handle.promise());
  root.handle.resume();
}

std::size_t TaskGroup::size() const {
  return impl_->size;
}
void TaskGroup::on_idle(std::function<void()> function) {
  impl_->on_idle = std::move(function);
}

}  // namespace gw
