// The threads that serve: one loop each, nothing shared between them on the hot path.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "runtime/loop.h"
#include "runtime/task_group.h"

namespace gw {

class Workers {
 public:
  // Makes `count` (at least 1) loops; no thread runs yet, so everything may be wired from the calling thread. `name`
  // (at most 10 characters) and a number are the names of the threads.
  explicit Workers(std::size_t count, const char* name = "worker");
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t size() const;
  Loop& loop(std::size_t index);

  // Starts a thread per loop; all signals are blocked in them.
  void start();
  // Stops the loops and joins the threads. Idempotent. Afterwards their objects may be destroyed from this thread.
  void stop();

  // Runs `function(index)` on each worker's thread; returns at once.
  void post_to_all(const std::function<void(std::size_t index)>& function);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw
