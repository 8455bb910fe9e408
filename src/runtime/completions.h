// Work that completes although whoever asked for it may leave: changes of a store.
#pragma once

#include <memory>
#include <optional>

#include "runtime/event.h"
#include "runtime/task_group.h"

namespace gw {

// All methods on one loop's thread. Destroying it cancels what still runs.
class Completions {
 public:
  Completions() {
    tasks_.on_idle([this] { idle_.pulse(); });
  }

  // Starts `work` at once and runs it to its end, even if the caller is destroyed. `name`, a literal, is for the log.
  template <class T>
  Task<T> run(const char* name, Task<T> work) {
    struct Outcome {
      std::optional<T> value;
      Event done;
    };
    const auto outcome = std::make_shared<Outcome>();
    constexpr auto finish = [](Task<T> task, std::shared_ptr<Outcome> result) -> Task<> {
      result->value = co_await std::move(task);
      result->done.set();
    };
    tasks_.spawn(name, finish(std::move(work), outcome));
    co_await outcome->done;
    co_return *std::move(outcome->value);
  }

  // The same where nobody asked for it.
  void start(const char* name, Task<> work) { tasks_.spawn(name, std::move(work)); }

  // Ends when nothing is under way.
  Task<> settled() {
    while (tasks_.size() > 0) co_await idle_;
  }

 private:
  Event idle_;
  TaskGroup tasks_;
};

}  // namespace gw
