// What the supervisor reports about one process of an adapter: a value.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/time.h"

namespace gw::process {

enum class InstanceState {
  starting,  // Does not accept connections yet.
  ready,     // Takes sessions.
  draining,  // Serves the sessions that it has, for a while; takes no new ones.
  backoff,   // Has ended; will be started again.
  failed,    // Has ended again and again, or cannot be started; will be tried again, ever more rarely.
  stopped,   // Ended because the gateway wanted it.
};

std::string_view to_string(InstanceState state);

struct InstanceStatus {
  std::uint32_t instance = 0;  // 0 … replica count - 1. Twice in a list while one process replaces another.
  std::string endpoint_id;     // Random for each start of a process: a session that names another one is lost.
  InstanceState state = InstanceState::starting;
  std::uint16_t port = 0;  // On 127.0.0.1; 0 when no process runs, as is `pid`.
  pid_t pid = 0;
  std::uint32_t restarts = 0;
  std::string last_error;  // One sentence; stays after a successful restart.
  WallTime started_at{};   // Of the present or last process.
  bool updated = true;     // It runs what the adapter says now, not what it said before a change.

  bool operator==(const InstanceStatus&) const = default;
};

}  // namespace gw::process
