// Owns tasks that nobody awaits: every task of the program is either awaited or in a group.
#pragma once

#include <functional>
#include <memory>

#include "runtime/task.h"

namespace gw {

// All methods on one loop's thread. Destroying the group cancels what still runs in it; it must not be destroyed by one
// of its own tasks.
class TaskGroup {
 public:
  TaskGroup();
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task` at once, on the caller's stack until its first suspension. An exception that leaves it is logged as
  // `task.failed` with `name`, which must be a literal.
  void spawn(const char* name, Task<> task);

  std::size_t size() const;
  // Called each time the last task ends.
  void on_idle(std::function<void()> function);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace gw
