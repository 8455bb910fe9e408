// A keeper: the process between the launcher and one child. It is the subreaper of the child's tree, which makes "the
// whole tree of this child" an exact set, whatever the processes in it do to their groups, sessions and parents.
//
// It reports to the gateway over the launcher's socket, kills what is left when the child ends, and ends itself when
// nothing is left. When the launcher dies, the kernel tells it to kill everything; when it dies itself, the kernel
// kills the child, and the launcher inherits and kills the rest.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "process/wire.h"

namespace gw::process {

// The signals that a keeper obeys; all others are blocked, so that a SIGTERM to every process of a service means
// nothing to it.
inline constexpr int keeper_terminate = SIGUSR1;  // SIGTERM to the child's group.
inline constexpr int keeper_kill = SIGUSR2;       // SIGKILL to the whole tree.

// The body of a keeper, run in a process just forked by `launcher`, with all signals blocked and no descriptors but
// `socket` and those of the request.
[[noreturn]] void keep(int socket, pid_t launcher, wire::Message request);

}  // namespace gw::process
