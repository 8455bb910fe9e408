// The descendants of the calling process, which is a "child subreaper": whatever loses its parent becomes its child,
// even a process that made itself a daemon. So nothing that it started can get away, and having no children means that
// nothing is left.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

#include "runtime/time.h"

namespace gw::process {

using OnReaped = std::function<void(pid_t pid, int wait_status)>;

// Makes the caller a subreaper. 0 or an error number.
int become_subreaper();

// The children of the caller.
std::vector<pid_t> children();

// Reaps the children that have ended. False when there are no children at all.
bool reap(const OnReaped& on_reaped);

// Kills all descendants with SIGKILL and reaps them, again and again until none is left. False when some were still
// there after `longest` (a process in an uninterruptible system call). SIGCHLD must be blocked in the caller.
bool kill_descendants(Duration longest, const OnReaped& on_reaped);

}  // namespace gw::process
