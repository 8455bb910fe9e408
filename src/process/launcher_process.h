// The process that starts processes: forked from the gateway before it has threads, or secrets in memory.
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "process/unique_fd.h"

namespace gw::process {

// Owns the launcher. When this object is destroyed, or the gateway ends in any way, every process that the launcher
// started is killed, and so is everything that descends from those (docs/processes.md).
class LauncherProcess {
 public:
  // Call it early in main(), while the program has one thread. Also makes the program ignore SIGPIPE, which writing to
  // a child's standard input could raise. Errc::internal when the system refuses a process or a socket.
  static Result<LauncherProcess> start();

  LauncherProcess(LauncherProcess&& other) noexcept;
  LauncherProcess& operator=(LauncherProcess&&) = delete;
  // Waits until all of them are gone, for two seconds at most.
  ~LauncherProcess();

  int socket() const { return socket_.get(); }  // Non-blocking.
  pid_t pid() const { return pid_; }

 private:
  LauncherProcess(UniqueFd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}

  UniqueFd socket_;
  pid_t pid_;
};

}  // namespace gw::process
