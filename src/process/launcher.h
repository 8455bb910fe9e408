// Starts local processes that never outlive the gateway, whatever ends it (docs/processes.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/error.h"
#include "process/child.h"
#include "process/launcher_process.h"
#include "process/spawn_request.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace gw::process {

// The gateway's side of the launcher. Its socket is served on one loop, the control loop; children may live on any
// loop. Destroy it after all children, when the control loop no longer runs or on that loop.
class Launcher {
 public:
  // At most this many requests wait for the launcher to take them.
  static constexpr std::size_t max_waiting = 1024;

  // On the control loop's thread, or before it runs.
  Launcher(LauncherProcess process, Loop& control);
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  Loop& control() const;
  pid_t pid() const;  // Of the launcher itself.

  // Starts a process; it has been executed when this returns. The child belongs to `loop`, which must be the caller's
  // and must outlive the control loop's thread. A cancelled call leaves no process behind. Thread-safe. Errc::invalid
  // when the command or its directory cannot be used, Errc::too_large for its arguments, Errc::unavailable when the
  // system has no more processes or descriptors, or the launcher is gone.
  Task<Result<std::unique_ptr<Child>>> spawn(Loop& loop, SpawnRequest request);

 private:
  friend class Child;
  struct Impl;
  void terminate(const ProcessState& state);
  void kill(const ProcessState& state);
  void forget(const ProcessState& state);  // Kills it, and nothing more will be reported to `state`.

  std::shared_ptr<Impl> impl_;  // Owned here; functions on their way to the control loop refer to it weakly.
};

}  // namespace gw::process
