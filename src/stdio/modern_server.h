// The modern side of a stdio server: whether it has one, and the one process that serves all modern requests.
#pragma once

#include <memory>
#include <optional>

#include "mcp/era.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"
#include "stdio/child_runner.h"
#include "stdio/modern_mux.h"
#include "stdio/options.h"
#include "stdio/start_backoff.h"

namespace gw::stdio {

struct ModernChild {
  ModernChild(ChildStarter& starter, const BridgeOptions& options)
      : runner(starter, options.max_message), mux(runner) {}

  ChildRunner runner;
  ModernMux mux;
};

// Belongs to one loop.
class ModernServer {
 public:
  // `starter` must outlive this.
  ModernServer(Loop& loop, ChildStarter& starter, BridgeOptions options);
  ~ModernServer();

  // The newest era that the server speaks. The first call asks a process that is started for that only; its answer
  // holds for the life of this object. A server that gave none in time counts as legacy for a minute.
  Task<mcp::Era> era();

  // The process for modern requests, started when there is none. Errc::unavailable while a server that cannot start is
  // left alone for a while.
  Result<std::shared_ptr<ModernChild>> child();

  // Ends the process, whose calls are answered with errors, and a probe; child() fails from now on.
  void stop();

  std::size_t children() const { return tasks_.size(); }
  const StartBackoff& starts() const { return backoff_; }
  // Set while no process runs.
  Event& quiet() { return quiet_; }

 private:
  struct Ending;
  struct Listener;

  Task<> probe();
  Task<> serve(std::shared_ptr<ModernChild> child);
  void spawn(const char* name, Task<> task);
  void sweep();

  ChildStarter& starter_;
  const BridgeOptions options_;
  std::optional<mcp::Era> era_;
  SteadyTime era_expires_ = never;
  bool stopped_ = false;
  ChildRunner* probe_ = nullptr;  // While a probe runs.
  Event probed_;
  StartBackoff backoff_;
  std::shared_ptr<ModernChild> child_;
  SteadyTime last_used_{};
  Event quiet_;
  Timer sweeper_;
  TaskGroup tasks_;  // Last: its tasks use everything above.
};

}  // namespace gw::stdio
